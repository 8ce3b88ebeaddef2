"""Faults: which requests meet which effect, and how often, in the three ways they are asked for.

By a header of the request itself, by the end of its order id (so that unmodified shop code can ask
for one), and by the control API. All of it is `house`: a choice of this tool.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from contracts.faults.catalogue import PARAMETERS, Effect, FaultError, effect_of, named
from contracts.orders.events import ALL_EVENTS
from contracts.suggestions import hint
from contracts.values import dataclass

FAULT_HEADER = "Hakuna-Mock-Fault"
MAX_TIMES = 1_000_000
_LONGEST_NAME = 200

_SUFFIX = re.compile(r"--mock-([A-Za-z0-9_-]+?)(?:-x([0-9]{1,6}))?")
_NUMBERED = re.compile(r"(.+?)-([0-9]{1,6})")
_MEMBERS = ("id", "match", "effect", "times", "rate", "after", *PARAMETERS)
_SHOWN_ONLY = ("seen", "played", "world")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True)
class Fault:
    """One fault. It lets `after` matching requests pass, then plays `times` of them (None: all).

    With `rate` each of those plays by chance. `type` and `order_id` say which events it is about.
    """

    id: str
    effect: Effect
    type: str | None = None
    order_id: str | None = None
    times: int | None = 1
    rate: float | None = None
    after: int = 0

    def matches(self, kind: str | None, order_id: str | None) -> bool:
        """Whether it is about such an event."""
        return self.type in (None, kind) and self.order_id in (None, order_id)

    def plays(self, seen: int, played: int, random_unit: float) -> bool:
        """Whether the next request meets it, after so many that matched and that were played."""
        if seen < self.after or (self.times is not None and played >= self.times):
            return False
        return self.rate is None or random_unit < self.rate or self.rate == 1

    def to_json(self) -> dict[str, Any]:
        """As the control API shows it and takes it back."""
        match = {"type": self.type, "order_id": self.order_id}
        return {
            "id": self.id,
            "match": {name: value for name, value in match.items() if value is not None},
            "effect": self.effect.to_json(),
            "times": self.times,
            "rate": self.rate,
            "after": self.after,
        }


def read_fault(asked: Any, new_id: str) -> Fault:
    """The fault of a JSON document; FaultError with a pointer where it is none.

    `new_id` is its id where it has none. Without `times` it plays once, with `rate` without end.
    """
    if not isinstance(asked, Mapping):
        raise FaultError('a fault is an object such as {"effect": "commit_drop", "times": 1}')
    for name in asked:
        if name not in (*_MEMBERS, *_SHOWN_ONLY):
            raise FaultError(
                f"there is no {name[:40]!r} in a fault{hint(name, _MEMBERS)}", f"/{name[:40]}"
            )
    if not asked.get("effect") and "status" not in asked and "delay_ms" not in asked:
        raise FaultError('say which: "commit_drop", {"status": 503}, {"delay_ms": 500}', "/effect")
    rate = _rate(asked.get("rate"))
    return Fault(
        _id(asked.get("id"), new_id),
        _effect(asked),
        *_match(asked.get("match")),
        times=_count(asked, "times", None if rate is not None else 1, least=1),
        rate=rate,
        after=_count(asked, "after", 0, least=0) or 0,
    )


def header_fault(text: str, order_id: str | None) -> Fault:
    """The fault of a `Hakuna-Mock-Fault` header: `NAME[=NUMBER][; times=N][; after=N][; rate=R]`.

    Without `times` it plays whenever the header is sent. With it, requests of one order are
    counted together that carry the same header.
    """
    first, *more = (part.strip() for part in text.split(";"))
    if not first:
        raise FaultError(f"{FAULT_HEADER} names no effect; write one such as unavailable; times=2")
    asked: dict[str, Any] = {"effect": first, "times": None}
    for part in more:
        name, equals, value = (item.strip() for item in part.partition("="))
        if name not in ("times", "after", "rate", *PARAMETERS) or not equals:
            known = ("times", "after", "rate", *PARAMETERS)
            message = f"{part[:40]!r} is not a parameter such as times=2{hint(name, known)}"
            raise FaultError(f"{FAULT_HEADER}: {message}")
        asked[name] = _number(value)
    try:
        fault = read_fault(asked, "header")
    except FaultError as error:
        raise FaultError(f"{FAULT_HEADER}: {_in_words(error)}", error.pointer) from None
    return _own(fault, f"header {order_id}: {text}")


def suffix_fault(order_id: str | None) -> Fault | None:
    """The fault that an order id asks for: `…--mock-NAME[-NUMBER][-xN]`; None for other ids.

    Without `-xN` it plays once.
    """
    found = order_id.rfind("--mock-") if order_id else -1
    if order_id is None or found < 0:
        return None
    match = _SUFFIX.fullmatch(order_id, found)
    if match is None:
        raise FaultError(
            f"the order id asks for {order_id[found:][:60]!r}: write --mock-NAME or --mock-NAME-xN"
        )
    numbered = _NUMBERED.fullmatch(match[1])
    name = f"{numbered[1]}={numbered[2]}" if numbered else match[1]
    times = int(match[2]) if match[2] else 1
    try:
        fault = read_fault({"effect": name, "times": times}, "order id")
    except FaultError as error:
        message = f"the order id asks for {order_id[found:][:60]!r}: {_in_words(error)}"
        raise FaultError(message) from None
    return _own(fault, f"order id {order_id}")


def _in_words(error: FaultError) -> str:
    """What is wrong, with the number that it is about."""
    member = error.pointer.rpartition("/")[2]
    return f"{member} {error}" if member not in ("", "effect") else str(error)


def _own(fault: Fault, counted_as: str) -> Fault:
    """The fault under the name by which it is counted; an order id may have a megabyte."""
    if len(counted_as) > _LONGEST_NAME:
        counted_as = hashlib.sha256(counted_as.encode("utf-8", "surrogatepass")).hexdigest()
    return Fault(counted_as, fault.effect, times=fault.times, rate=fault.rate, after=fault.after)


def _id(value: Any, new_id: str) -> str:
    if value is None:
        return new_id
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise FaultError("must be 1 to 80 letters, digits, dots, _ or -", "/id")
    return value


def _effect(asked: Mapping[str, Any]) -> Effect:
    """The effect with the parameters beside it."""
    effect = asked.get("effect") or {}
    beside = {name: asked[name] for name in PARAMETERS if asked.get(name) is not None}
    if not beside:
        return effect_of(effect)
    if isinstance(effect, str):
        effect = {} if effect in beside or effect == "status" else {"name": named(effect).name}
    if not isinstance(effect, Mapping):
        return effect_of(effect)
    return effect_of({**effect, **beside})


def _match(value: Any) -> tuple[str | None, str | None]:
    if value is None:
        return None, None
    if not isinstance(value, Mapping):
        raise FaultError('must be an object such as {"type": "order_placed"}', "/match")
    for name in value:
        if name not in ("type", "order_id"):
            more = hint(str(name), ("type", "order_id"))
            raise FaultError(f"there is no {str(name)[:40]!r} to match{more}", "/match")
    kind, order_id = value.get("type"), value.get("order_id")
    if kind is not None and kind not in ALL_EVENTS:
        more = hint(str(kind), ALL_EVENTS, f"there are {', '.join(ALL_EVENTS)}")
        raise FaultError(f"there is no event type {str(kind)[:40]!r}{more}", "/match/type")
    if order_id is not None and (not isinstance(order_id, str) or not order_id):
        raise FaultError("must be text", "/match/order_id")
    return kind, order_id


def _count(asked: Mapping[str, Any], name: str, default: int | None, *, least: int) -> int | None:
    value = asked.get(name, default)
    if value is None and default is None:
        return None
    if value is None and name == "times" and name in asked:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MAX_TIMES:
        raise FaultError(f"must be a whole number from {least} to {MAX_TIMES}", f"/{name}")
    return value


def _rate(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise FaultError("must be a chance from 0 to 1", "/rate")
    return float(value)


def _number(text: str) -> Any:
    """A number of a header as JSON would have it; other text stays, and is refused later."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    try:
        return float(text)
    except ValueError:
        return text
