"""Bodies that are legal in size and cost more than others of that size."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

from contracts.shorthand import bodies
from hostile.client import KEY, Hostile, event, flood, numbered, post, send_all

MEBIBYTE = 1024 * 1024 - 200
LONG = 80
"""Characters of a long line id."""

PLACEMENT = bodies("P#1{d:1, p:1>d}")[0]


def _filled(opening: str, piece: str, closing: str) -> bytes:
    """A body of one MiB that repeats a piece."""
    return (opening + piece * ((MEBIBYTE - len(opening)) // len(piece)) + closing).encode()


def _with(payload: dict[str, Any], order_id: str = "ord-1") -> dict[str, Any]:
    return {**PLACEMENT, "payload": {**PLACEMENT["payload"], "order_id": order_id, **payload}}


def _of_lines(number: int, order_id: str, identifier: str = "line-{}") -> dict[str, Any]:
    line = PLACEMENT["payload"]["line_items"][0]
    lines = [{**line, "id": identifier.format(n), "product_id": f"prd-{n}"} for n in range(number)]
    return _with({"line_items": lines}, order_id)


def _long_id(kind: str) -> str:
    return kind + "-{:03}-" + "abcdefgh" * ((LONG - 6 - len(kind)) // 8)


def _unknown_lines(number: int, order_id: str) -> dict[str, Any]:
    """A refund of lines that the order does not have, with ids like those that it has."""
    items = [
        {"line_item_id": _long_id("lime").format(n), "quantity": 1,
         "refunded_at": f"2024-03-06T09:00:{number % 60:02}.{number // 60 % 1000:03}Z"}
        for n in range(100)
    ]  # fmt: skip
    payload = {"order_id": order_id, "refund_items": items}
    return {"type": "order_refund_added", "payload": payload}


def _waiting_then_placed(orders: int) -> Iterator[bytes]:
    for order in range(orders):
        for number in range(10):
            yield event(_unknown_lines(number, f"ord-w{order}"))
        yield event(_of_lines(200, f"ord-w{order}", _long_id("line")))


def _properties(number: int) -> bytes:
    text = json.dumps(_with({}))
    properties = ", ".join(f'"p_{n}": "{n}"' for n in range(number))
    return text.replace(
        '"custom_properties": {', '"custom_properties": {' + properties + ", "
    ).encode()


def _invalid_everywhere(lines: int) -> bytes:
    """Every line is wrong in several ways."""
    line = {"id": 5, "quantity": "1", "price_amount": -1.5, "product_id": "", "product_title": None}
    return json.dumps(_with({"line_items": [line] * lines})).encode()


DUPLICATES = _filled('{"type": "order_placed", ', '"a":1,', '"payload": {}}')

CLIENTS = (
    Hostile(
        "unknown-lines",
        "Refunds of 100 unknown line ids of 80 characters against 200 lines of as many.",
        numbered(lambda number: event(_unknown_lines(number, "ord-1"))),
        send_all([event(_of_lines(200, "ord-1", _long_id("line")))]),
    ),
    Hostile(
        "waiting-refunds",
        "Ten such refunds wait for a placement; it comes, and all are judged at once.",
        flood(_waiting_then_placed(30)),
    ),
    Hostile(
        "check-unknown-lines",
        "POST /check with a list of twenty such refunds.",
        flood([post("/_mock/v1/check", [_unknown_lines(n, "ord-1") for n in range(20)])]),
        send_all([event(_of_lines(200, "ord-1", _long_id("line")))]),
    ),
    Hostile("floats", "One MiB of 1.5e300.", flood([event(_filled("[", "1.5e300,", "1]"))])),
    Hostile("empty-objects", "One MiB of {}.", flood([event(_filled("[", "{},", "1]"))])),
    Hostile("open-brackets", "One MiB of [.", flood([event(_filled("", "[", ""))])),
    Hostile(
        "many-properties", "40,000 custom properties.", flood([event(_properties(40_000))])
    ),
    Hostile("duplicate-keys", "150,000 duplicate keys.", flood([event(DUPLICATES)])),
    Hostile(
        "many-lines",
        "Placements of 5,000 lines.",
        numbered(lambda number: event(_of_lines(5_000, f"ord-{number}"))),
    ),
    Hostile(
        "many-lines-refund",
        "A placement of 4,000 lines with plans and the refund of all of them.",
        flood([event(body) for body in bodies(
            "P#2{" + ", ".join(f"d{n}:9, p{n}:9>d{n}" for n in range(2_000)) + "} "
            "R#2{" + ", ".join(f"d{n}:1, p{n}:1" for n in range(2_000)) + "}@5"
        )]),
    ),
    Hostile(
        "invalid-lines",
        "A placement of 7,500 lines that are all wrong.",
        flood([event(_invalid_everywhere(7_500))]),
    ),
    Hostile(
        "refused-mebibytes",
        "Refused bodies of one MiB, under 40 keys in turn.",
        flood([event(_filled('{"type": "', "a", '"}'), f"{KEY}_{n}") for n in range(40)]),
    ),
    Hostile(
        "long-order-ids",
        "Placements with order ids of 100,000 characters.",
        numbered(lambda number: event(_with({}, f"ord-{number}-" + "x" * 100_000))),
    ),
    Hostile(
        "gzip-bomb",
        "A kilobyte that is a megabyte when it is decompressed.",
        flood([event(gzip.compress(b"[" * 50_000_000), KEY, "Content-Encoding: gzip")]),
    ),
    Hostile(
        "escaped-text",
        "One MiB of escaped characters in one field.",
        flood([event(_filled('{"type": "order_placed", "payload": "', "\\u00e4", '"}'))]),
    ),
)  # fmt: skip
