"""A client that costs little: kept-alive connections with several requests behind one another.

It hardly slows the server down and takes little time itself; latencies are not its business.
"""

import socket
from collections import Counter
from collections.abc import Iterator
from itertools import islice

PIPELINED = 8
CONNECTIONS = 4


class Connection:
    """A kept-alive connection on which a few requests are under way at once."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._expected = 0
        self._received = b""

    def send(self, batch: list[bytes]) -> None:
        self._expected = len(batch)
        self._socket.sendall(b"".join(batch))

    def statuses(self) -> Counter[int]:
        """The statuses of all that was sent; the end of the last body may still be under way."""
        while self._received.count(b"HTTP/1.1 ") < self._expected:
            chunk = self._socket.recv(262_144)
            if not chunk:
                end = self._received[-500:]
                raise SystemExit(f"the server closed the connection: {end!r}")
            self._received += chunk
        replies = self._received.split(b"HTTP/1.1 ")[1:]
        self._received = b""
        return Counter(int(reply[:3]) for reply in replies)

    def close(self) -> None:
        self._socket.close()


class Pipeline:
    """Several connections to one server."""

    def __init__(self, port: int, connections: int = CONNECTIONS) -> None:
        self._connections = [Connection(port) for _ in range(connections)]

    def send(self, requests: Iterator[bytes], count: int) -> Counter[int]:
        """Send so many of the requests; how often each status was answered."""
        total: Counter[int] = Counter()
        while count > 0:
            used = []
            for connection in self._connections:
                batch = list(islice(requests, min(PIPELINED, count)))
                count -= len(batch)
                if batch:
                    connection.send(batch)
                    used.append(connection)
            if not used:
                break
            for connection in used:
                total += connection.statuses()
        return total

    def close(self) -> None:
        for connection in self._connections:
            connection.close()
