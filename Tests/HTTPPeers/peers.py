"""Servers that break in the ways a client must bear, for the tests of KVHTTP.

    python3 peers.py FOLDER

makes certificates in the folder and prints the port of its control socket. A connection to that opens one server of its
own: the first line is the plan, as JSON; events come back as lines of JSON, first the port. A line that comes later is an
order: `go` opens the gate at which answers wait, `ask` brings the counts. With the connection, its server ends; all of
them end with standard input.
"""
import json
import os
import shutil
import socket
import ssl
import sys
import threading

from certificates import make_certificates
from modes import MODES
from stream import Ended, Stream


class Peer:
    def __init__(self, control, plan, folder):
        self.control = control
        self.plan = plan
        self.folder = folder
        self.gate = threading.Event()
        self.lock = threading.Lock()
        self.counts = {'connections': 0, 'requests': 0, 'refused': 0, 'open': 0, 'most': 0}
        self.streams = set()
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if plan.get('hasSmallBuffer'):
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        self.listener.bind(('127.0.0.1', 0))

    def tell(self, event, **fields):
        if not self.plan.get('quiet'):
            self._write(dict(fields, event=event))

    def _write(self, event):
        with self.lock:
            try:
                self.control.sendall((json.dumps(event) + '\n').encode())
            except OSError:
                pass

    def count(self, name, change=1):
        with self.lock:
            self.counts[name] += change
            self.counts['most'] = max(self.counts['most'], self.counts['open'])
            return self.counts[name]

    def adopt(self, stream):
        with self.lock:
            self.streams.add(stream)

    def serve(self, orders):
        if self.plan['mode'] == 'full':
            self._fill()
        elif self.plan['mode'] != 'refuse':
            self.listener.listen(1024)
            threading.Thread(target=self._accept, daemon=True).start()
        self._write({'event': 'listening', 'port': self.listener.getsockname()[1]})
        for order in orders:
            if order.strip() == 'go':
                self.gate.set()
            else:
                self._write(dict(self.counts, event='counts'))

    def _fill(self):
        """Takes all places of a queue that nobody empties, so that whoever connects next waits."""
        self.listener.listen(0)
        self.adopt(Stream(socket.create_connection(self.listener.getsockname())))
        for _ in range(3):
            waiting = socket.socket()
            waiting.setblocking(False)
            waiting.connect_ex(self.listener.getsockname())
            self.adopt(Stream(waiting))

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._handle, args=(connection,), daemon=True).start()

    def _handle(self, connection):
        stream = Stream(connection)
        self.adopt(stream)
        self.count('connections')
        self.count('open')
        self.tell('connected')
        try:
            if 'tls' in self.plan and self.plan['mode'] != 'mute':
                stream.socket = self._context().wrap_socket(
                    connection, server_side=True, do_handshake_on_connect=False)
                stream.socket.do_handshake()
            MODES[self.plan['mode']](stream, self)
            self.tell('finished')
        except (Ended, OSError):
            self.tell('gone')
        finally:
            self.count('open', -1)
            with self.lock:
                self.streams.discard(stream)
            stream.close()
            self.tell('closed')

    def _context(self):
        with self.lock:
            if not hasattr(self, 'context'):
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                if self.plan.get('isOld'):
                    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
                    context.set_ciphers('ALL:@SECLEVEL=0')
                context.load_cert_chain(
                    os.path.join(self.folder, self.plan['tls'] + '.pem'), os.path.join(self.folder, 'server.key'))
                context.set_alpn_protocols(['h2' if self.plan['mode'] == 'http2' else 'http/1.1'])
                self.context = context
            return self.context

    def close(self):
        self.gate.set()
        try:
            # Wakes the thread that accepts.
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        with self.lock:
            streams = list(self.streams)
        for stream in streams:
            stream.shut_down(socket.SHUT_RDWR)


def control(connection, folder):
    with connection, connection.makefile('r') as lines:
        peer = Peer(connection, json.loads(lines.readline()), folder)
        try:
            peer.serve(lines)
        except OSError:
            pass
        finally:
            peer.close()


def main():
    folder = sys.argv[1]
    make_certificates(folder)
    listener = socket.create_server(('127.0.0.1', 0), backlog=1024)
    print(listener.getsockname()[1], flush=True)

    def accept():
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=control, args=(connection, folder), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()
    shutil.rmtree(folder, ignore_errors=True)


main()
