"""HTTP/2 by hand, to take connections away from under requests: no library lets a test say when."""
import socket
import struct

DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, ACK, END_HEADERS = 1, 1, 4
PREFACE = 24
# The status 200 and a length of 2, from HPACK's static table.
OK_HEAD = b'\x88\x0f\x0d\x012'


def frame(kind, flags, stream_id, payload=b''):
    return struct.pack('>I', len(payload))[1:] + bytes([kind, flags]) + struct.pack('>I', stream_id) + payload


def http2(stream, peer):
    """Answers each stream with `ok`; after `streams` of them, says that the connection takes no more."""
    limit = peer.plan.get('streams', 1 << 30)
    stream.read_exactly(PREFACE)
    stream.send(frame(SETTINGS, 0, 0))
    taken, last, unanswered = 0, 0, set()
    while True:
        head = stream.read_exactly(9)
        length, kind, flags = int.from_bytes(head[:3], 'big'), head[3], head[4]
        stream_id = int.from_bytes(head[5:], 'big')
        payload = stream.read_exactly(length)
        goodbye = b''
        if kind == SETTINGS and not flags & ACK:
            stream.send(frame(SETTINGS, ACK, 0))
        elif kind == PING and not flags & ACK:
            stream.send(frame(PING, ACK, 0, payload))
        elif kind == RESET:
            unanswered.discard(stream_id)
        elif kind == HEADERS and taken == limit:
            peer.count('refused')
        elif kind == HEADERS:
            peer.count('requests')
            taken, last = taken + 1, stream_id
            unanswered.add(stream_id)
            if taken == limit:
                # In one piece with the answer, so that what the client has sent meanwhile is not looked at.
                goodbye = frame(GOAWAY, 0, 0, struct.pack('>II', last, 0))
        elif kind == DATA and length > 0:
            more = struct.pack('>I', length)
            stream.send(frame(WINDOW_UPDATE, 0, 0, more) + frame(WINDOW_UPDATE, 0, stream_id, more))
        if kind in (HEADERS, DATA) and flags & END_STREAM and stream_id in unanswered:
            unanswered.discard(stream_id)
            goodbye += frame(HEADERS, END_HEADERS, stream_id, OK_HEAD) + frame(DATA, END_STREAM, stream_id, b'ok')
        stream.send(goodbye)
        if taken == limit and not unanswered:
            stream.shut_down(socket.SHUT_WR)
