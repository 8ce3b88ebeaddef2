"""Generated conversations for the model and the judge: several orders and keys, and every mistake.

All is drawn through one small `Chooser`, so that Hypothesis can shrink a conversation and a plain
random source can make many thousands of them.
"""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from agreement import Settings, Turn
from broken_bodies import broken, crowded, raw_text
from chooser import Chooser
from odd_headers import USUAL, headers_of
from odd_placements import lines_of, with_oddities

from fuzz.model.findings import SEVERITY
from fuzz.model.oracle import HttpRequest
from fuzz.model.times import DAY, SECOND, date_of, months_later, time_of, utc_day

KEYS = ("sk_test_one", "sk_test_two")
ORDERS = ("ord-1", "ord-2", "ord-3")
IDEMPOTENCY_KEYS = ("key-1", "key-2", "key-3")
PLACED_ON = ("2024-01-31", "2023-11-30", "2024-02-29", "2023-12-31", "2024-03-01")
DAYS_LATER = (0, 1, 2, 3, 13, 14, 15, 16, 29, 30, 31, 60, 61, 89, 90, 91, 92, 93, -1)
CLOCKS = (
    9 * 3600 * SECOND,
    0,
    DAY - 1,
    DAY - 1_000_000,
    9 * 3600 * SECOND + 1,
    9 * 3600 * SECOND - 1_000_000,
)
NOW = time_of("2024-06-15T12:00:00Z") or 0


@dataclass
class Told:
    """What was said so far: the lines of each order, and all bodies with their headers."""

    lines: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    days: dict[tuple[str, str], int] = field(default_factory=dict)
    turns: list[tuple[str, dict[str, Any], str | None]] = field(default_factory=list)


def conversation(chooser: Chooser, longest: int = 14) -> tuple[Turn, ...]:
    """The turns of one conversation; half of them are about one order."""
    if chooser.chance(2):
        return _about_windows(chooser) if chooser.chance(4) else _about_one_order(chooser, longest)
    settings = _settings(chooser)
    told = Told()
    turns = []
    now = NOW
    for _ in range(chooser.some(1, longest)):
        if chooser.chance(40):
            settings = _settings(chooser)
        if chooser.chance(30):
            now += chooser.of((1, SECOND, DAY))
        turns.append(Turn(_asked(chooser, told, now), now, settings))
    return tuple(turns)


def _about_one_order(chooser: Chooser, longest: int) -> tuple[Turn, ...]:
    """Good headers and good bodies only, so that the whole length is about the ledger."""
    settings = Settings(chooser.of(("flag", "flag", "flag", "reject")))
    place = (KEYS[0], ORDERS[0])
    told = Told()
    bodies = [_placement(chooser, told, place, NOW)]
    for _ in range(chooser.some(1, longest)):
        if chooser.chance(15):
            at = _time(chooser, told.days[place], NOW)
            payload = {"order_id": place[1], "cancelled_at": at}
            bodies.append({"type": "order_cancelled", "payload": payload})
        else:
            bodies.append(_items_event(chooser, place[1], told.lines[place], told.days[place], NOW))
    late = chooser.of((0, 0, 0, 1, 2))
    bodies.insert(late, bodies.pop(0))
    headers = (("Authorization", f"Bearer {place[0]}"), *USUAL.items())
    return tuple(
        Turn(HttpRequest(headers, json.dumps(body).encode()), NOW, settings) for body in bodies
    )


def _about_windows(chooser: Chooser) -> tuple[Turn, ...]:
    """A covered product is shipped and comes back about the last day of a window."""
    told, place = Told(), (KEYS[0], ORDERS[0])
    placement = _placement(chooser, told, place, NOW)
    shipped = told.days[place] + chooser.some(0, 64)
    lines = [line["id"] for line in placement["payload"]["line_items"]]
    back = chooser.of((shipped + 14, months_later(shipped, 3))) + chooser.of((0, 1, -1))
    bodies = [placement]
    for kind, name, stamp, day in ((*_KINDS[0], shipped), (*_KINDS[1], back)):
        at = written(day * DAY + chooser.of(CLOCKS), chooser.of((0, 120, -330)))
        items = [
            {"line_item_id": line, "quantity": 1, stamp: at}
            for line in lines
            if not chooser.chance(3)
        ]
        if items:
            bodies.append({"type": kind, "payload": {"order_id": place[1], name: items}})
    headers = (("Authorization", f"Bearer {place[0]}"), *USUAL.items())
    return tuple(Turn(HttpRequest(headers, json.dumps(body).encode()), NOW) for body in bodies)


