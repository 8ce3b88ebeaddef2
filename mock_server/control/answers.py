"""How the control API answers: JSON, pages of lists, errors that say what to do."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, TypeVar

from aiohttp import web

from contracts.credentials import mask_keys, without_live_keys
from contracts.pointer import nearest
from contracts.version import __version__

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

DEFAULT_LIMIT, MOST = 100, 1000
MOST_SECONDS = 60

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
    """A JSON reply of the control API; a live key that came inside a body is not shown."""
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return web.Response(
        body=without_live_keys(text),
        status=status,
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "Hakuna-Mock": __version__,
            **SECURITY_HEADERS,
            **(headers or {}),
        },
    )


Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """The rows of one page, and what its headers say of the whole list."""

    rows: list[Row]
    total: int
    evicted: int

    def answered(self, shown: Sequence[Any]) -> web.Response:
        """The page's rows, as they are shown, with the counts."""
        return answered(
            shown,
            headers={
                "Hakuna-Mock-Total": str(self.total),
                "Hakuna-Mock-Evicted": str(self.evicted),
            },
        )


def page_of(
    request: web.Request, rows: Iterable[tuple[int, Row]], evicted: int, *, after: int
) -> Page[Row]:
    """One page of a list: rows numbered beyond `after`, `limit` of them (1000 at most)."""
    limit = min(MOST, whole(request, "limit", DEFAULT_LIMIT, least=1, most=2**31))
    matching = list(rows)
    chosen = [row for seq, row in matching if seq > after][:limit]
    return Page(chosen, len(matching), evicted)


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
    if not 0 <= span <= MOST_SECONDS:
        raise ControlError(400, f"{name} must be a number of seconds from 0 to {MOST_SECONDS}")
    return span


def choice(request: web.Request, name: str, choices: Iterable[str]) -> str | None:
    """A word from the query that must be one of some, None where it is not given."""
    text = request.query.get(name)
    if text is not None and text not in (known := list(choices)):
        meant = nearest(text, known)
        hint = f"; did you mean {meant}?" if meant else ""
        some = known if len(known) < 10 else [*known[:3], "…"]
        raise ControlError(400, f"{name} must be one of {', '.join(some)}{hint}")
    return text


def known_parameters(request: web.Request, *names: str) -> None:
    """Refuse query parameters that nobody reads: a misspelt filter would show everything."""
    for name in request.query:
        if name not in (*names, "world"):
            meant = nearest(name, (*names, "world"))
            hint = f"; did you mean {meant}?" if meant else ""
            raise ControlError(400, f"there is no parameter {name[:40]!r} here{hint}")


async def json_body(request: web.Request) -> Any:
    """The JSON body of a control request."""
    from contracts.strict_json import JsonFault, parse  # noqa: PLC0415 - only where one is sent
    from mock_server.body import ClientGoneError, read_body  # noqa: PLC0415

    try:
        body = await read_body(request, MOST_BYTES)
    except ClientGoneError:
        raise ControlError(400, "the connection broke") from None
    if body.problem:
        raise ControlError(400, body.problem)
    parsed = parse(body.data)
    if isinstance(parsed, JsonFault):
        raise ControlError(400, parsed.message)
    return parsed.value


MOST_BYTES = 16 * 1024 * 1024


def not_found(what: str, name: str, known: Sequence[str] = ()) -> NoReturn:
    """Say that there is no such thing, with the nearest name."""
    meant = nearest(name, known)
    hint = f"; did you mean {meant}?" if meant else ""
    raise ControlError(404, f"there is no {what} {name[:100]!r}{hint}")
