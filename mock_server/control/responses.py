"""How the control API answers: JSON, pages of lists, errors that say what to do."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

from aiohttp import web

from contracts.http.credentials import mask_keys, without_live_keys
from contracts.suggestions import hint
from contracts.version import __version__
from mock_server.event_loop.slices import Slices
from mock_server.server_state import SERVER
from mock_server.store.rows import Rows
from mock_server.store.worker_thread import LARGE_BODY

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

DEFAULT_LIMIT, MAX_LIMIT = 100, 1000
PAGE_BYTES = 8 * 1024 * 1024
"""A page ends before it grows beyond this, but never before its first row."""
MAX_WAIT_SECONDS = 60

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class ControlError(Exception):
    """A control request that cannot be answered; becomes a JSON error."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.more = more

    def to_response(self, headers: Mapping[str, str] | None = None) -> web.Response:
        """The error as JSON."""
        detail = {"message": mask_keys(str(self)), **self.more}
        return answered({"error": detail}, status=self.status, headers=headers)


def answered(
    value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """A JSON reply of the control API."""
    return _json(_encoded(value), status, headers)


def _encoded(value: Any) -> bytes:
    """A value as JSON; a live key that came inside a body is not shown."""
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return without_live_keys(text)


def wants_text(request: web.Request) -> bool:
    """Whether plain text is asked for by name."""
    return "text/plain" in request.headers.get("Accept", "").lower()


def as_text(text: str, status: int) -> web.Response:
    """A reply for people who read the output of a build; ends with a line break."""
    encoded = without_live_keys(f"{text}\n".encode("utf-8", "backslashreplace"))
    return _reply(encoded, "text/plain", status, None)


def _json(text: bytes, status: int, headers: Mapping[str, str] | None) -> web.Response:
    return _reply(text, "application/json", status, headers)


def _reply(
    text: bytes, media_type: str, status: int, headers: Mapping[str, str] | None
) -> web.Response:
    return web.Response(
        body=text,
        status=status,
        headers={
            "Content-Type": f"{media_type}; charset=utf-8",
            "Hakuna-Mock": __version__,
            **SECURITY_HEADERS,
            **(headers or {}),
        },
    )


Row = TypeVar("Row")


async def answered_page(
    rows: Rows[Row],
    render: Callable[[int, Row], Any],
    more_headers: Mapping[str, str] | None = None,
) -> web.Response:
    """The rows of a page, as `render` shows them, with the counts; large rows make it shorter.

    `Hakuna-Mock-Next` is the `after` of the next page, where there is one.
    """
    parts: list[bytes] = []
    slices, size = Slices(), 0
    await slices.begin()
    more, last = rows.more, 0
    for number, row in rows.rows:
        part = _encoded(render(number, row))
        if parts and size + len(part) > PAGE_BYTES:
            more = True
            break
        parts.append(part)
        size, last = size + len(part), number
        await slices.pause()
    headers = {
        "Hakuna-Mock-Total": str(rows.total),
        "Hakuna-Mock-Evicted": str(rows.evicted),
        **(more_headers or {}),
    }
    if more:
        headers["Hakuna-Mock-Next"] = str(last)
    return _json(b"[" + b", ".join(parts) + b"]", 200, headers)


def limit_of(request: web.Request) -> int:
    """The `limit` of a list request: 100 by default, 1000 at most."""
    return min(MAX_LIMIT, whole(request, "limit", DEFAULT_LIMIT, least=1, most=2**31))


def after_of(request: web.Request) -> int:
    """The `after` of a list request: a `seq`."""
    return whole(request, "after", 0, least=0, most=2**63)


def whole(request: web.Request, name: str, default: int, *, least: int, most: int) -> int:
    """A whole number from the query."""
    text = request.query.get(name)
    if text is None:
        return default
    digits = text if text.isascii() and text.isdigit() and len(text) < 20 else ""
    if not digits or not least <= int(digits) <= most:
        raise ControlError(400, f"{name} must be a whole number from {least} to {most}")
    return int(digits)


def seconds(request: web.Request, name: str) -> float:
    """A time span from the query, 0 where it is not given."""
    text = request.query.get(name)
    if text is None:
        return 0.0
    try:
        span = float(text)
    except ValueError:
        span = -1.0
    if not 0 <= span <= MAX_WAIT_SECONDS:
        raise ControlError(400, f"{name} must be a number of seconds from 0 to {MAX_WAIT_SECONDS}")
    return span


def choice(request: web.Request, name: str, choices: Iterable[str]) -> str | None:
    """A word from the query that must be one of some, None where it is not given."""
    text = request.query.get(name)
    if text is not None and text not in (known := list(choices)):
        some = known if len(known) < 10 else [*known[:3], "…"]
        raise ControlError(400, f"{name} must be one of {', '.join(some)}{hint(text, known)}")
    return text


def known_parameters(request: web.Request, *names: str) -> None:
    """Refuse query parameters that nobody reads: a misspelt filter would show everything."""
    for name in request.query:
        if name not in (*names, "world"):
            more = hint(name, (*names, "world"))
            raise ControlError(400, f"there is no parameter {name[:40]!r} here{more}")
        if len(request.query.getall(name)) > 1:
            raise ControlError(400, f"{name} appears more than once in the query; send it once")


async def json_body(request: web.Request) -> Any:
    """The JSON body of a control request."""
    from contracts.json_text.parser import JsonFault, parse  # noqa: PLC0415 - only where one is sent
    from mock_server.http.request_body import ClientGoneError, read_body  # noqa: PLC0415

    try:
        body = await read_body(request, MAX_BODY_BYTES)
    except ClientGoneError:
        raise ControlError(400, "the connection broke") from None
    if body.problem:
        raise ControlError(400, body.problem)
    if len(body.data) < LARGE_BODY:
        parsed = parse(body.data)
    else:
        parsed = await request.app[SERVER].worker.run(lambda: parse(body.data))
    if isinstance(parsed, JsonFault):
        raise ControlError(400, parsed.message)
    return parsed.value


MAX_BODY_BYTES = 16 * 1024 * 1024


def not_found(what: str, name: str, known: Sequence[str] = (), *, evicted: int = 0) -> NoReturn:
    """Say that there is no such thing (any more), with the nearest name."""
    gone = f" ({evicted} older ones are gone)" if evicted else ""
    raise ControlError(404, f"there is no {what} {name[:100]!r}{gone}{hint(name, known)}")
