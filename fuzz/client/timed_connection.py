"""HTTP connections with one time limit for a whole request, however slowly it drips.

The standard library's timeout applies to each read: a byte a second would last for ever.
"""

import http.client
import io
import select
import socket
import time
from typing import Any


class _Deadline:
    """The time by which the request under way must be complete."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = 0.0

    def start(self) -> None:
        self._end = time.monotonic() + self.seconds

    def remaining(self) -> float:
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("timed out")
        return seconds


class _TimedReader(io.RawIOBase):
    """The reading end of a socket; each read may take the time that remains."""

    def __init__(self, sock: socket.socket, deadline: _Deadline) -> None:
        self._sock = sock
        # It keeps the socket open until it is closed itself, as http.client expects.
        self._raw = sock.makefile("rb", buffering=0)
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._deadline.remaining())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedSocket:
    """As much of a socket as http.client uses after it is connected."""

    def __init__(self, sock: socket.socket, deadline: _Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def makefile(self, mode: str) -> io.BufferedReader:
        del mode  # always "rb"
        return io.BufferedReader(_TimedReader(self._sock, self._deadline))

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(self._deadline.remaining())
        self._sock.sendall(data)

    def recv(self, size: int) -> bytes:
        self._sock.settimeout(self._deadline.remaining())
        return self._sock.recv(size)

    def has_pending_data(self) -> bool:
        """Whether something can be read though nothing was sent: most likely the end."""
        return bool(select.select([self._sock], [], [], 0)[0])

    def close(self) -> None:
        self._sock.close()


class TimedConnection(http.client.HTTPConnection):
    """A connection whose requests take at most `timeout` seconds each, from `start_timer()` on."""

    timeout: float

    def __init__(self, host: str, port: int | None, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout)
        self._deadline = _Deadline(timeout)

    def limit(self, seconds: float) -> None:
        """From now on a request takes at most so many seconds."""
        self.timeout = self._deadline.seconds = seconds

    def start_timer(self) -> None:
        """A request begins, and with it its time."""
        self._deadline.start()

    def connect(self) -> None:
        """Connect; from here on the timer counts."""
        super().connect()
        self.sock: Any = _TimedSocket(self.sock, self._deadline)

    @property
    def is_open(self) -> bool:
        """Whether it is connected, TLS included: before that no request can have been sent."""
        return isinstance(self.sock, _TimedSocket)


class TimedSecureConnection(TimedConnection, http.client.HTTPSConnection):
    """The same over TLS."""
