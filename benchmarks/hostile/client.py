"""What a hostile client is, and the few things that all of them do."""

import json
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from measure.pipeline import Pipeline

KEY = "sk_test_hostile"
TIMEOUT = 20.0

Run = Callable[[int, float], None]
"""Do it against a port until a time of `time.monotonic`; OSError may end it earlier."""


@dataclass(frozen=True)
class Hostile:
    """One way to be a burden. `prepare` fills the server beforehand, with good intentions.

    `options` are for `hakuna-mock serve`, `open_files` is the server's limit of open files.
    """

    name: str
    about: str
    run: Run
    prepare: Callable[[int], None] | None = None
    options: tuple[str, ...] = ()
    open_files: int | None = None


def _sleep(_: int, until: float) -> None:
    time.sleep(max(0.0, until - time.monotonic()))


IDLE = Hostile("(nobody)", "Nobody else is there.", _sleep)


def head(method: str, path: str, key: str | None = KEY, *lines: str) -> bytes:
    """The head of a request, up to its last header; without a key it is about all worlds."""
    credentials = [f"Authorization: Bearer {key}"] if key else []
    common = [f"{method} {path} HTTP/1.1", "Host: localhost", "Hakuna-Version: v2.0"]
    common += [] if path.startswith("/_mock/v1") else ["Accept: text/html"]
    return "\r\n".join([*common, *credentials, *lines]).encode()


def get(path: str, key: str | None = KEY) -> bytes:
    """A GET request."""
    return head("GET", path, key) + b"\r\n\r\n"


def post(path: str, body: Any, key: str | None = KEY, *lines: str) -> bytes:
    """A request with a JSON body; bytes are sent as they are."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = ("Content-Type: application/json", *lines, f"Content-Length: {len(data)}")
    return head("POST", path, key, *lines) + b"\r\n\r\n" + data


def event(body: Any, key: str | None = KEY, *lines: str) -> bytes:
    """An event."""
    return post("/sandbox/events", body, key, *lines)


def connect(port: int) -> socket.socket:
    """A connection that waits `TIMEOUT` seconds for each piece."""
    return socket.create_connection(("127.0.0.1", port), TIMEOUT)


def read_status(connection: socket.socket) -> int:
    """The status of a reply, which is read to its end."""
    received = bytearray()
    while True:
        chunk = connection.recv(262_144)
        if not chunk:
            raise ConnectionError("the connection was closed")
        received += chunk
        end = received.find(b"\r\n\r\n")
        if end >= 0:
            fields = bytes(received[:end]).lower()
            length = fields.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
            if len(received) >= end + 4 + int(length or 0):
                return int(received[9:12])


def exchange(connection: socket.socket, request: bytes) -> int:
    """The status of the reply to a request."""
    connection.sendall(request)
    return read_status(connection)


def flood(requests: Iterable[bytes]) -> Run:
    """The requests in turn, each as soon as the one before was answered."""
    prepared = list(requests)

    def run(port: int, until: float) -> None:
        with connect(port) as connection:
            for request in cycle(prepared):
                if time.monotonic() > until:
                    return
                exchange(connection, request)

    return run


def numbered(make: Callable[[int], bytes]) -> Run:
    """Requests that all differ, each as soon as the one before was answered."""

    def run(port: int, until: float) -> None:
        # Another attempt after a cut begins with numbers that were not used.
        number = time.monotonic_ns() // 1000
        with connect(port) as connection:
            while time.monotonic() < until:
                number += 1
                exchange(connection, make(number))

    return run


def send_all(requests: Iterable[bytes]) -> Callable[[int], None]:
    """To prepare a server: every request must be accepted."""
    prepared = list(requests)

    def prepare(port: int) -> None:
        pipeline = Pipeline(port, connections=1)
        statuses = pipeline.send(iter(prepared), len(prepared))
        pipeline.close()
        if max(statuses) >= 300:
            raise SystemExit(f"the server could not be prepared: {statuses}")

    return prepare
