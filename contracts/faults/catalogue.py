"""What the mock can do to a client on demand: the catalogue of effects, as data.

None of this is the provider's word. Its pages list no 429 and no 5xx, so statuses,
bodies and times here are `house`: they are what any HTTP service does to its clients one day.
`GET /_mock/v1/catalog`, `hakuna-mock catalog`, the documentation and the code read this table.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from contracts.json_text.writer import encoded
from contracts.suggestions import hint
from contracts.values import dataclass, replace

STATUSES = {429: "rate_limited", 500: "server_error", 502: "bad_gateway", 503: "unavailable"}
"""The statuses that can be played, each with the name of its effect."""

MAX_MS = 600_000
MAX_SECONDS = 86_400
DEFAULT_DELAY_MS = 1000

_NAMED = re.compile(r"([a-z0-9_]+)(?:=([0-9]{1,9}))?")
_STATUS = re.compile(r"[0-9]{3}")


class FaultError(ValueError):
    """What was asked for is not a fault. `pointer` says where in a JSON document."""

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message)
        self.pointer = pointer


class Ending(StrEnum):
    """How a client is left without a reply."""

    HANG = "hang"
    CUT = "cut"
    RESET = "reset"


Body = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """One line of the catalogue, and all that the effect does.

    `sees` is what the client gets, `good` what a good client does then. `processed` says whether
    the event is judged and stored all the same, `answered` whether the client learns of it.
    `content` makes the bytes that are sent out of the usual body.
    """

    name: str
    title: str
    sees: str
    good: str
    processed: bool = False
    answered: bool = False
    status: int = 0
    ending: Ending | None = None
    content: Callable[[Body], bytes] = encoded
    content_type: str = "application/json"

    def to_json(self) -> dict[str, Any]:
        """The line as `GET /catalog` shows it."""
        return {
            "name": self.name,
            "title": self.title,
            "basis": "house",
            "status": self.status or None,
            "stored": self.processed,
            "client_sees": self.sees,
            "good_client": self.good,
            "example": {"effect": _EXAMPLES.get(self.name, self.name), "times": 1},
            "header": f"Hakuna-Mock-Fault: {self.name}",
            "order_id": f"ord-1--mock-{self.name.replace('_', '-')}-x1",
        }


def _proxy_page(_: Body) -> bytes:
    return (
        b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
        b"<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>hakuna-mock fault</center>\r\n"
        b"</body>\r\n</html>\r\n"
    )


def _half(body: Body) -> bytes:
    whole = encoded(body)
    return whole[: len(whole) // 2]


def _nothing(_: Body) -> bytes:
    return b""


def _with_more_fields(body: Body) -> bytes:
    if "event_id" not in body:
        return encoded(body)
    more = {"status": "accepted", "meta": {"trace": body["event_id"], "tags": []}}
    return encoded({**body, **more})


_AGAIN = "retries with the same body and Hakuna-Idempotency-Key"
_LATER = f"waits, then {_AGAIN}"
_CUT = "a connection that ends without a reply"
_STORED = f"{_AGAIN}; the event is stored once and the reply names the same event_id"

CATALOGUE: dict[str, Kind] = {
    item.name: item
    for item in (
        Kind(
            "rate_limited",
            "Too many requests",
            "429 with Retry-After (1 second; retry_after says another number)",
            f"waits as long as Retry-After says, then {_AGAIN}",
            status=429,
        ),
        Kind("server_error", "The server failed", "500 with an error body", _LATER, status=500),
        Kind(
            "bad_gateway",
            "A proxy answers for a server that is gone",
            "502 with an HTML page instead of JSON",
            f"does not parse the page, {_LATER}",
            status=502,
            content=_proxy_page,
            content_type="text/html",
        ),
        Kind("unavailable", "Out of service", "503 with an error body", _LATER, status=503),
        Kind(
            "delay",
            "A slow reply",
            "the usual reply, later (1000 ms; delay_ms says another number)",
            f"has a time limit of its own; after it, {_STORED}",
            processed=True,
            answered=True,
        ),
        Kind(
            "timeout",
            "No reply at all",
            "an open connection on which nothing comes, until the client gives up",
            f"gives up after some seconds, then {_AGAIN}",
            ending=Ending.HANG,
        ),
        Kind(
            "reset",
            "Cut off before processing",
            f"{_CUT}; nothing was stored",
            _LATER,
            ending=Ending.RESET,
        ),
        Kind(
            "commit_drop",
            "Cut off after processing",
            f"{_CUT}, although the event was stored",
            _STORED,
            processed=True,
            ending=Ending.CUT,
        ),
        Kind(
            "bad_json",
            "Half a reply",
            "200 with a body that is not whole JSON; the event was stored",
            f"does not crash, {_STORED}",
            processed=True,
            status=200,
            content=_half,
        ),
        Kind(
            "empty",
            "An empty reply",
            "200 with no body; the event was stored",
            f"does not crash, {_STORED}",
            processed=True,
            status=200,
            content=_nothing,
        ),
        Kind(
            "extra_fields",
            "A reply with more fields",
            "200 with event_id and fields that the documentation does not know",
            "reads event_id and leaves the rest alone",
            processed=True,
            answered=True,
            status=200,
            content=_with_more_fields,
        ),
    )
}
"""Every effect by name."""

_EXAMPLES: dict[str, Any] = {
    **{name: {"status": status} for status, name in STATUSES.items()},
    "rate_limited": {"status": 429, "retry_after": 2},
    "delay": {"delay_ms": 2000},
}
_WORDS = {"status": "unavailable", "delay_ms": "delay", "slow": "delay"}
PARAMETERS = ("status", "delay_ms", "retry_after")


@dataclass(frozen=True)
class Effect:
    """An effect with its numbers: `delay_ms` before the reply, `retry_after` in seconds."""

    name: str
    delay_ms: int = 0
    retry_after: int | None = None

    @property
    def kind(self) -> Kind:
        """Its line of the catalogue."""
        return CATALOGUE[self.name]

    @property
    def is_silent(self) -> bool:
        """Whether the client gets no reply at all."""
        return self.kind.ending is not None

    def to_json(self) -> str | dict[str, Any]:
        """As it is written in a fault: a name, or an object where there are numbers."""
        status = self.kind.status if self.name in STATUSES.values() else 0
        if self.name == "delay":
            return {"delay_ms": self.delay_ms}
        message: dict[str, Any] = {"status": status} if status else {"name": self.name}
        if self.delay_ms:
            message["delay_ms"] = self.delay_ms
        if self.retry_after is not None:
            message["retry_after"] = self.retry_after
        return message if status or len(message) > 1 else self.name

    def in_words(self) -> str:
        """As people read it: `unavailable`, `delay 500 ms`."""
        late = f" {self.delay_ms} ms" if self.delay_ms else ""
        return f"{self.name}{late}"


def named(text: str) -> Effect:
    """The effect that a word means: `commit_drop`, `commit-drop`, `503`, `delay_ms=500`."""
    word = text.strip().lower().replace("-", "_")
    match = _NAMED.fullmatch(word)
    name, number = (match[1], match[2]) if match else (word, None)
    if _STATUS.fullmatch(name) and number is None:
        name, number = "status", name
    if name in CATALOGUE and (number is None or name == "delay"):
        return effect_of({"name": name, **({"delay_ms": int(number)} if number else {})})
    if name in ("status", "delay_ms") and number is not None:
        return effect_of({name: int(number)})
    known = [*CATALOGUE, "status", "delay_ms"]
    more = hint(_WORDS.get(name, name), known, f"there are {', '.join(CATALOGUE)}")
    raise FaultError(f"there is no effect {text[:60]!r}{more}")


def effect_of(asked: Any, pointer: str = "/effect") -> Effect:
    """The effect of a fault's JSON: a word, or an object of `name`, `status`, numbers."""
    if isinstance(asked, str):
        return named(asked)
    if not isinstance(asked, Mapping):
        raise FaultError('must be a name such as "commit_drop", or {"status": 503}', pointer)
    unknown = [name for name in asked if name not in ("name", *PARAMETERS)]
    if unknown:
        more = hint(str(unknown[0]), ("name", *PARAMETERS))
        raise FaultError(f"there is no {str(unknown[0])[:40]!r} in an effect{more}", pointer)
    effect = _with_status(asked, pointer)
    if "delay_ms" in asked:
        delay = _whole(asked["delay_ms"], f"{pointer}/delay_ms", MAX_MS)
        effect = replace(effect, delay_ms=delay)
    if "retry_after" in asked and asked["retry_after"] is not None:
        if effect.kind.status not in (429, 503):
            raise FaultError("only 429 and 503 carry Retry-After", f"{pointer}/retry_after")
        seconds = _whole(asked["retry_after"], f"{pointer}/retry_after", MAX_SECONDS)
        effect = replace(effect, retry_after=seconds)
    return effect


def _with_status(asked: Mapping[str, Any], pointer: str) -> Effect:
    name, status = asked.get("name"), asked.get("status")
    if name is not None and not isinstance(name, str):
        raise FaultError("must be text", f"{pointer}/name")
    if status is not None:
        if isinstance(status, bool) or not isinstance(status, int) or status not in STATUSES:
            some = ", ".join(map(str, STATUSES))
            raise FaultError(f"must be one of {some}", f"{pointer}/status")
        name = STATUSES[status] if name in (None, "status") else name
        if CATALOGUE.get(str(name)) is None or CATALOGUE[str(name)].status != status:
            raise FaultError(f"{name} does not answer {status}", f"{pointer}/status")
    if name is None and "delay_ms" in asked:
        name = "delay"
    if name is None:
        raise FaultError('say which: {"status": 503}, {"delay_ms": 500} or a name', pointer)
    if name not in CATALOGUE:
        return named(name)
    effect = Effect(name)
    if effect.name == "rate_limited":
        effect = replace(effect, retry_after=1)
    return replace(effect, delay_ms=DEFAULT_DELAY_MS) if effect.name == "delay" else effect


def _whole(value: Any, pointer: str, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise FaultError(f"must be a whole number from 0 to {most}", pointer)
    return value