def _settings(chooser: Chooser) -> Settings:
    settings = Settings(chooser.of(("flag", "flag", "reject")))
    if chooser.chance(4):
        rules = sorted(SEVERITY)
        levels = {
            chooser.of(rules): chooser.of(("off", "violation", "warning", "advice"))
            for _ in range(chooser.some(1, 3))
        }
        settings = replace(settings, levels=levels)
    if chooser.chance(12):
        settings = replace(settings, auth=chooser.of(("authorization", "bearer-header")))
    if chooser.chance(20):
        settings = replace(settings, api_keys=frozenset(KEYS[:1]))
    return settings


def _asked(chooser: Chooser, told: Told, now: int) -> HttpRequest:
    key = chooser.of((KEYS[0], KEYS[0], KEYS[0], KEYS[1]))
    given: str | None
    if told.turns and chooser.chance(5):
        # A retry: the same body, perhaps written another way, perhaps with the same key.
        key, body, given = chooser.of(told.turns)
        body = _rewritten(chooser, body)
        if chooser.chance(2):
            given = chooser.of((None, *IDEMPOTENCY_KEYS))
    else:
        body = _event(chooser, told, key, now)
        given = chooser.of((None, None, None, None, *IDEMPOTENCY_KEYS))
        told.turns.append((key, body, given))
    if chooser.chance(6):
        body = broken(chooser, body)
    elif chooser.chance(150):
        body = crowded(chooser, body)
    headers = headers_of(chooser, key, given)
    raw = raw_text(chooser, body) if chooser.chance(12) else json.dumps(body).encode()
    asked = HttpRequest(headers, raw)
    if chooser.chance(60):
        asked = replace(
            asked,
            method=chooser.of(("GET", "PUT", "post")),
            path=chooser.of(("/sandbox/events", "/events")),
        )
    elif chooser.chance(60):
        asked = replace(
            asked,
            path=chooser.of(("/events", "/sandbox/events/", "/sandbox", "/", "/sandbox/Events")),
        )
    return asked


def _rewritten(chooser: Chooser, body: Any) -> Any:
    """The same event in other words: key order, item order, 1.0 for 1."""
    copied = json.loads(json.dumps(body))
    if not isinstance(copied, dict) or not chooser.chance(2):
        return copied
    payload = copied.get("payload")
    if isinstance(payload, dict):
        for name, items in payload.items():
            if isinstance(items, list):
                payload[name] = items[::-1] if chooser.chance(2) else items[1:] + items[:1]
                for item in items:
                    if isinstance(item, dict) and type(item.get("quantity")) is int:
                        item["quantity"] = float(item["quantity"])
    return dict(reversed(copied.items()))


def _event(chooser: Chooser, told: Told, key: str, now: int) -> dict[str, Any]:
    order = chooser.of((ORDERS[0], ORDERS[0], ORDERS[0], ORDERS[1], ORDERS[2]))
    place = (key, order)
    if place not in told.lines:
        if chooser.chance(6):  # before its placement, which may come later
            return _items_event(chooser, order, ["d1", "p1", "a1"], 19_783, now)
        return _placement(chooser, told, place, now)
    if chooser.chance(12):
        return _placement(chooser, told, place, now)
    if chooser.chance(9):
        at = _time(chooser, told.days[place], now)
        return {"type": "order_cancelled", "payload": {"order_id": order, "cancelled_at": at}}
    return _items_event(chooser, order, told.lines[place], told.days[place], now)


