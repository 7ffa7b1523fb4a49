"""What a server does with a connection. Each function is named as the plan's `mode` is."""
import socket
import threading
import time

from http2 import http2
from stream import Ended, Stream, body_length, field

OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'


def http(stream, peer):
    """Answers requests as the plan says, one answer after the other, the last for all that follow."""
    while True:
        head = stream.read_head()
        asks = field(head, 'expect') is not None
        number = peer.count('requests')
        peer.tell('head', text=head)
        if asks and peer.plan.get('refusesQuestion'):
            stream.send(b'HTTP/1.1 417 Expectation Failed\r\nContent-Length: 6\r\n\r\nrefuse')
            continue
        answers = peer.plan.get('answers') or [{}]
        if not answer(stream, peer, head, answers[min(number, len(answers)) - 1]):
            return


def answer(stream, peer, head, plan):
    """Gives one answer; returns whether the connection stays."""
    length = body_length(head)
    read = min(length, plan.get('read', length))
    if read > 0 and field(head, 'expect') and not plan.get('ignoresQuestion'):
        stream.send(b'HTTP/1.1 100 Continue\r\n\r\n')
    if read > 0:
        peer.tell('body', count=read, sha256=stream.digest(read, plan.get('readsSlowly')))
    if plan.get('waits'):
        peer.gate.wait()
    stream.send(plan.get('text', OK).encode('latin-1'))
    send_filling(stream, plan)
    peer.tell('sent')
    then = plan.get('then', 'keep')
    if then == 'reset':
        stream.reset()
    elif then == 'hold':
        stream.drain()
    elif then == 'stop-reading':
        peer.gate.wait()
    elif then == 'linger':
        stream.shut_down(socket.SHUT_WR)
        stream.drain()
    elif then == 'close-later':
        peer.gate.wait()
    return then == 'keep'


def send_filling(stream, plan):
    """Sends what would be too long to be written in a plan."""
    for _ in range(plan.get('pieces', 0)):
        stream.send(b'x' * 100_000)
    for _ in range(plan.get('chunks', 0)):
        stream.send(b'186a0\r\n' + b'x' * 100_000 + b'\r\n')
    while plan.get('trickles'):
        stream.send(b'x')
        time.sleep(0.01)


def mute(stream, peer):
    """Takes a connection and says nothing, not even what TLS begins with."""
    stream.drain()


def blurt(stream, peer):
    """Answers whatever comes with the same bytes."""
    stream.read_some()
    stream.send(peer.plan['text'].encode('latin-1'))
    stream.shut_down(socket.SHUT_WR)
    stream.drain()


def proxy(stream, peer):
    """Makes connections for others, or answers by itself as the plan says."""
    head = stream.read_head()
    peer.count('requests')
    peer.tell('head', text=head)
    if 'text' in peer.plan:
        stream.send(peer.plan['text'].encode('latin-1'))
        return
    if peer.plan.get('then') == 'hold':
        stream.drain()
    host, _, port = head.split(' ')[1].rpartition(':')
    onward = Stream(socket.create_connection((host, int(port))))
    peer.adopt(onward)
    stream.send(b'HTTP/1.1 200 Connection established\r\nX-Proxy: yes\r\n\r\n')
    back = threading.Thread(target=pump, args=(onward, stream), daemon=True)
    back.start()
    pump(stream, onward)
    back.join()


def pump(source, target):
    try:
        while True:
            target.send(source.read_some())
    except Ended:
        pass
    target.shut_down(socket.SHUT_WR)


MODES = {each.__name__: each for each in (http, mute, blurt, proxy, http2)}
