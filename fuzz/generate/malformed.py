"""Ways to make a body invalid: each changes one thing, or gives None if that is not there."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from contracts.event_kinds import TIME_FIELDS
from contracts.values import dataclass
from fuzz.generate.choices import Choices, one_of
from fuzz.generate.client_simulator import Body


@dataclass(frozen=True)
class Change:
    """A change with several variants."""

    apply: Callable[[Body, Choices], Any]
    variants: int

    def __call__(self, body: Body, choices: Choices) -> Any:
        return self.apply(body, choices)


def _entries(body: Body) -> list[Body]:
    """The line items or items of an event."""
    lists = [value for value in body["payload"].values() if isinstance(value, list)]
    return [entry for entries in lists for entry in entries if isinstance(entry, dict)]


def _stamped(body: Body) -> list[tuple[Body, str]]:
    """Every object that has a time, with the name of the field."""
    holders = [body["payload"], *_entries(body)]
    return [(holder, name) for holder in holders for name in TIME_FIELDS if name in holder]


def times(*values: Any) -> Change:
    """Replace a time by one of these values."""

    def apply(body: Body, choices: Choices) -> Body | None:
        places = _stamped(body)
        if not places:
            return None
        holder, name = one_of(choices, places)
        holder[name] = one_of(choices, values)
        return body

    return Change(apply, len(values))


def in_entry(name: str, *values: Any) -> Change:
    """Give a field of one entry another value."""

    def apply(body: Body, choices: Choices) -> Body | None:
        holders = [entry for entry in _entries(body) if name in entry]
        if not holders:
            return None
        one_of(choices, holders)[name] = one_of(choices, values)
        return body

    return Change(apply, len(values))


def at_path(path: str, *values: Any) -> Change:
    """Give a field of the payload another value."""

    def apply(body: Body, choices: Choices) -> Body | None:
        *parents, name = path.split("/")
        holder = body["payload"]
        for parent in parents:
            holder = holder.get(parent)
            if not isinstance(holder, dict):
                return None
        if name not in holder:
            return None
        holder[name] = one_of(choices, values)
        return body

    return Change(apply, len(values))


def of_type(*values: Any) -> Change:
    """Replace the event's type by one of these values."""

    def apply(body: Body, choices: Choices) -> Body:
        body["type"] = one_of(choices, values)
        return body

    return Change(apply, len(values))


def without(names: Sequence[str], *, entry: bool = False) -> Callable[[Body, Choices], Body | None]:
    """Leave a required field out."""

    def apply(body: Body, choices: Choices) -> Body | None:
        holders = _entries(body) if entry else [body["payload"]]
        known = [(holder, name) for holder in holders for name in names if name in holder]
        if not known:
            return None
        holder, name = one_of(choices, known)
        del holder[name]
        return body

    return apply


def without_top(body: Body, choices: Choices) -> Body:
    """Leave the payload or the type out."""
    del body[one_of(choices, ("payload", "type"))]
    return body


def empty_list(body: Body, _dice: Choices) -> Body | None:
    """Empty the list of entries."""
    for name, value in body["payload"].items():
        if isinstance(value, list):
            body["payload"][name] = []
            return body
    return None


def list_for_object(body: Body, choices: Choices) -> Any:
    """Put something else in place of the event or its payload."""
    return one_of(choices, ([body], "text", 7, None, True, {**body, "payload": [body["payload"]]}))


def no_time(body: Body, choices: Choices) -> Body | None:
    """Leave a time out."""
    places = _stamped(body)
    if not places:
        return None
    holder, name = one_of(choices, places)
    del holder[name]
    return body


def in_text(*changes: tuple[bytes, bytes]) -> Change:
    """Change the bytes: the first occurrence of a text becomes another one."""

    def apply(body: Body, choices: Choices) -> bytes:
        old, new = one_of(choices, changes)
        return json.dumps(body).encode().replace(old, new, 1)

    return Change(apply, len(changes))


def in_bytes(*makers: Callable[[bytes], bytes]) -> Change:
    """Change the encoded body by one of these functions."""

    def apply(body: Body, choices: Choices) -> bytes:
        return one_of(choices, makers)(json.dumps(body).encode())

    return Change(apply, len(makers))


def misspelt(body: Body, choices: Choices) -> Body:
    """Misspell the name of a field."""
    holder = one_of(choices, [found for found in (body, body["payload"], *_entries(body)) if found])
    name = one_of(choices, list(holder))
    holder[f"{name}s"] = holder.pop(name)
    return body


def extra_field(body: Body, choices: Choices) -> Body:
    """Add an unknown field."""
    holder = one_of(choices, [body, body["payload"], *_entries(body)])
    holder[one_of(choices, ("note", "meta", "Quantity"))] = one_of(choices, (1, "x", None, {}, []))
    return body


def _fields(body: Body) -> list[tuple[tuple[str, ...], Body, str]]:
    """Every field of the event: its path, the object that holds it, its name."""
    found: list[tuple[tuple[str, ...], Body, str]] = []
    waiting: list[tuple[tuple[str, ...], Any]] = [((), body)]
    while waiting:
        path, holder = waiting.pop()
        if isinstance(holder, list):
            waiting += [(path, item) for item in holder]
        elif isinstance(holder, dict):
            found += [((*path, name), holder, name) for name in holder]
            waiting += [((*path, name), value) for name, value in holder.items()]
    return found


def any_field(body: Body, choices: Choices) -> Body:
    """Leave some field out, or give it another type."""
    known = _fields(body)
    # The entries of a list count as one: a path is chosen first, then an object that has it.
    paths = list(dict.fromkeys(path for path, _, _ in known))
    number = choices.pick(len(paths) * (len(_OTHERS) + 2))
    chosen, change = paths[number % len(paths)], number // len(paths)
    holders = [(holder, name) for path, holder, name in known if path == chosen]
    holder, name = one_of(choices, holders)
    if change < len(_OTHERS):
        other = _OTHERS[change]
        # Conversations under one key share its orders: an id is of this one only with its tag.
        holder[name] = f"{holder[name]}x" if name == "order_id" and other == "x" else other
    elif change == len(_OTHERS):
        holder[name] = [holder[name]]
    else:
        del holder[name]
    return body


_OTHERS: tuple[Any, ...] = (None, 7, "x", "", True, [], {}, 0, -1, 1.5)


NOT_TEXT: tuple[Any, ...] = (7, None, True, [], {})
COUNTRY = "customer_billing_address/country"
OPEN = b'{"type"'


def shorter(raw: bytes) -> bytes:
    """Without the last byte."""
    return raw[:-1]


def half(raw: bytes) -> bytes:
    """The first half."""
    return raw[: len(raw) // 2]


def longer(raw: bytes) -> bytes:
    """With a letter after the end."""
    return raw + b"x"


def doubled(raw: bytes) -> bytes:
    """Twice."""
    return raw + raw
