"""Events to start from: each of the five types, for an order that the mock knows or a new one."""

import json
from typing import Any

from contracts.event_kinds import EVENT_KINDS
from contracts.orders.events import ALL_EVENTS
from contracts.orders.order import Line, Order
from contracts.rules.rule import (
    FULFILLED,
    PLACED,
    REFUNDED,
)
from contracts.shorthand import bodies
from contracts.timing.rfc3339 import Instant, show

_PLACEMENT = "P{d:1, p:1>d, a:1}"


def sample(kind: str, order: Order | None, order_id: str, now: Instant) -> dict[str, Any]:
    """A valid event of that type for the order; for one that is not placed yet, as if it held the
    lines of the sample placement.
    """
    when = show(now)
    if kind == PLACED:
        body = bodies(_PLACEMENT)[0]
        body["payload"] |= {"order_id": order_id, "placed_at": when}
        return body
    row = EVENT_KINDS[kind]
    if row.items is None:
        return {"type": kind, "payload": {"order_id": order_id, row.time: when}}
    entries = _entries(kind, order) if order is not None and order.is_placed else _guessed(kind)
    items = [
        {"line_item_id": line_id, "quantity": quantity, row.time: when}
        for line_id, quantity in entries
    ]
    return {"type": kind, "payload": {"order_id": order_id, row.items: items}}


def _guessed(kind: str) -> list[tuple[str, int]]:
    if kind == FULFILLED:
        return [("line-d", 1), ("line-a", 1)]
    return [("line-d", 1), ("line-p", 1)]


def _entries(kind: str, order: Order) -> list[tuple[str, int]]:
    """What is sensible next: ship all that is open; give one product back with its protections."""
    lines = list(order.lines.values())
    if kind == FULFILLED:
        still = [
            (line.item.id, line.ledger.unshipped)
            for line in lines
            if line.ledger.unshipped and not line.item.is_protection
        ]
        return still or [(lines[0].item.id, 1)]
    chosen = _to_give_back(kind, lines)
    entries = [(chosen.item.id, 1)]
    group = order.group_of(chosen.item)
    if group is not None and not chosen.item.is_protection:
        active = order.active(group)
        if active.plans > active.products - 1:
            plans = [order.lines[plan_line] for plan_line in group.plan_lines]
            entries += [(plan.item.id, 1) for plan in plans if plan.ledger.active][:1]
    return entries


def _to_give_back(kind: str, lines: list[Line]) -> Line:
    """The line whose unit is refunded (of the shipped) or cancelled (of the unshipped)."""
    products = [line for line in lines if not line.item.is_protection] or lines
    fitting = [
        line
        for line in products
        if (line.ledger.kept if kind == REFUNDED else line.ledger.unshipped)
    ]
    active = [line for line in products if line.ledger.active]
    return (fitting or active or products)[0]


def as_text(body: Any) -> str:
    """A body as people edit it."""
    return json.dumps(body, indent=2, ensure_ascii=False)


__all__ = ["ALL_EVENTS", "as_text", "sample"]
