"""Strict JSON of the naive model, and when two bodies are the same request."""

import json
import re
from collections import Counter
from dataclasses import field
from typing import Any, NoReturn

from contracts.values import dataclass
from fuzz.model.event_types import ITEM_LISTS

MAX_DEPTH = 64
"""Lists and objects within each other (house)."""

MAX_DIGITS = 308
"""Of an integer (house): what a double can hold."""

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Parsed:
    """A body that is JSON. `repeated_keys` counts the names that an object has more than once."""

    value: Any
    repeated_keys: int


class _NotStrictError(ValueError):
    pass


@dataclass
class _Reading:
    repeated_keys: int = 0
    decoder: json.JSONDecoder = field(init=False)

    def __post_init__(self) -> None:
        self.decoder = json.JSONDecoder(
            object_pairs_hook=self.pairs,
            parse_constant=_refuse,
            parse_float=_finite,
            parse_int=_bounded,
        )

    def pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            times = Counter(name for name, _ in pairs)
            self.repeated_keys += sum(count > 1 for count in times.values())
        return made


def _refuse(text: str) -> NoReturn:
    raise _NotStrictError(text)


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _NotStrictError(text)
    return number


def _bounded(text: str) -> int:
    if len(text.lstrip("-")) > MAX_DIGITS:
        raise _NotStrictError(text)
    return int(text)


def parse(body: bytes) -> Parsed | None:
    """The body's value; None where it is not strict JSON."""
    reading = _Reading()
    try:
        text = body.decode("utf-8")
        if text.startswith("\ufeff"):
            return None
        value = reading.decoder.decode(text)
    except (ValueError, RecursionError):
        return None
    too_deep = body.count(b"[") + body.count(b"{") > MAX_DEPTH and _depth(value) > MAX_DEPTH
    # Raw surrogates are no UTF-8: only an escape can make one.
    if too_deep or (b"\\u" in body and _has_lone_surrogate(value)):
        return None
    return Parsed(value, reading.repeated_keys)


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level:
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below += item.values()
            elif isinstance(item, list):
                below += item
        if any(isinstance(item, dict | list) for item in level):
            deepest += 1
        level = below
    return deepest


def _has_lone_surrogate(value: Any) -> bool:
    if isinstance(value, str):
        return _SURROGATE.search(value) is not None
    if isinstance(value, list):
        return any(_has_lone_surrogate(item) for item in value)
    if isinstance(value, dict):
        return any(
            _has_lone_surrogate(name) or _has_lone_surrogate(item) for name, item in value.items()
        )
    return False


def canonical_form(body: Any) -> str:
    """A text that two bodies share where they are the same request.

    Key order does not matter, 1.0 is 1, and lists of items are multisets, whatever the event's
    type: a list of another type's items is one as well.
    """
    plain = _plain(body)
    payload = plain.get("payload") if isinstance(plain, dict) else None
    if isinstance(payload, dict):
        for name in ITEM_LISTS.values():
            if isinstance(payload.get(name), list):
                payload[name].sort(key=_dump)
    return _dump(plain)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value


_dump = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
