"""An order as the control API and scenarios show it."""

from typing import Any

from contracts.order import Line, Order


def describe_order(order: Order) -> dict[str, Any]:
    """`order_id`, `status` and `lines` of a placed order."""
    return {
        "order_id": order.order_id,
        "status": str(order.status),
        "lines": [_line(line, order) for line in order.lines.values()],
    }


def _line(line: Line, order: Order) -> dict[str, Any]:
    item, ledger = line.item, line.ledger
    group = order.group_of(item)
    return {
        "id": item.id,
        "product_id": item.product_id,
        "title": item.title,
        "is_protection": item.is_protection,
        "product_reference": item.reference,
        "ordered": ledger.ordered,
        "fulfilled": ledger.fulfilled,
        "refunded": ledger.refunded,
        "cancelled": ledger.cancelled,
        "active": ledger.active,
        "protected_by": list(group.plan_lines) if group and not item.is_protection else [],
        "protects": list(group.product_lines) if group and item.is_protection else [],
    }
