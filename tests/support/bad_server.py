"""A server on raw sockets that answers every request with bytes of a test's choice."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Talk = Callable[[socket.socket], None]
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def read_request(connection: socket.socket) -> bool:
    """Read one request to its end; False where the client went away."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += (piece := connection.recv(65536))
        if not piece:
            return False
    head, _, body = data.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    while length and len(body) < int(length[1]):
        body += connection.recv(65536)
    return True


def once(*pieces: bytes) -> Talk:
    """Answer one request, and close."""

    def talk(connection: socket.socket) -> None:
        read_request(connection)
        for piece in pieces:
            connection.sendall(piece)

    return talk


def always(reply: bytes, until: int | None = None) -> Talk:
    """The same answer to each request, of `until` requests on one connection."""

    def talk(connection: socket.socket) -> None:
        asked = 0
        while (until is None or asked < until) and read_request(connection):
            connection.sendall(reply)
            asked += 1

    return talk


def endless(start: bytes, piece: bytes, pause: float = 0.0) -> Talk:
    """An answer that never ends."""

    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(start)
        while not _STOPPED.wait(pause) if pause else True:
            connection.sendall(piece)

    return talk


def silent(connection: socket.socket) -> None:
    """No answer at all, until the client goes away."""
    while connection.recv(65536):
        pass


_STOPPED = threading.Event()  # never set: a wait that sleeps


def ok(body: str, *headers: str) -> bytes:
    """A good reply with that body."""
    head = "".join(f"{header}\r\n" for header in headers)
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n{head}\r\n{body}".encode("latin-1")


@contextmanager
def bad_server(talk: Talk) -> Iterator[str]:
    """Its URL while the block lasts."""
    listener = socket.create_server(("127.0.0.1", 0))
    open_ones: list[socket.socket] = []

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            talk(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                open_ones.append(connection)
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        for item in [*open_ones, listener]:
            with suppress(OSError):
                item.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
