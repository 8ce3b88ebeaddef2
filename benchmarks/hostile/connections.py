"""Connections that come in numbers, idle, or speak oddly."""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from itertools import count, repeat

from contracts.shorthand import bodies
from hostile.client import KEY, Hostile, connect, event, flood, get, head, numbered, read_status

PLACED = event(bodies("P#c{d:1}")[0])
MANY = 400
CHUNKED = "Transfer-Encoding: chunked"
LONG_BODY = head("POST", "/sandbox/events", KEY, "Content-Length: 5000") + b"\r\n\r\n"


def _opened(port: int, number: int, *, first: bytes = b"") -> list[socket.socket]:
    """So many connections, of those that the server takes, each after its first bytes."""
    connections = []
    for _ in range(number):
        with contextlib.suppress(OSError):
            connection = connect(port)
            connections.append(connection)
            connection.sendall(first)
    return connections


def _close(connections: list[socket.socket]) -> None:
    for connection in connections:
        connection.close()


def _trickle(first: bytes, more: bytes) -> Callable[[int, float], None]:
    """Many connections that send a byte each, twice a second."""

    def run(port: int, until: float) -> None:
        connections = _opened(port, MANY, first=first)
        while time.monotonic() < until:
            time.sleep(0.5)
            for place, connection in enumerate(connections):
                try:
                    connection.sendall(more)
                except OSError:
                    connection.close()
                    with contextlib.suppress(OSError):
                        connections[place] = connect(port)
                        connections[place].sendall(first)
        _close(connections)

    return run


def _churn(port: int, until: float) -> None:
    """Connect and cut, with a reset, in the middle of a request."""
    linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
    while time.monotonic() < until:
        connection = connect(port)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        connection.sendall(PLACED[:-20])
        connection.close()


def _hold(port: int, until: float) -> None:
    """Connections that are open and silent."""
    connections = _opened(port, 1_100)
    while time.monotonic() < until:
        time.sleep(0.1)
    _close(connections)


def _many_at_once(requests: Iterator[bytes]) -> Callable[[int, float], None]:
    """64 connections that never pause."""

    def run(port: int, until: float) -> None:
        connections = _opened(port, 64)
        while time.monotonic() < until:
            for connection in connections:
                connection.sendall(next(requests))
            for connection in connections:
                read_status(connection)
        _close(connections)

    return run


def _behind_one_another(port: int, until: float) -> None:
    """Hundreds of requests before the first reply is read."""
    with connect(port) as connection:
        while time.monotonic() < until:
            connection.sendall(PLACED * 300)
            seen = 0
            while seen < 300:
                chunk = connection.recv(262_144)
                if not chunk:
                    return
                seen += chunk.count(b"HTTP/1.1 ")


def _tiny_chunks(port: int, until: float) -> None:
    body = PLACED.partition(b"\r\n\r\n")[2]
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    request = head("POST", "/sandbox/events", KEY, CHUNKED) + b"\r\n\r\n" + chunks
    flood([request])(port, until)


def _trailers(port: int, until: float) -> None:
    """Trailers that would be headers of the next request on the connection."""
    body = PLACED.partition(b"\r\n\r\n")[2]
    trailers = b"".join(b"X-Trailer-%d: %s\r\n" % (n, b"x" * 1000) for n in range(7))
    request = head("POST", "/sandbox/events", KEY, CHUNKED) + b"\r\n\r\n"
    request += b"%x\r\n%s\r\n0\r\n%s\r\n" % (len(body), body, trailers)
    flood([request])(port, until)


def _many_headers() -> bytes:
    lines = [f"X-Header-{n}: {'x' * 8_000}" for n in range(100)]
    return event(bodies("P#h{d:1}")[0], KEY, *lines)


def _new_world(number: int) -> bytes:
    return event(bodies("P{d:1, p:1}")[0], f"{KEY}_{number}")


CLIENTS = (
    Hostile("many-connections", "64 connections that never pause.", _many_at_once(repeat(PLACED))),
    Hostile(
        "many-keys",
        "The same with a new key for every event.",
        _many_at_once(map(_new_world, count())),
    ),
    Hostile(
        "many-questions",
        "The same with GET /health.",
        _many_at_once(repeat(get("/_mock/v1/health", None))),
    ),
    Hostile("pipelining", "300 requests behind one another on a connection.", _behind_one_another),
    Hostile("slow-heads", f"{MANY} heads that come byte by byte.", _trickle(PLACED[:30], b"x")),
    Hostile(
        "slow-bodies",
        f"{MANY} bodies that come byte by byte.",
        _trickle(LONG_BODY, b" "),
    ),
    Hostile("churn", "Connections that are reset in the middle of a request.", _churn),
    Hostile("silent-connections", "1,100 connections that say nothing.", _hold),
    Hostile(
        "few-open-files",
        "The same where the server may open 256 files.",
        _hold,
        open_files=256,
    ),
    Hostile("tiny-chunks", "Chunked bodies, a byte a chunk.", _tiny_chunks),
    Hostile("trailers", "Chunked bodies with seven kilobytes of trailers.", _trailers),
    Hostile("huge-heads", "100 headers of 8,000 characters.", flood([_many_headers()])),
    Hostile("new-worlds", "A new key with every event.", numbered(_new_world)),
    Hostile("no-key", "Events without a key.", flood([event(b"{}", None)])),
    Hostile(
        "unknown-paths",
        "Control paths that do not exist, with names to guess from.",
        flood([get("/_mock/v1/" + "findinsg" * 900)]),
    ),
)  # fmt: skip
