"""Until when a product is returned and a plan is given back; UTC dates, the last day included."""

from contracts.orders.order import Line, Order
from contracts.orders.pairing import Group
from contracts.timing.rfc3339 import Instant, months_later, utc_day

REVOCATION_DAYS = 14
RETURN_MONTHS = 3


def latest_shipment(order: Order, group: Group) -> Instant | None:
    """The latest payload time at which a unit of the group's product was shipped."""
    times = [
        order.lines[product_line].ledger.last_fulfilled_at for product_line in group.product_lines
    ]
    return max((time for time in times if time is not None), default=None)


def last_day_to_revoke(order: Order, group: Group) -> int | None:
    """The last day on which a plan of the group is given back alone; None before any shipment."""
    shipped = latest_shipment(order, group)
    return None if shipped is None else utc_day(shipped) + REVOCATION_DAYS


def last_day_to_return(order: Order, line: Line) -> int | None:
    """The last day on which a shipped product with a plan is returned; None without a limit."""
    shipped = line.ledger.last_fulfilled_at
    if line.item.is_protection or shipped is None or order.group_of(line.item) is None:
        return None
    return months_later(utc_day(shipped), RETURN_MONTHS)
