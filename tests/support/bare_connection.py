"""The connection class without a socket: bytes in, and the bytes that it writes."""

import asyncio
import re
from typing import Any, Self

from aiohttp import web

from mock_server.app import create_app
from mock_server.http import connection
from mock_server.http.connection import Connection
from mock_server.server_state import SERVER
from mock_server.settings import Settings

TURNS = 50
"""How often the loop runs before an idle connection counts as one that has no reply to give."""


class Wire(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: Any) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def can_write_eof(self) -> bool:
        return False

    def pause_reading(self) -> None:
        pass

    resume_reading = pause_reading


class BareServer:
    """A server of which each connection is a `Wire`. Without `short_way` each request takes the
    ordinary way through the framework; in a `crowd` each waits for its turn.
    """

    def __init__(
        self, *, short_way: bool, crowd: bool = False, settings: Settings | None = None
    ) -> None:
        self.now = 1_700_000_000_000_000_000
        self.app = create_app(settings or Settings(seed=1), clock=lambda: self.now)
        if crowd:
            self.app[SERVER].turns._has_time = lambda _now: False  # type: ignore[method-assign]
        self._short_way = short_way
        self._runner = web.AppRunner(self.app, access_log=None)
        self.taken = 0
        """Requests that were answered in the short way."""

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await self._connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.wire.close()
        self.connection.connection_lost(None)
        await self._runner.cleanup()

    async def _connect(self) -> None:
        manager: Any = self._runner.server
        loop = asyncio.get_running_loop()
        self.wire = Wire()
        self.connection = Connection(manager, self.app[SERVER], loop=loop, **manager._kwargs)
        self.connection.connection_made(self.wire)
        await asyncio.sleep(0)  # its task begins to wait

    async def say(self, *pieces: bytes) -> bytes:
        """What is written to these pieces, dates aside; a connection that ended is made anew."""
        for piece in pieces:
            before = len(self.wire.written)
            if self._short_way:
                self.connection.data_received(piece)
                self.taken += len(self.wire.written) > before
            else:
                with _ordinary():
                    self.connection.data_received(piece)
        turns = 0
        while not (self.wire.closed or self.connection.hung):
            if self.connection._idle() and (self.wire.written or turns > TURNS):
                break
            turns += 1
            await asyncio.sleep(0 if turns < TURNS else 0.001)
        written = re.sub(rb"\r\nDate: [^\r]+", b"\r\nDate: now", self.wire.written)
        if self.wire.closed or not written:
            written += b"(the end)"
            self.wire.close()
            self.connection.connection_lost(None)
            await self._connect()
        self.wire.written = b""
        return written


class _ordinary:  # noqa: N801 - reads as a word of `with`
    """While it lasts no request counts as a plain one."""

    def __enter__(self) -> None:
        self._old = connection.plain_request
        connection.plain_request = lambda *_: None

    def __exit__(self, *_: object) -> None:
        connection.plain_request = self._old
