"""One order as a value, and what each event makes of it.

`receive` is the only transition. It never judges: it says what moved (a `Step`), and the rules
read that. An order is a fold over its accepted events, so a store may keep the events and rebuild.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import StrEnum
from itertools import groupby

from contracts.orders.events import (
    Event,
    Fulfilled,
    Item,
    ItemsEvent,
    LineItem,
    LinesCancelled,
    OrderCancelled,
    OrderPlaced,
    Refunded,
)
from contracts.orders.ledger import Ledger, Taken
from contracts.orders.pairing import Active, Group, PairChange, Termination, pair_change
from contracts.orders.placement_outline import outline_of
from contracts.timing.rfc3339 import Instant
from contracts.values import cached_property, dataclass, replace


class Status(StrEnum):
    """What `/orders` calls the state of an order."""

    PLACED = "placed"
    PARTIALLY_FULFILLED = "partially_fulfilled"
    FULFILLED = "fulfilled"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What became of an accepted event."""

    APPLIED = "applied"
    WAITING = "waiting"
    """Its order is not placed yet; it is replayed when the placement comes."""
    IGNORED = "ignored"
    """Recorded only: a second placement, anything after a cancellation."""
    DECLINED = "declined"
    """An order cancellation after a product was shipped; recorded only."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event with the id it got."""

    event_id: str
    event: Event


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the order and its counts."""

    item: LineItem
    ledger: Ledger


@dataclass(frozen=True)
class Order:
    """Everything the rules ask about one order. `placed_at` is None until it is placed.

    `currency` is that of its prices, in lowercase. `outline` tells another placement from the one
    that counts.
    """

    order_id: str
    placed_at: Instant | None = None
    placed_by: str | None = None
    outline: bytes = b""
    lines: Mapping[str, Line] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    cancelled_by: str | None = None
    latest_applied_at: Instant | None = None
    waiting: tuple[Arrival, ...] = ()
    currency: str = ""

    def changed(
        self,
        lines: Mapping[str, Line],
        groups: Mapping[str, Group],
        latest_applied_at: Instant | None,
        cancelled_by: str | None,
    ) -> "Order":
        """The same order with what its events change after the placement."""
        return Order(
            self.order_id,
            self.placed_at,
            self.placed_by,
            self.outline,
            lines,
            groups,
            cancelled_by,
            latest_applied_at,
            self.waiting,
            self.currency,
        )

    @property
    def is_placed(self) -> bool:
        """Whether its order_placed event was accepted."""
        return self.placed_at is not None

    @cached_property
    def product_shipped(self) -> bool:
        """Whether any unit of a non-protection line was ever shipped, even if refunded later."""
        return any(
            line.ledger.fulfilled for line in self.lines.values() if not line.item.is_protection
        )

    @cached_property
    def status(self) -> Status:
        """The order's state in one word."""
        if self.cancelled_by is not None:
            return Status.CANCELLED
        any_active = any_unshipped = False
        for line in self.lines.values():
            unshipped = line.ledger.unshipped
            any_active = any_active or bool(unshipped or line.ledger.kept)
            any_unshipped = any_unshipped or bool(unshipped and line.item.reference is None)
        if not any_active:
            return Status.CLOSED
        if not self.product_shipped:
            return Status.PLACED
        return Status.PARTIALLY_FULFILLED if any_unshipped else Status.FULFILLED

    def group_of(self, line: LineItem) -> Group | None:
        """The pairing group that the line belongs to, as a product or as a plan."""
        reference = line.product_id if line.reference is None else line.reference
        return self.groups.get(reference)

    def active(self, group: Group) -> Active:
        """The active units of a group."""
        return Active(
            sum(self.lines[line].ledger.active for line in group.product_lines),
            sum(self.lines[line].ledger.active for line in group.plan_lines),
        )


@dataclass(frozen=True)
class Step:
    """One event meeting its order: before, after, and what moved.

    `replayed` is the placement's event id where a waiting event is replayed, else None.
    """

    arrival: Arrival
    outcome: Outcome
    before: Order
    after: Order
    taken: Mapping[str, Taken] = field(default_factory=dict)
    pairs: tuple[PairChange, ...] = ()
    replayed: str | None = None

    def applied(self, line_id: str) -> int:
        """How many units of that line the event moved."""
        taken = self.taken.get(line_id)
        return taken.applied if taken else 0

    @cached_property
    def entries(self) -> Mapping[str, list[Item]]:
        """The entries of the event by line id, in the order in which the lines first appear."""
        event = self.arrival.event
        return entries_by_line(event.items) if isinstance(event, ItemsEvent) else {}

    def first_entry(self, line_ids: Iterable[str]) -> str:
        """Where the event first names one of these lines and moves units of it; "" if it does not.

        The cost follows from the lines, not from the event: an event may end thousands of pairs.
        """
        pointers = (
            (int(self.entries[item][0].pointer.rsplit("/", 1)[1]), self.entries[item][0].pointer)
            for item in line_ids
            if item in self.entries and self.applied(item)
        )
        return min(pointers, default=(0, ""))[1]


def entries_by_line(items: Iterable[Item]) -> dict[str, list[Item]]:
    """Entries by line id, in the order in which the lines first appear."""
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(item.line_id, []).append(item)
    return found


def receive(order: Order, arrival: Arrival) -> tuple[Step, ...]:
    """The steps that an accepted event causes: its own, then those of events that waited for it."""
    if not order.is_placed and not isinstance(arrival.event, OrderPlaced):
        after = replace(order, waiting=(*order.waiting, arrival))
        return (Step(arrival, Outcome.WAITING, order, after),)
    steps = [_meet(order, arrival)]
    if order.waiting:
        current = replace(steps[0].after, waiting=())
        for late in order.waiting:
            step = replace(_meet(current, late), replayed=arrival.event_id)
            steps.append(step)
            current = step.after
    return tuple(steps)


