"""An order of the naive model as the control API shows it."""

from typing import Any

from fuzz.model.orders import OrderHistory


def order_view(order_id: str, history: OrderHistory) -> dict[str, Any]:
    """The order as `GET /_mock/v1/orders/{id}` shows it, findings and timeline left out."""
    lines = list(history.lines.values())
    return {
        "order_id": order_id,
        "status": _status(history),
        "lines": [
            {
                "id": line.id,
                "product_id": line.product_id,
                "title": line.title,
                "is_protection": line.reference is not None,
                "product_reference": line.reference,
                "ordered": line.ordered,
                "fulfilled": line.fulfilled,
                "refunded": line.refunded_shipped + line.refunded_unshipped,
                "cancelled": line.cancelled_shipped + line.cancelled_unshipped,
                "active": line.active,
                "protected_by": [
                    plan.id
                    for pair in history.pairs
                    if line in pair.products
                    for plan in pair.plans
                ],
                "protects": [
                    product.id
                    for pair in history.pairs
                    if line in pair.plans
                    for product in pair.products
                ],
            }
            for line in lines
        ],
    }


def _status(history: OrderHistory) -> str:
    lines = history.lines.values()
    if history.cancelled:
        return "cancelled"
    if not any(line.active for line in lines):
        return "closed"
    products = [line for line in lines if line.reference is None]
    if all(line.fulfilled == 0 for line in products):
        return "placed"
    return "partially_fulfilled" if any(line.unshipped for line in products) else "fulfilled"
