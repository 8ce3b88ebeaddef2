"""Event bodies back to shorthand, for reports and counterexamples.

What the notation does not hold (prices, titles, customers, times of day) is left out; ids without
our prefixes are printed in quotation marks, so that they survive.
"""

import re
from collections.abc import Iterable
from typing import Any

from contracts.event_kinds import EVENT_KINDS, ORDER_PLACED
from contracts.shorthand.bodies import DAY_ZERO
from contracts.shorthand.grammar import ShorthandError
from contracts.timing.rfc3339 import DAY, parse_instant

_LABEL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


def show(events: Iterable[dict[str, Any]]) -> str:
    """The events as one line; ShorthandError for a body that is not an event of the contract."""
    shown = []
    for place, body in enumerate(events):
        try:
            text, stamp = _event(body)
        except ShorthandError:
            raise
        except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
            raise ShorthandError(str(body)[:80], 0, "this body is not an event") from error
        day = _day(stamp)
        shown.append(text if day == place else f"{text}@{day}")
    return " ".join(shown)


def _event(body: dict[str, Any]) -> tuple[str, str]:
    payload = body["payload"]
    name = _name("ord-", payload["order_id"])
    order = "" if name == "1" else f"#{name}"
    kind = EVENT_KINDS[body["type"]]
    if kind.items is None:
        return f"{kind.letter}{order}", payload[kind.time]
    items = kind.entries(payload)
    write = _line if kind is ORDER_PLACED else _item
    text = f"{kind.letter}{order}{{{', '.join(write(item) for item in items)}}}"
    holder = items[0] if kind.timed_items else payload
    return text, next(filter(None, map(holder.get, kind.times)))


def _line(line: dict[str, Any]) -> str:
    label = _name("line-", line["id"])
    product = _name("prd-", line["product_id"])
    reference = (line.get("custom_properties") or {}).get("product_reference")
    named = label if product == label else f"{label}={product}"
    protects = f">{_name('prd-', reference)}" if reference else ""
    return f"{named}:{int(line['quantity'])}{protects}"


def _item(item: dict[str, Any]) -> str:
    label = _name("line-", item["line_item_id"])
    quantity = item.get("quantity")
    return label if quantity is None else f"{label}:{int(quantity)}"


def _name(prefix: str, value: str) -> str:
    bare = value.removeprefix(prefix)
    if bare != value and _LABEL.fullmatch(bare):
        return bare
    if '"' in value:
        raise ShorthandError(value, value.index('"'), "shorthand cannot quote a quotation mark")
    return f'"{value}"'


def _day(stamp: Any) -> int:
    start = parse_instant(DAY_ZERO)
    instant = parse_instant(stamp) if isinstance(stamp, str) else None
    if start is None or instant is None:
        raise ShorthandError(str(stamp)[:80], 0, "this is no RFC 3339 timestamp")
    return (instant - start) // DAY
