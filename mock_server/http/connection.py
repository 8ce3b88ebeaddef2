"""The connection itself: what aiohttp would answer on its own becomes the documented error body.

A request that never becomes one (broken framing, headers too long or never finished) is answered
here, within a second, and the connection is closed. What of aiohttp's own is used for that is named
in `aiohttp_internals`.
"""

from collections.abc import Coroutine, Hashable
from typing import Any

from aiohttp import web

from contracts.http.credentials import mask_keys
from mock_server.event_loop.turns import client_of
from mock_server.http.admission import Admission
from mock_server.http.broken_request import closing_reply
from mock_server.http.head_framing import Boundary
from mock_server.http.judged import Judged
from mock_server.http.plain_requests import PlainRequest, judged_now, plain_request, reply_bytes
from mock_server.server_state import Server

HEAD_SECONDS = 0.8
"""How long a client may take for its headers once it has begun."""

MAX_LINE = MAX_FIELD = 8190
"""Bytes of the request line, and of a header's name or value."""

MAX_HEADERS = 128
KEEPALIVE_SECONDS = 75.0
"""How long a connection may wait for its next request."""

END_SECONDS = 0.02
"""How often a connection whose client sends no more is asked whether it is done."""

MAX_REASON = 200  # characters of the parser's reason that a refusal quotes


