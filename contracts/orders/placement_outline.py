"""What differs between two placements of one order, without keeping the first one's body."""

import json
from collections.abc import Iterable
from struct import pack
from typing import Any
from zlib import crc32

import orjson

_OBJECTS = ("customer", "customer_billing_address")
_FIELDS = (
    "placed_at",
    "order_currency",
    "cart_id",
    "customer.first_name",
    "customer.last_name",
    "customer.email",
    "customer.phone",
    "customer_billing_address.address_line_1",
    "customer_billing_address.address_line_2",
    "customer_billing_address.city",
    "customer_billing_address.zip",
    "customer_billing_address.country",
)
_OTHER = "other fields"
_NAMES = {
    holder: [
        name for owner, _, name in (field.rpartition(".") for field in _FIELDS) if owner == holder
    ]
    for holder in ("", *_OBJECTS)
}
"""The fields by the object that holds them, in the same order."""

_KNOWN = {
    holder: frozenset((*names, *(() if holder else ("line_items", "order_id", *_OBJECTS))))
    for holder, names in _NAMES.items()
}
_WIDTH = 4

_exact = json.JSONEncoder(sort_keys=True).encode


def outline_of(payload: dict[str, Any]) -> bytes:
    """A checksum of each field and of each line of a placement, four bytes each."""
    sums = [_checksum(value) for value in (*_fields(payload), *_lines(payload).values())]
    return pack(f">{len(sums)}I", *sums)


def changes(before: bytes, line_ids: Iterable[str], payload: dict[str, Any]) -> list[str]:
    """The names of what is not as it was in the placement with that outline and those lines.

    Lines are named `line ID`, whether they changed, are new or are gone.
    """
    names = [*_FIELDS, _OTHER, *(f"line {item}" for item in line_ids)]
    after_names = [*_FIELDS, _OTHER, *(f"line {line}" for line in _lines(payload))]
    old = dict(zip(names, _checksums(before), strict=True))
    new = dict(zip(after_names, _checksums(outline_of(payload)), strict=True))
    return [name for name in {**old, **new} if old.get(name) != new.get(name)]


def _checksum(value: Any) -> int:
    """A field that is absent is as good as one that is null."""
    if value is None:
        return 0
    if isinstance(value, str):
        return crc32(value.encode())
    try:
        return crc32(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))
    except TypeError:  # an integer of more than 64 bits
        return crc32(_exact(value).encode())


def _checksums(outlined: bytes) -> list[bytes]:
    return [outlined[place : place + _WIDTH] for place in range(0, len(outlined), _WIDTH)]


def _fields(payload: dict[str, Any]) -> list[Any]:
    """The values of `_FIELDS`, and all other values together."""
    values: list[Any] = []
    for holder, names in _NAMES.items():
        fields = payload[holder] if holder else payload
        values += [fields.get(name) for name in names]
    other = {name: payload[name] for name in payload.keys() - _KNOWN[""]}
    for holder in _OBJECTS:
        fields = payload[holder]
        other |= {f"{holder}.{name}": fields[name] for name in fields.keys() - _KNOWN[holder]}
    return [*values, other or None]


def _lines(payload: dict[str, Any]) -> dict[str, Any]:
    """The lines by id; of a repeated id the first, as in the order."""
    lines: dict[str, Any] = {}
    for line in payload["line_items"]:
        lines.setdefault(line["id"], line)
    return lines