_KINDS = (
    ("order_fulfillment_added", "fulfillment_items", "fulfilled_at"),
    ("order_refund_added", "refund_items", "refunded_at"),
    ("order_line_items_cancelled", "cancelled_line_items", "cancelled_at"),
)


def _items_event(
    chooser: Chooser, order: str, lines: list[str], day: int, now: int
) -> dict[str, Any]:
    kind, name, stamp = chooser.of(_KINDS)
    items = []
    at = _time(chooser, day, now)
    if kind == "order_fulfillment_added" and chooser.chance(2):
        at = written((day + chooser.of((0, 1, 2))) * DAY + 9 * 3600 * SECOND)
    for _ in range(chooser.some(1, 4)):
        line = chooser.of(lines) if not chooser.chance(25) else chooser.of(("zz", "prd-d", ""))
        item: dict[str, Any] = {"line_item_id": line or lines[0] + " "}
        quantity = chooser.of((1, 1, 1, 2, 3, 5))
        if kind != "order_line_items_cancelled" or not chooser.chance(4):
            item["quantity"] = quantity
        elif chooser.chance(4):
            item["quantity"] = None
        item[stamp] = at if not chooser.chance(5) else _time(chooser, day, now)
        if kind == "order_line_items_cancelled" and chooser.chance(8):
            item["refunded_at"] = item.pop("cancelled_at")
            if chooser.chance(3):
                item["cancelled_at"] = None
        elif kind == "order_line_items_cancelled" and chooser.chance(10):
            item["refunded_at"] = chooser.of((None, _time(chooser, day, now)))
        items.append(item)
        if chooser.chance(12):
            items.append(dict(item))
    payload: dict[str, Any] = {"order_id": order, name: items}
    if chooser.chance(30):
        unlisted = ("note", "cart_id", "placed_at", "Order_id", "line_items")
        payload[chooser.of(unlisted)] = chooser.of((1, "x", None, ["a", "b"]))
    return {"type": kind, "payload": payload}


def _time(chooser: Chooser, day: int, now: int) -> str:
    if chooser.chance(12):
        at = now + chooser.of((0, 300 * SECOND, 300 * SECOND + 1, 299 * SECOND, DAY))
    else:
        at = (day + chooser.of(DAYS_LATER)) * DAY + chooser.of(CLOCKS)
    if chooser.chance(150):
        return chooser.of(("0000-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59"))
    return written(at, chooser.of((0, 0, 0, 120, -330)))


def written(at: int, offset: int = 0) -> str:
    """An instant as text, at an offset in minutes."""
    local = at + offset * 60 * SECOND
    year, month, day = date_of(utc_day(local))
    seconds, fraction = divmod(local % DAY, SECOND)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    sign = "-" if offset < 0 else "+"
    zone = f"{sign}{abs(offset) // 60:02}:{abs(offset) % 60:02}" if offset else "Z"
    return f"{year:04}-{month:02}-{day:02}T{clock}.{fraction:09}{zone}"


def _placement(chooser: Chooser, told: Told, place: tuple[str, str], now: int) -> dict[str, Any]:
    lines = lines_of(chooser)
    at = (
        f"{chooser.of(PLACED_ON)}T09:00:00.000Z"
        if not chooser.chance(20)
        else written(now + chooser.of((0, 300 * SECOND, 300 * SECOND + 1, DAY)))
    )
    if place not in told.lines:
        told.lines[place] = [line["id"] for line in lines]
        told.days[place] = utc_day(time_of(at) or 0)
    payload: dict[str, Any] = {
        "order_id": place[1],
        "placed_at": at,
        "order_currency": "eur",
        "customer": {"first_name": "Max", "last_name": "", "email": "max@example.com"},
        "customer_billing_address": {
            "address_line_1": "Musterstrasse",
            "address_line_2": "1",
            "city": "Leipzig",
            "country": "de",
            "zip": "04109",
        },
        "line_items": lines,
    }
    if chooser.chance(5):
        with_oddities(chooser, payload)
    return {"type": "order_placed", "payload": payload}
