"""Ways to damage a body: each changes one thing, or gives None where there is nothing to damage."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fuzz.generate.choices import Dice, one_of
from fuzz.generate.client_simulator import Body


@dataclass(frozen=True)
class Ways:
    """A change that has several forms."""

    apply: Callable[[Body, Dice], Any]
    ways: int

    def __call__(self, body: Body, dice: Dice) -> Any:
        return self.apply(body, dice)


def _entries(body: Body) -> list[Body]:
    """The line items or items of an event."""
    found = [one for value in body["payload"].values() if isinstance(value, list) for one in value]
    return [one for one in found if isinstance(one, dict)]


def _stamped(body: Body) -> list[tuple[Body, str]]:
    """Every place where a timestamp stands."""
    names = ("placed_at", "cancelled_at", "fulfilled_at", "refunded_at")
    holders = [body["payload"], *_entries(body)]
    return [(holder, name) for holder in holders for name in names if name in holder]


def times(*values: Any) -> Ways:
    """A timestamp replaced by one of these."""

    def apply(body: Body, dice: Dice) -> Body | None:
        places = _stamped(body)
        if not places:
            return None
        holder, name = one_of(dice, places)
        holder[name] = one_of(dice, values)
        return body

    return Ways(apply, len(values))


def in_entry(name: str, *values: Any) -> Ways:
    """Give a field of one entry another value."""

    def apply(body: Body, dice: Dice) -> Body | None:
        holders = [one for one in _entries(body) if name in one]
        if not holders:
            return None
        one_of(dice, holders)[name] = one_of(dice, values)
        return body

    return Ways(apply, len(values))


def at_path(path: str, *values: Any) -> Ways:
    """Give a field of the payload another value."""

    def apply(body: Body, dice: Dice) -> Body | None:
        *way, name = path.split("/")
        holder = body["payload"]
        for step in way:
            holder = holder.get(step)
            if not isinstance(holder, dict):
                return None
        if name not in holder:
            return None
        holder[name] = one_of(dice, values)
        return body

    return Ways(apply, len(values))


def of_type(*values: Any) -> Ways:
    """The event's type replaced by one of these."""

    def apply(body: Body, dice: Dice) -> Body:
        body["type"] = one_of(dice, values)
        return body

    return Ways(apply, len(values))


def without(names: Sequence[str], *, entry: bool = False) -> Callable[[Body, Dice], Body | None]:
    """Leave a required field out."""

    def apply(body: Body, dice: Dice) -> Body | None:
        holders = _entries(body) if entry else [body["payload"]]
        known = [(holder, name) for holder in holders for name in names if name in holder]
        if not known:
            return None
        holder, name = one_of(dice, known)
        del holder[name]
        return body

    return apply


def without_top(body: Body, dice: Dice) -> Body:
    """The payload or the type left out."""
    del body[one_of(dice, ("payload", "type"))]
    return body


def empty_list(body: Body, _dice: Dice) -> Body | None:
    """The list of entries emptied."""
    for name, value in body["payload"].items():
        if isinstance(value, list):
            body["payload"][name] = []
            return body
    return None


def list_for_object(body: Body, dice: Dice) -> Any:
    """Something else where the event, or its payload, is an object."""
    return one_of(dice, ([body], "text", 7, None, True, {**body, "payload": [body["payload"]]}))


def no_time(body: Body, dice: Dice) -> Body | None:
    """A timestamp left out."""
    places = _stamped(body)
    if not places:
        return None
    holder, name = one_of(dice, places)
    del holder[name]
    return body


def in_text(*changes: tuple[bytes, bytes]) -> Ways:
    """Change the bytes: the first occurrence of a text becomes another one."""

    def apply(body: Body, dice: Dice) -> bytes:
        old, new = one_of(dice, changes)
        return json.dumps(body).encode().replace(old, new, 1)

    return Ways(apply, len(changes))


def in_bytes(*makers: Callable[[bytes], bytes]) -> Ways:
    """The encoded body changed by one of these."""

    def apply(body: Body, dice: Dice) -> bytes:
        return one_of(dice, makers)(json.dumps(body).encode())

    return Ways(apply, len(makers))


def misspelt(body: Body, dice: Dice) -> Body:
    """A field under a misspelt name."""
    holder = one_of(dice, [one for one in (body, body["payload"], *_entries(body)) if one])
    name = one_of(dice, list(holder))
    holder[f"{name}s"] = holder.pop(name)
    return body


def extra_field(body: Body, dice: Dice) -> Body:
    """A field that nobody knows."""
    holder = one_of(dice, [body, body["payload"], *_entries(body)])
    holder[one_of(dice, ("note", "meta", "Quantity"))] = one_of(dice, (1, "x", None, {}, []))
    return body


def _fields(body: Body) -> list[tuple[tuple[str, ...], Body, str]]:
    """Every field of the event: the way to it, the object that holds it, its name."""
    found: list[tuple[tuple[str, ...], Body, str]] = []
    waiting: list[tuple[tuple[str, ...], Any]] = [((), body)]
    while waiting:
        way, holder = waiting.pop()
        if isinstance(holder, list):
            waiting += [(way, one) for one in holder]
        elif isinstance(holder, dict):
            found += [((*way, name), holder, name) for name in holder]
            waiting += [((*way, name), one) for name, one in holder.items()]
    return found


def any_field(body: Body, dice: Dice) -> Body:
    """Some field left out, or of another type."""
    known = _fields(body)
    # One entry of a list stands for all: a name of the way is chosen, then who holds it.
    names = list(dict.fromkeys(way for way, _, _ in known))
    chosen = dice.pick(len(names) * (len(_OTHERS) + 2))
    way, what = names[chosen % len(names)], chosen // len(names)
    holder, name = one_of(dice, [(holder, name) for one, holder, name in known if one == way])
    if what < len(_OTHERS):
        holder[name] = _OTHERS[what]
    elif what == len(_OTHERS):
        holder[name] = [holder[name]]
    else:
        del holder[name]
    return body


_OTHERS: tuple[Any, ...] = (None, 7, "x", "", True, [], {}, 0, -1, 1.5)


NOT_TEXT: tuple[Any, ...] = (7, None, True, [], {})
COUNTRY = "customer_billing_address/country"
OPEN = b'{"type"'
_INSIDE = b'"payload": {'


def shorter(raw: bytes) -> bytes:
    """Without the last byte."""
    return raw[:-1]


def half(raw: bytes) -> bytes:
    """The first half."""
    return raw[: len(raw) // 2]


def longer(raw: bytes) -> bytes:
    """With a letter behind the end."""
    return raw + b"x"


def doubled(raw: bytes) -> bytes:
    """Twice."""
    return raw + raw
