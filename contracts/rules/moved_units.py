"""What several rules read from the context of an order: entries by line, and lines in words."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from contracts.orders.events import Item, ItemsEvent
from contracts.orders.ledger import Taken
from contracts.orders.order import Line, Order
from contracts.rules.rule import OrderContext

E = TypeVar("E", bound=ItemsEvent)


def moved(context: OrderContext, kind: type[E]) -> Iterator[tuple[Line, Taken, list[Item]]]:
    """For an event of that kind: each known line (as it was before), what moved, its entries."""
    event = context.event
    if isinstance(event, kind):
        for line_id, items in context.step.entries.items():
            if line_id in context.step.taken:
                yield context.step.before.lines[line_id], context.step.taken[line_id], items


def pieces(count: int, line: Line) -> str:
    """A number of units of a line in words: `2 × iPhone 14 (line-d)`."""
    return f"{count} × {line.item.name}"


def listed(order: Order, counts: Iterable[tuple[str, int]]) -> str:
    """Several lines with their numbers of units; lines without units are left out."""
    return ", ".join(pieces(count, order.lines[line_id]) for line_id, count in counts if count)


def were(count: int) -> str:
    """`is` or `are`, as the number wants it."""
    return "is" if count == 1 else "are"
