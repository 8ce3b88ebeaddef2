"""Bodies that are not events: one or several faults, and text that is not strict JSON."""

import json
from collections.abc import Iterator
from typing import Any

from chooser import Chooser

VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    1,
    -1,
    1.0,
    0.5,
    "",
    "1",
    "DE",
    "EUR",
    "de",
    "2024-03-01T09:00:00Z",
    "2024-03-01t09:00:00.1234567899z",
    "2024-03-01 09:00:00Z",
    "2024-03-01",
    "2024-03-01T09:00:00",
    "2024-03-01T24:00:00Z",
    "2024-02-30T09:00:00Z",
    "2024-03-01T23:59:60Z",
    "2024-03-02T00:59:60+01:00",
    "2024-03-01T09:00:60Z",
    "0000-02-29T00:00:00Z",
    "9999-12-31T23:59:59-23:59",
    1709283600000,
    "Order_placed",
    "order_paid",
    "order_cancelled",
    "order_refund_added",
    [],
    {},
    [1],
    10**30,
    1e300,
    "é\n",
)


TIMES: tuple[Any, ...] = (
    *(value for value in VALUES if isinstance(value, str) and value[:1].isdigit()),
    None,
    "",
    1709283600000,
    "2024-03-01T09:00:00.Z",
    "2024-03-01T09:00:00+24:00",
)

BY_NAME: dict[str, tuple[Any, ...]] = {
    "placed_at": TIMES,
    "fulfilled_at": TIMES,
    "refunded_at": TIMES,
    "cancelled_at": TIMES,
    "country": ("DE", "", "deu", "d", None, 1, "dé", "de\n", "zz"),
    "order_currency": ("EUR", "", "eu", "euro", None, 1, "eur\n", "xxx"),
    "type": ("order_paid", "Order_placed", None, 1, "", [], "order_placed\n"),
    "quantity": (0, -1, 1.5, "1", True, None, 2.0, 10**30, 1e300, []),
    "price_amount": (-1, 0, 0.5, "899.00", True, None, 1e300, -0.0),
    "zip": (81371, None, ""),
    "product_reference": ("", None, 1, [], "prd-d"),
    "address_line_2": (1, None, ""),
    "custom_properties": (None, [], "x", 1),
}


def broken(chooser: Chooser, body: Any) -> Any:
    """The body with one to three of its members replaced, left out or renamed."""
    made = json.loads(json.dumps(body))
    if chooser.chance(30):
        return chooser.of((None, [], [made], "x", 1, {}, True))
    for _ in range(chooser.of((1, 1, 1, 2, 3))):
        places = list(members(made))
        if not places:
            break
        holder, name = chooser.of(places)
        if chooser.chance(4):
            del holder[name]
        elif isinstance(name, str) and chooser.chance(15):
            holder[name + "_"] = holder.pop(name)
        elif chooser.chance(3):
            holder[name] = chooser.of(VALUES)
        else:
            holder[name] = chooser.of(BY_NAME.get(name, VALUES))
    return made


def members(holder: Any) -> Iterator[tuple[Any, Any]]:
    """Each place in a document where a value stands, as its holder and name or number."""
    names = holder if isinstance(holder, dict) else range(len(holder))
    for name in list(names):
        yield holder, name
        if isinstance(holder[name], dict | list):
            yield from members(holder[name])


def crowded(chooser: Chooser, body: Any) -> Any:
    """The body with so many items that there is more to say than is kept."""
    made = json.loads(json.dumps(body))
    for items in made["payload"].values():
        if isinstance(items, list):
            items[:] = json.loads(json.dumps(items * chooser.of((60, 101, 130))))
            if chooser.chance(3):
                for item in items:
                    if isinstance(item, dict):
                        item["quantity"] = 0
    return made


def raw_text(chooser: Chooser, body: Any) -> bytes:
    """The body as text with something odd about it; a few of the oddities are allowed."""
    text = json.dumps(body)
    opened = text.replace("{", "{" + chooser.of(ODD_MEMBERS), 1 + chooser.below(2))
    return chooser.of(
        (
            *(opened.encode(),) * 8,
            b"\xef\xbb\xbf" + text.encode(),
            text[:-1].encode(),
            text.encode() + b"x",
            b" \n\t" + text.encode() + b"\r\n ",
            b"",
            text.encode("utf-16"),
            text.encode() + b"\xff",
            b"[" * 70 + b"]" * 70,
            b"\x0b" + text.encode(),
            text.replace('"', "'").encode(),
            text.replace(": ", ": +").encode(),
            json.dumps(body, indent=2, ensure_ascii=False).encode(),
        )
    )


ODD_MEMBERS = (
    '"type": "order_placed", ',
    '"order_id": 1, ',
    '"x": NaN, ',
    '"x": -Infinity, ',
    '"x": 1e400, ',
    '"x": 1E5, "x": 2, "x": 3, ',
    '"x": "\\ud800", ',
    '"\\udc00": 1, ',
    '"x": "\\ud83d\\ude00", ',
    '"x": ' + "9" * 308 + ", ",
    '"x": ' + "9" * 309 + ", ",
    '"x": -' + "9" * 308 + ", ",
    '"x": ' + "[" * 62 + "]" * 62 + ", ",
    '"x": ' + "[" * 63 + "]" * 63 + ", ",
    '"x": ' + "[" * 64 + "]" * 64 + ", ",
    '"x": {"a": 1, "a": 1}, "y": {"a": {"b": 0, "b": 0}}, ',
    '"x": "\x01", ',
    '"x": 01, ',
    '"x": -0, ',
    '"x": .5, ',
    '"payload": {}, ',
    ",",
)