class Connection(Admission):
    """One connection, with our words for its breakages.

    `ended`: the client will send no more; `cut_off` is the body that this left unfinished. `deaf`:
    nothing more is read, and the connection ends with the reply to what was. `judged`: what became
    of the request that is handled now, where it was judged when its bytes came.
    """

    __slots__ = (
        "_boundary",
        "_broken",
        "_plain",
        "cut_off",
        "deaf",
        "ended",
        "judged",
    )

    def __init__(self, manager: Any, sandbox: Server, **kwargs: Any) -> None:
        super().__init__(manager, sandbox, **kwargs)
        self._boundary = Boundary()
        self._broken = self.ended = self.deaf = False
        self._plain: PlainRequest | None = None
        self.cut_off: Any = None
        self.judged: Judged | Exception | None = None

    def data_received(self, data: bytes) -> None:
        """Take a plain event the short way, and feed everything else to the parser.

        No data is how aiohttp goes on with bytes that its parser kept back for a slow reader.
        """
        if self.deaf:
            super().data_received(b"")
            return
        if self._crowded and not self._admitted(self._held + data):
            self._wait_in_the_crowd(data)
            return
        if self._waits_for_a_head:
            plain = plain_request(data, self._sandbox.settings.max_body)
            if plain is not None:
                self._plain, self._held = plain, data
                self._sandbox.turns.take(self._serve, self._client)
                return
        if not data and not self._fed(data):
            return
        data, self._held, self._plain = self._held + data, b"", None
        self._feed(data)

    def _feed(self, data: bytes) -> None:
        """Feed the parser request by request; a timer runs while a head is incomplete."""
        boundary = self._boundary
        while data and not boundary.lost and not self._is_full:
            piece, data = boundary.cut(data)
            if not self._fed(piece):
                return
        if boundary.lost:  # the parser refuses a preface of HTTP/2 once it is complete
            super().data_received(b"SM\r\n\r\n")
            self._stop_reading()
            return
        self._held = data
        if not boundary.in_head or self._held:
            self._stop_timer()
        elif self._head_timer is None:
            self._head_timer = self._loop.call_later(HEAD_SECONDS, self._head_too_slow)

    @property
    def _waits_for_a_head(self) -> bool:
        """Whether the connection's task waits for a request of which nothing came yet."""
        waiter = self._waiter
        return (
            waiter is not None
            and not waiter.done()
            and not self._messages
            and not self._held
            and self._boundary.is_fresh
            and not self._is_full
            and not self._paused
            and not (self._force_close or self._close or self._upgraded or self.ended)
            and self._sandbox.answers_at_once
        )

    def _client(self) -> Hashable:
        """Who sent the event that has to wait; its connection stays open."""
        self._used_now()
        return client_of(self._plain.headers if self._plain else (), self)

    def _used_now(self) -> None:
        self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout

    def _serve(self) -> None:
        """Answer the event that waited, unless more came behind it and the task has it.

        Where the client is gone it is judged nevertheless: it arrived.
        """
        plain, self._plain = self._plain, None
        if plain is None:
            return
        data, self._held = self._held, b""
        try:
            judged = judged_now(self._sandbox, plain)
            reply = reply_bytes(judged) if judged is not None else None
        except Exception as error:  # noqa: BLE001 - the task says what is said of a fault of ours
            self.judged, reply = error, None
        else:
            self.judged = judged if reply is None else None
        if self.transport is None or self._manager is None:
            return
        if reply is None:  # the task replies
            self._feed(data)
            return
        self._request_count += 1
        self._manager.requests_count += 1
        self._used_now()
        self.transport.write(reply)

    def _stop_reading(self) -> None:
        """Read nothing more, and end the connection once what was read is answered."""
        self.deaf = True
        self._stop_timer()
        self._loop.call_later(END_SECONDS, self._end_when_idle)

    def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> Coroutine[Any, Any, tuple[web.StreamResponse, bool]]:
        """Say in the last reply that the connection ends with it."""
        if self.deaf and not self._messages:
            resp.force_close()
        return super().finish_response(request, resp, start_time)

    @property
    def _is_full(self) -> bool:
        """Whether aiohttp takes no more for now.

        What its parser kept back is fed to it in one go later, and a broken request in it would
        cost the good ones before it their replies.
        """
        return bool(self._reading_paused or self._buffer_paused)

    def _resume_reading_for_buffer(self) -> None:
        """Go on with what was held, too."""
        super()._resume_reading_for_buffer()
        if self._held:
            self.data_received(b"")

    def _fed(self, piece: bytes) -> bool:
        """Feed one piece; False where nothing behind it can be read any more."""
        if self._broken:
            return False
        seen = self._request_count
        super().data_received(piece)
        message, payload = self._messages[-1] if self._request_count != seen else (None, None)
        self._broken = message is not None and not hasattr(message, "headers")
        if self._broken:
            self._stop_timer()
            return False
        self._boundary.fed(piece, message, payload)
        self._stay_http()
        if self._boundary.closing or (self._for_health and message is not None):
            self._stop_reading()
            return False
        return True

    def _stay_http(self) -> None:
        """Decline an upgrade at once, for nothing of ours takes one.

        Left to itself aiohttp keeps what comes behind it, and feeds that in one go: a broken
        request in it would cost the good ones before it their replies.
        """
        if self._upgraded and not self._message_tail and self._parser is not None:
            self._parser.set_upgraded(False)
            self._upgraded = False

    def eof_received(self) -> bool:  # type: ignore[override]
        """The client stopped writing: it may still read, if there is something to answer."""
        if self._crowded:
            self._refuse_the_crowd()
            return True
        if self._head_timer is not None:
            self._head_too_slow()
        self.ended = True
        self._end_the_body()
        if self.transport is None or (self._idle() and self._head_timer is None):
            return False
        self._loop.call_later(END_SECONDS, self._end_when_idle)
        return True

    def _end_the_body(self) -> None:
        """Tell whoever reads a body that the rest of it will not come."""
        body = self._boundary.unfinished
        # While reading is paused some of it is held, here or by the parser.
        if body is not None and not self._is_full and not self._held:
            self.cut_off = body
            body.feed_eof()

    def _end_when_idle(self) -> None:
        """Close the connection once all that was asked on it is answered."""
        if self.transport is None:
            return
        self._end_the_body()
        # Half a head behind the last request is answered by its timer, which then closes.
        if self._idle() and self._head_timer is None:
            self.force_close()
        else:
            self._loop.call_later(END_SECONDS, self._end_when_idle)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Forget the timers with the connection.

        What it asked last is judged in its turn; where too many wait, at once, for then clients ask
        and go faster than they are served.
        """
        self._stop_timer()
        super().connection_lost(exc)
        turns = self._sandbox.turns
        if self._plain is not None and turns.waiting > self._sandbox.settings.max_connections:
            self._serve()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The reply to a request that could not be read, or to a fault of our own."""
        del request
        if status >= 500 and exc is not None:
            place = exc.__traceback__
            while place is not None and place.tb_next is not None:
                place = place.tb_next
            where = f" at {place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else ""
            self.logger.error("internal fault: %s: %s%s", type(exc).__name__, exc, where)
            said = "hakuna-mock itself failed; please report this request"
            return closing_reply(self._sandbox, 500, said)
        return closing_reply(self._sandbox, 400, _broken(message or "it could not be read"))

    def _head_too_slow(self) -> None:
        self._stop_timer()
        if self.transport is None:
            return
        if not self._idle():  # what came before is answered first
            self._head_timer = self._loop.call_later(END_SECONDS, self._head_too_slow)
            return
        self._say(_broken("its headers were never finished"))
        self.force_close()


def _broken(why: str) -> str:
    return f"the HTTP request is broken: {mask_keys(' '.join(why.split())[:MAX_REASON])}"
