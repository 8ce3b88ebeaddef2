"""What an event should have been, so that it breaks no rule about quantities and pairs.

There is one correction for an event, whichever of its findings one reads. It keeps what the event
meant to do as far as the order allows: shipped products are refunded and others cancelled, as many
plans end as their products need, and nothing ends that is not there.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.findings.correction import Correction, EventItems
from contracts.orders.events import (
    Fulfilled,
    ItemsEvent,
    LinesCancelled,
    OrderCancelled,
    OrderPlaced,
    type_of,
)
from contracts.orders.order import Order, Outcome, Step
from contracts.orders.pairing import Group
from contracts.orders.windows import last_day_to_return, last_day_to_revoke
from contracts.timing.rfc3339 import Instant, utc_day

MAX_ENTRIES = 50
"""A correction of more entries would not be read; such events get the rule's general advice."""
MAX_ID = 200
"""Ids that are longer than so many characters are not repeated in advice."""

REFUND = "order_refund_added"
CANCEL = "order_line_items_cancelled"

Units = Mapping[str, int]


def corrected(step: Step) -> Correction | None:
    """What should have been sent; None where nothing better is known than what was sent."""
    event, order = step.arrival.event, step.before
    if isinstance(event, OrderPlaced):
        right = _placement(step.after) if step.outcome is Outcome.APPLIED else None
        sent = EventItems(
            type_of(event),
            tuple((item, line.ledger.ordered) for item, line in step.after.lines.items()),
        )
    elif isinstance(event, OrderCancelled):
        sent = EventItems(type_of(event))
        right = _order_end(order, event) if step.outcome is Outcome.DECLINED else None
    elif step.outcome is Outcome.APPLIED:
        sent = EventItems(type_of(event), tuple(_asked(step, event).items()))
        right = _shipment(step, event) if isinstance(event, Fulfilled) else _end(step, event)
    else:
        return None
    if right is None or not _readable(sent, *right) or _same(order, sent, right):
        return None
    return Correction(sent, right)


def _asked(step: Step, event: ItemsEvent) -> dict[str, int]:
    """How many units the event asks for, by line; an entry without quantity asks for what it got.

    Entries of unknown lines are named, so that a correction can leave them out.
    """
    asked: Counter[str] = Counter()
    for item in event.items:
        asked[item.line_id] += item.quantity or 0
    return {**asked, **{line_id: taken.asked for line_id, taken in step.taken.items()}}


def _moved(step: Step, event: ItemsEvent) -> dict[str, int]:
    """How many units the event moved, in the order of its entries."""
    named = dict.fromkeys(item.line_id for item in event.items)
    return {element: step.applied(element) for element in named if element in step.taken}


def _readable(*events: EventItems) -> bool:
    items = [item for event in events for item in event.items]
    return len(items) <= MAX_ENTRIES and all(len(line_id) <= MAX_ID for line_id, _ in items)


def _same(order: Order, sent: EventItems, right: tuple[EventItems, ...]) -> bool:
    """Whether it is what was sent; entries of unknown lines alone have no correction."""
    if sent in right and len(right) == 1:
        return True
    known = tuple(item for item in sent.items if item[0] in order.lines)
    return bool(sent.items) and right == ((EventItems(sent.type, known),) if known else ())


def _events(**units: Units) -> tuple[EventItems, ...]:
    found = (
        EventItems(kind, tuple(item for item in counts.items() if item[1]))
        for kind, counts in units.items()
    )
    return tuple(event for event in found if event.items)


def _shipment(step: Step, event: ItemsEvent) -> tuple[EventItems, ...]:
    return _events(order_fulfillment_added=_moved(step, event))


def _placement(order: Order) -> tuple[EventItems, ...]:
    """The order with no more plans than products; of several plan lines the last ones give way."""
    units = {line_id: line.ledger.ordered for line_id, line in order.lines.items()}
    for group in order.groups.values():
        if group.product_lines:
            _take(units, group.plan_lines, group.placement_excess)
    return _events(order_placed=units)


def _take(units: dict[str, int], line_ids: tuple[str, ...], count: int) -> None:
    """Take that many units away, from the last of these lines first."""
    for line_id in reversed(line_ids):
        less = max(0, min(count, units.get(line_id, 0)))
        if less:
            units[line_id] -= less
            count -= less


def _order_end(order: Order, event: OrderCancelled) -> tuple[EventItems, ...] | None:
    """Everything that is active ends: what an order cancellation means after a shipment."""
    units = {line_id: line.ledger.active for line_id, line in order.lines.items()}
    revoked = [
        line_id
        for group in order.groups.values()
        if any(order.lines[product_line].ledger.fulfilled for product_line in group.product_lines)
        for line_id in group.plan_lines
    ]
    return _Ending(order, units, event.cancelled_at, refunded_plans=frozenset(revoked)).events()