def _meet(order: Order, arrival: Arrival) -> Step:
    event = arrival.event
    if isinstance(event, OrderPlaced):
        if order.is_placed:
            return Step(arrival, Outcome.IGNORED, order, order)
        return Step(arrival, Outcome.APPLIED, order, _placed(order, arrival.event_id, event))
    if order.cancelled_by is not None:
        return Step(arrival, Outcome.IGNORED, order, order)
    if isinstance(event, OrderCancelled):
        if order.product_shipped:
            return Step(arrival, Outcome.DECLINED, order, order)
        return _cancel_order(order, arrival, event)
    return _move_items(order, arrival, event)


def opened(
    order: Order,
    event_id: str,
    placed_at: Instant,
    outline: bytes,
    items: tuple[LineItem, ...],
    currency: str,
) -> Order:
    """The order once it is placed; of lines with the same id the first counts."""
    lines: dict[str, Line] = {}
    for item in items:
        lines.setdefault(item.id, Line(item, Ledger(item.quantity)))
    return Order(
        order.order_id,
        placed_at,
        event_id,
        outline,
        lines,
        groups_of(lines),
        waiting=order.waiting,
        currency=currency,
    )


def _placed(order: Order, event_id: str, event: OrderPlaced) -> Order:
    outline = outline_of(event.body["payload"])
    return opened(order, event_id, event.placed_at, outline, event.lines, event.currency)


def groups_of(lines: Mapping[str, Line]) -> dict[str, Group]:
    """The pairs of a placed order, by the product reference of their protections."""
    products: dict[str, list[Line]] = {}
    plans: dict[str, list[Line]] = {}
    for line in lines.values():
        if line.item.reference is None:
            products.setdefault(line.item.product_id, []).append(line)
        else:
            plans.setdefault(line.item.reference, []).append(line)
    groups = {}
    for reference, members in plans.items():
        covered = products.get(reference, [])
        excess = sum(member.ledger.ordered for member in members) - sum(
            item.ledger.ordered for item in covered
        )
        groups[reference] = Group(
            reference,
            tuple(item.item.id for item in covered),
            tuple(member.item.id for member in members),
            max(0, excess),
        )
    return groups


def _move_items(order: Order, arrival: Arrival, event: ItemsEvent) -> Step:
    changed: dict[str, Line] = {}
    taken: dict[str, Taken] = {}
    latest = order.latest_applied_at
    by_line = sorted(event.items, key=lambda item: item.line_id)
    for line_id, entries in groupby(by_line, key=lambda item: item.line_id):
        line = order.lines.get(line_id)
        if line is None:
            continue
        items = list(entries)
        asked = sum(item.quantity or 0 for item in items)
        times = [item.at for item in items]
        if isinstance(event, Fulfilled):
            ledger, moved = line.ledger.fulfil(asked, times)
        elif isinstance(event, Refunded):
            ledger, moved = line.ledger.refund(asked)
        else:
            ledger, moved = line.ledger.cancel_entries(item.quantity for item in items)
        if not isinstance(event, Fulfilled):
            ledger = ledger.after_ending(arrival.event_id, max(times), moved.unshipped)
        changed[line_id] = Line(line.item, ledger)
        taken[line_id] = moved
        if moved.applied:
            latest = max(times) if latest is None else max(latest, *times)
    lines = {**order.lines, **changed}
    after = order.changed(lines, order.groups, latest, order.cancelled_by)
    if isinstance(event, Fulfilled):
        return Step(arrival, Outcome.APPLIED, order, after, taken)
    kind = Termination.CANCEL if isinstance(event, LinesCancelled) else Termination.REFUND
    ended = [line_id for line_id, moved in taken.items() if moved.applied]
    after, pairs = _repair(order, after, ended, kind, arrival.event_id)
    return Step(arrival, Outcome.APPLIED, order, after, taken, pairs)


def _cancel_order(order: Order, arrival: Arrival, event: OrderCancelled) -> Step:
    lines, taken = {}, {}
    for line_id, line in order.lines.items():
        ledger, taken[line_id] = line.ledger.cancel(line.ledger.active)
        lines[line_id] = Line(line.item, ledger)
    latest = max(order.latest_applied_at or event.cancelled_at, event.cancelled_at)
    after = order.changed(lines, order.groups, latest, arrival.event_id)
    kind = Termination.ORDER_CANCEL
    after, pairs = _repair(order, after, list(lines), kind, arrival.event_id)
    return Step(arrival, Outcome.APPLIED, order, after, taken, pairs)


def _repair(
    before: Order, after: Order, ended: list[str], kind: Termination, event_id: str
) -> tuple[Order, tuple[PairChange, ...]]:
    """Bring the groups of the lines that ended up to date; the changes come in placement order."""
    touched = {
        group.reference: group
        for line_id in ended
        if (group := before.group_of(before.lines[line_id].item)) is not None
    }
    if not touched:
        return after, ()
    changes = []
    groups = dict(after.groups)
    for reference in [item for item in before.groups if item in touched]:
        group = touched[reference]
        groups[reference], change = pair_change(
            group, kind, before.active(group), after.active(group), event_id
        )
        changes.append(change)
    repaired = after.changed(after.lines, groups, after.latest_applied_at, after.cancelled_by)
    return repaired, tuple(changes)
