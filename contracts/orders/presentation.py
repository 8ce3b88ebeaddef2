"""An order as the control API and scenarios show it."""

from typing import Any

from contracts.orders.order import Line, Order

MAX_LINKS = 100
"""A group of thousands of lines would repeat all its ids on each of them."""


def describe_order(order: Order) -> dict[str, Any]:
    """`order_id`, `status` and `lines` of a placed order.

    A line names at most `MAX_LINKS` others; `more_links` counts the rest, where there are any.
    """
    return {
        "order_id": order.order_id,
        "status": str(order.status),
        "lines": [_line(line, order) for line in order.lines.values()],
    }


def _line(line: Line, order: Order) -> dict[str, Any]:
    item, ledger = line.item, line.ledger
    group = order.group_of(item)
    plans = group.plan_lines if group and not item.is_protection else ()
    products = group.product_lines if group and item.is_protection else ()
    unnamed = max(len(plans), len(products)) - MAX_LINKS
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
        "protected_by": list(plans[:MAX_LINKS]),
        "protects": list(products[:MAX_LINKS]),
        **({"more_links": unnamed} if unnamed > 0 else {}),
    }
