"""A connection to a client, read by heads and bodies."""
import hashlib
import socket
import struct
import time


class Ended(Exception):
    """The client is gone."""


class Stream:
    def __init__(self, connection):
        self.socket = connection
        self.buffer = bytearray()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            raise Ended from None

    def _more(self, limit=1 << 20):
        try:
            data = self.socket.recv(limit)
        except OSError:
            data = b''
        if not data:
            raise Ended
        return data

    def read_head(self):
        """Everything to the empty line, without it."""
        while b'\r\n\r\n' not in self.buffer:
            self.buffer += self._more()
        head, _, rest = bytes(self.buffer).partition(b'\r\n\r\n')
        self.buffer = bytearray(rest)
        return head.decode('latin-1')

    def read_some(self):
        """What has come, at least a byte."""
        data = bytes(self.buffer) or self._more()
        self.buffer.clear()
        return data

    def read_exactly(self, count):
        while len(self.buffer) < count:
            self.buffer += self._more()
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    def digest(self, count, is_slow=False):
        """Reads a body, at a megabyte a second if it is to be slow; returns its SHA-256."""
        piece = 50_000 if is_slow else 1 << 20
        digest = hashlib.sha256()
        left = count
        while left > 0:
            data = bytes(self.buffer[:left]) or self._more(min(left, piece))
            del self.buffer[:left]
            digest.update(data)
            left -= len(data)
            if is_slow:
                time.sleep(len(data) / 1e6)
        return digest.hexdigest()

    def drain(self):
        """Reads until the client is gone."""
        while True:
            self.buffer.clear()
            self._more()

    def shut_down(self, how):
        """As the system does it: a socket with TLS would say goodbye first, under the hands of another thread."""
        try:
            socket.socket.shutdown(self.socket, how)
        except OSError:
            pass

    def reset(self):
        """Makes the close that follows a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))

    def close(self):
        try:
            self.socket.close()
        except OSError:
            pass


def field(head, name):
    """The value of a header, or nothing."""
    for line in head.split('\r\n')[1:]:
        key, _, value = line.partition(':')
        if key.lower() == name:
            return value.strip()
    return None


def body_length(head):
    return int(field(head, 'content-length') or 0)