def _end(step: Step, event: ItemsEvent) -> tuple[EventItems, ...] | None:
    times: dict[str, Instant] = {}
    for item in event.items:
        times[item.line_id] = max(item.at, times.get(item.line_id, item.at))
    units = _moved(step, event)
    cancels = isinstance(event, LinesCancelled)
    return _Ending(step.before, units, max(times.values()), times, cancels).events()


@dataclass
class _Ending:
    """Units that end, split into a cancellation and the refund that follows it.

    `at` is the time of lines that the event did not name; `refunded_plans` are plans that nobody
    can cancel any more and that end in a refund even without their product.
    """

    order: Order
    units: Units
    at: Instant
    times: Mapping[str, Instant] = field(default_factory=dict)
    cancels: bool = True
    refunded_plans: frozenset[str] = frozenset()

    def events(self) -> tuple[EventItems, ...] | None:
        """The events; None where a unit could only end too late, or before it was shipped."""
        cancelled, refunded = dict.fromkeys(self.units, 0), dict.fromkeys(self.units, 0)
        for line_id, count in self.units.items():
            line = self.order.lines[line_id]
            open_units = count if line.item.is_protection else min(count, line.ledger.unshipped)
            cancelled[line_id] = open_units if self.cancels else 0
            refunded[line_id] = count - cancelled[line_id]
        for group in self._touched_groups():
            self._end_plans(group, cancelled, refunded)
        if self.cancels and not all(self._may_refund(item) for item in refunded if refunded[item]):
            return None
        added = [item for item in refunded if refunded[item] and item not in self.units]
        if any(self._before_shipment(item) for item in added):
            return None
        return _events(**{CANCEL: cancelled, REFUND: refunded})

    def _touched_groups(self) -> list[Group]:
        touched = {
            group.reference
            for line_id, count in self.units.items()
            if count and (group := self.order.group_of(self.order.lines[line_id].item))
        }
        groups = [item for item in self.order.groups.values() if item.reference in touched]
        return [item for item in groups if item.product_lines]

    def _end_plans(self, group: Group, cancelled: dict[str, int], refunded: dict[str, int]) -> None:
        """End as many plans of the group as its products need, each in the right event."""
        active = self.order.active(group)
        products_cancelled = sum(
            cancelled.get(product_line, 0) for product_line in group.product_lines
        )
        ended = products_cancelled + sum(
            refunded.get(product_line, 0) for product_line in group.product_lines
        )
        left = active.products - ended
        needed = 0
        if ended:
            needed = max(0, active.plans - left - active.excess) if left else active.plans
        asked = sum(self.units.get(plan_line, 0) for plan_line in group.plan_lines)
        total = max(asked, needed)
        alone = max(0, total - ended - active.excess)

        may_cancel = 0
        if self.cancels:
            may_cancel = products_cancelled
            refunds_all = not ended and self.refunded_plans & set(group.plan_lines)
            if ended == products_cancelled and not refunds_all:
                may_cancel += active.excess + min(alone, self._cancellable(group, ended))
        cancels = min(total, may_cancel)
        refunds = total - cancels
        alone = min(alone, refunds)
        if alone and self._too_late_to_revoke(group):
            refunds -= alone
        self._distribute(group, cancels, refunds, cancelled, refunded)

    def _cancellable(self, group: Group, ended: int) -> int:
        """How many plans may be cancelled without their product: as many as did not ship yet."""
        ledgers = [self.order.lines[product_line].ledger for product_line in group.product_lines]
        return max(
            0, sum(ledger.unshipped for ledger in ledgers) - ended - group.standalone_cancelled
        )

    def _too_late_to_revoke(self, group: Group) -> bool:
        last = last_day_to_revoke(self.order, group)
        times = [self.times[plan_line] for plan_line in group.plan_lines if plan_line in self.times]
        return last is not None and utc_day(max(times, default=self.at)) > last

    def _distribute(
        self,
        group: Group,
        cancels: int,
        refunds: int,
        cancelled: dict[str, int],
        refunded: dict[str, int],
    ) -> None:
        """Give the plan lines their units: those that the event named first."""
        active = {
            plan_line: self.order.lines[plan_line].ledger.active for plan_line in group.plan_lines
        }
        units = {plan_line: self.units.get(plan_line, 0) for plan_line in group.plan_lines}
        _take(units, group.plan_lines, sum(units.values()) - cancels - refunds)
        missing = cancels + refunds - sum(units.values())
        for item in group.plan_lines:
            more = min(missing, active[item] - units[item])
            units[item] += more
            missing -= more
            cancelled[item] = min(cancels, units[item])
            refunded[item] = units[item] - cancelled[item]
            cancels -= cancelled[item]

    def _may_refund(self, line_id: str) -> bool:
        """Whether units that were to be cancelled may be refunded at that time."""
        last = last_day_to_return(self.order, self.order.lines[line_id])
        in_time = last is None or utc_day(self.times.get(line_id, self.at)) <= last
        return in_time and not self._before_shipment(line_id)

    def _before_shipment(self, line_id: str) -> bool:
        shipped = self.order.lines[line_id].ledger.first_fulfilled_at
        return shipped is not None and self.times.get(line_id, self.at) < shipped
