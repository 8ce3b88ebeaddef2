"""The geometry of an order's bars: per line what was delivered, and what was given back.

Positions are percentages, so that a bar is as wide as its row allows and no text is stretched.
"""

from collections.abc import Iterable, Sequence
from dataclasses import field

from contracts.findings.finding import Finding
from contracts.orders.history import EventRecord
from contracts.orders.ledger import Ledger
from contracts.orders.order import Line, Order
from contracts.orders.pairing import Group
from contracts.values import dataclass

MAX_OVER, MIN_OVER = 0.5, 0.12
"""Units beyond the end take at most, and at least, so much of the bar's length again."""
MIN_WIDTH = 8.0
"""Percent of the row that units beyond the end take at least: their number must be readable."""


@dataclass(frozen=True)
class Part:
    """One piece of a lane. `x` and `width` in percent; `kind` names its colour and pattern."""

    kind: str
    units: int
    x: float
    width: float

    @property
    def middle(self) -> float:
        """Where its number is."""
        return self.x + self.width / 2


@dataclass(frozen=True)
class Lane:
    """One bar. `end` is where the ordered units end, in percent; hatched parts run past it."""

    name: str
    parts: tuple[Part, ...]
    end: float

    @property
    def words(self) -> str:
        """The bar as a sentence, for those who cannot see it."""
        message = ", ".join(f"{part.units} {part.kind}" for part in self.parts)
        return f"{self.name}: {message or 'nothing'}"


@dataclass
class LineRow:
    """One line of the order. `rail` says how it is tied to its neighbours: first, middle, last of a
    pair, or "" alone; `broken` says what is wrong with the tie, "" where it holds.
    """

    line: Line
    lanes: tuple[Lane, Lane]
    rail: str = ""
    broken: str = ""
    ties: str = ""
    findings: list[Finding] = field(default_factory=list)


@dataclass
class Over:
    """Units that were asked for beyond what there was."""

    fulfilled: int = 0
    refunded: int = 0
    cancelled: int = 0


def rows_of(order: Order, records: Iterable[EventRecord]) -> list[LineRow]:
    """The rows of an order: each product, then the protections that belong to it."""
    over = _over(records)
    rows = []
    seen: set[str] = set()
    for line_id, line in order.lines.items():
        group = order.group_of(line.item)
        if line_id in seen:
            continue
        if group is None or not group.product_lines:
            rows.append(_row(line, over, _broken(order, group), _ties(line, group)))
            continue
        members = [item for item in (*group.product_lines, *group.plan_lines) if item not in seen]
        seen.update(members)
        broken = _broken(order, group)
        for place, item in enumerate(members):
            member = order.lines[item]
            row = _row(member, over, broken, _ties(member, group))
            row.rail = "first" if place == 0 else "last" if place == len(members) - 1 else "middle"
            rows.append(row)
    return rows


def _row(line: Line, over: dict[str, Over], broken: str, ties: str) -> LineRow:
    return LineRow(line, lanes(line.ledger, over.get(line.item.id, Over())), "", broken, ties)


def _ties(line: Line, group: Group | None) -> str:
    """What the line protects, or what protects it, in words."""
    if group is None:
        return ""
    if line.item.is_protection:
        names = ", ".join(group.product_lines)
        return f"protects {names}" if names else f"protects {line.item.reference}"
    return f"protected by {', '.join(group.plan_lines)}"


def _broken(order: Order, group: Group | None) -> str:
    """What is wrong with a pair, "" where nothing is."""
    if group is None:
        return ""
    if not group.product_lines:
        return "no product of this order has that id"
    active = order.active(group)
    if active.orphaned:
        left = "is" if active.plans == 1 else "are"
        return f"{active.plans} {left} still active although no product is left"
    if active.excess > group.placement_excess:
        return f"{active.excess} more active than products are left"
    if group.placement_excess:
        return f"{group.placement_excess} more than products were ordered"
    return ""


def _over(records: Iterable[EventRecord]) -> dict[str, Over]:
    found: dict[str, Over] = {}
    for record in records:
        for line_id, taken in record.moved:
            if taken.excess <= 0:
                continue
            over = found.setdefault(line_id, Over())
            if record.type == "order_fulfillment_added":
                over.fulfilled += taken.excess
            elif record.type == "order_refund_added":
                over.refunded += taken.excess
            elif record.type == "order_line_items_cancelled":
                over.cancelled += taken.excess
    return found


def lanes(ledger: Ledger, over: Over) -> tuple[Lane, Lane]:
    """The two bars of a line."""
    never = ledger.ordered - ledger.fulfilled - ledger.unshipped
    delivery = (
        ("fulfilled", ledger.fulfilled),
        ("open", ledger.unshipped),
        ("never-shipped", never),
    )
    back = (
        ("refunded", ledger.refunded),
        ("cancelled", ledger.cancelled),
        ("kept", ledger.kept),
        ("open", ledger.unshipped),
    )
    beyond = (
        ("over-fulfilled", over.fulfilled),
        ("over-refunded", over.refunded),
        ("over-cancelled", over.cancelled),
    )
    excess = max(over.fulfilled, over.refunded + over.cancelled)
    more = max(MIN_OVER, min(MAX_OVER, excess / ledger.ordered)) if excess else 0
    scale = 100 / (ledger.ordered * (1 + more))
    return (
        _lane("Delivery", delivery, beyond[:1], ledger.ordered, scale),
        _lane("Given back", back, beyond[1:], ledger.ordered, scale),
    )


def _lane(
    name: str,
    counts: Sequence[tuple[str, int]],
    beyond: Sequence[tuple[str, int]],
    ordered: int,
    scale: float,
) -> Lane:
    """The parts side by side; what is beyond the end shares the room that is left there."""
    parts = []
    x = 0.0
    for kind, units in counts:
        if units:
            parts.append(Part(kind, units, round(x, 3), round(units * scale, 3)))
            x += units * scale
    end = ordered * scale
    excess = sum(units for _, units in beyond)
    if excess:
        room = min(100 - end, max(MIN_WIDTH, excess * scale))
        x = end
        for kind, units in beyond:
            if units:
                width = room * units / excess
                parts.append(Part(kind, units, round(x, 3), round(width, 3)))
                x += width
    return Lane(name, tuple(parts), round(end, 3))
