"""A toy provider behind a real socket: `with toy_server(Provider()) as url`.

It speaks HTTP by hand, so that it can also break it: `behaviour` gets the connection's file and the
request instead of the provider.
"""

import contextlib
import http.server
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from quiet_server import QuietServer
from toy_provider import Provider

from contracts import Request


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Any

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.received.append((self.path, list(self.headers.items()), body))
        if self.server.behaviour is not None:
            self.server.behaviour(self)
            return
        with self.server.lock:
            number = len(self.server.received)
            request = Request(
                "POST", self.path, tuple(self.headers.items()), body, time.time_ns(), "", "",
                monotonic_ns=number * 10**10,
            )  # fmt: skip
            reply = self.server.provider.reply(request)
        if reply.status is None:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in (*reply.headers, *self.server.more_headers):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def toy_server(
    provider: Provider | None = None,
    behaviour: Callable[[Any], None] | None = None,
    more_headers: tuple[tuple[str, str], ...] = (),
) -> Iterator[Any]:
    """A server on loopback; `url` is its address, `received` what came: path, headers, body."""
    server = QuietServer(("127.0.0.1", 0), _Handler)
    server.provider = provider or Provider()
    server.behaviour = behaviour
    server.more_headers = more_headers
    server.received = []
    server.lock = threading.Lock()
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
