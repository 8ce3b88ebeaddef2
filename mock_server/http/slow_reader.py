"""A client that does not read what it is answered: it may be slow, but it must go on."""

import asyncio
from typing import Any

from aiohttp.web_protocol import RequestHandler

READER_SECONDS = 10.0
"""How long a client may leave its reply unread; one that reads slowly has any time."""


class SlowReader(RequestHandler):
    """One connection that is cut where its client stops reading."""

    __slots__ = ("_reader_timer", "_socket", "_unread")

    def __init__(self, manager: Any, **kwargs: Any) -> None:
        super().__init__(manager, **kwargs)
        self._reader_timer: asyncio.TimerHandle | None = None
        self._unread = 0
        self._socket: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport, which aiohttp forgets too early for `connection_lost`."""
        self._socket = transport
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Forget the timer with the connection, and let its transport go.

        In Python 3.11 that holds a method of its own. Such a circle is not found once it is old,
        for old objects are not looked at (`mock_server/event_loop/garbage.py`).
        """
        self._stop_reader_timer()
        if hasattr(self._socket, "_read_ready_cb"):
            self._socket._read_ready_cb = None  # noqa: SLF001
        self._socket = None
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client reads slower than it is answered: from now on it must go on reading."""
        super().pause_writing()
        self._watch_reader()

    def resume_writing(self) -> None:
        """It did."""
        self._stop_reader_timer()
        super().resume_writing()

    def _watch_reader(self) -> None:
        if self.transport is not None:
            self._unread = self.transport.get_write_buffer_size()
            self._reader_timer = self._loop.call_later(READER_SECONDS, self._reader_too_slow)

    def _reader_too_slow(self) -> None:
        """Cut the connection of a client that read nothing at all meanwhile."""
        if self.transport is None:
            return
        if self.transport.get_write_buffer_size() < self._unread:
            self._watch_reader()
        else:
            self.transport.abort()

    def _stop_reader_timer(self) -> None:
        if self._reader_timer is not None:
            self._reader_timer.cancel()
            self._reader_timer = None
