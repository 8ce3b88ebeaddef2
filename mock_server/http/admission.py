"""Who may come in: how many connections there are, and what one too many is told."""

import asyncio
from collections.abc import Iterable
from typing import Any

from aiohttp.web_protocol import RequestHandler

from mock_server.http.broken_request import closing_reply
from mock_server.http.slow_reader import SlowReader
from mock_server.server_state import Server
from mock_server.settings import max_refused

CROWD_SECONDS = 0.8
"""How long a connection too many may wait for room before it is refused."""

ROOM_SECONDS = 0.05
"""How often a request on a connection too many asks whether there is room for it."""

MAX_WAITING = 65_536
"""Bytes that such a request may have."""

LINGER_SECONDS = 0.5
"""How long a connection beyond the limit stays, so that its client can read why it is refused."""

FRESH_SECONDS = 1.0
"""A connection is not closed for a silent one before nothing came on it for so long."""

HEALTH = (b"GET /_mock/v1/health", b"HEAD /_mock/v1/health")
"""The request that is answered on connections beyond the limit, too: a full server is healthy."""


class Admission(SlowReader):
    """One connection that makes room for itself, or waits for some, or is refused.

    `hung`: a fault lets it wait for a reply that never comes.
    """

    __slots__ = (
        "_crowded",
        "_for_health",
        "_head_timer",
        "_held",
        "_refused",
        "_sandbox",
        "hung",
    )

    def __init__(self, manager: Any, sandbox: Server, **kwargs: Any) -> None:
        super().__init__(manager, **kwargs)
        self._sandbox = sandbox
        self._head_timer: asyncio.TimerHandle | None = None
        self._held = b""
        self._crowded = self._refused = self._for_health = self.hung = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; where too many are open, one that waits for nothing makes room, or this one."""
        super().connection_made(transport)
        manager, limit = self._manager, self._sandbox.settings.max_connections
        others = manager.connections if manager is not None else []
        if len(others) <= limit:
            return
        beyond = len(others) > limit + max_refused(limit)
        if not beyond and self._found_room(for_request=False):
            return
        self._crowded = True
        self._head_timer = self._loop.call_later(CROWD_SECONDS, self._refuse_the_crowd)
        if beyond:
            self._make_room_beyond(others)

    def _found_room(self, *, for_request: bool) -> bool:
        """Whether another connection went for this one; the oldest is asked first.

        One that was used just now goes for a request only: silent connections, however many, cost
        nobody theirs.
        """
        for connection in self._manager.connections if self._manager is not None else ():
            if not isinstance(connection, Admission) or connection is self:
                continue
            if connection._can_go(used_now=for_request):  # noqa: SLF001
                connection.force_close()
                return True
        return False

    def _make_room_beyond(self, others: Iterable[RequestHandler]) -> None:
        """End a connection that was refused and only lingers, or this one without a word."""
        for item in others:
            if isinstance(item, Admission) and item._refused:  # noqa: SLF001
                item.force_close()
                return
        self.force_close()

    def _can_go(self, *, used_now: bool) -> bool:
        """Whether nobody would miss this connection, `used_now` also where it was used just now:
        a client opens a new one where it is closed between two requests.
        """
        if self.hung:
            return True
        if self.transport is None or self._head_timer is not None or not self._idle():
            return False
        if used_now and self._request_count:
            return True
        last_used = self._next_keepalive_close_time - self._keepalive_timeout
        return self._loop.time() - last_used > FRESH_SECONDS

    def _refuse_the_crowd(self) -> None:
        """Say why this connection is one too many, and end it once that could be read."""
        if self.transport is None or self._head_timer is None:
            return
        self._stop_timer()
        self._refused = True
        self._say_and_end(
            f"hakuna-mock has {self._sandbox.settings.max_connections} connections open, its "
            "limit; reuse or close some, or raise --max-connections"
        )

    def _admitted(self, data: bytes) -> bool:
        """Whether a connection beyond the limit found room by now, or only asks for the server's
        health.
        """
        if self._refused:
            return False
        has_room = self._found_room(for_request=True)
        if not has_room and not data.startswith(HEALTH):
            return False
        self._stop_timer()
        self._crowded = False
        self._for_health = not has_room
        return True

    def _wait_in_the_crowd(self, data: bytes) -> None:
        """Keep a request until there is room for it, or until its time is over."""
        if len(self._held) + len(data) > MAX_WAITING:
            self._refuse_the_crowd()
            return
        waits = bool(self._held)
        self._held += data
        if not waits and not self._refused:
            self._loop.call_later(ROOM_SECONDS, self._ask_again)

    def _ask_again(self) -> None:
        """Look whether there is room for a request by now."""
        if self.transport is not None and self._crowded and not self._refused:
            data, self._held = self._held, b""
            self.data_received(data)

    def _idle(self) -> bool:
        """Whether the connection waits for a request, none being read or answered."""
        if self._messages or self._request_in_progress or self._held:
            return False
        # Before the first request the connection's task may not have begun to wait.
        return self._request_count == 0 or (self._waiter is not None and not self._waiter.done())

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _say_and_end(self, said: str) -> None:
        self._say(said)
        if self.transport is not None and self.transport.can_write_eof():
            self.transport.write_eof()
        self._loop.call_later(LINGER_SECONDS, self.force_close)

    def _say(self, said: str) -> None:
        """Write a refusal past the framework, which knows of no request."""
        reply = closing_reply(self._sandbox, 400, said)
        body = reply.body
        assert isinstance(body, bytes)  # noqa: S101 - made a few lines above
        head = [
            "HTTP/1.1 400 Bad Request",
            *(f"{name}: {value}" for name, value in reply.headers.items()),
            f"Content-Length: {len(body)}",
            "Connection: close",
        ]
        if self.transport is not None:
            self.transport.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
