"""Before shipment things are cancelled, after it they are refunded; plans follow their product."""

from collections.abc import Iterator

from contracts.orders.events import Fulfilled, LinesCancelled, Refunded
from contracts.orders.order import Order
from contracts.orders.pairing import Group, PairChange, Termination
from contracts.rules.moved_units import listed, moved, pieces
from contracts.rules.rule import (
    ADVICE,
    DOCUMENTED,
    FULFILLED,
    INFERRED,
    LINES_CANCELLED,
    REFUNDED,
    WARNING,
    Found,
    Meeting,
    Stage,
    rule,
)
from contracts.timing.rfc3339 import months_later, show_date, utc_day

REVOCATION_DAYS = 14
RETURN_MONTHS = 3


@rule(
    id="refund-before-fulfillment",
    title="What was not shipped is cancelled, not refunded",
    stage=Stage.STATE,
    severity=ADVICE,
    basis=INFERRED,
    sources=("WF",),
    events=(REFUNDED,),
    fix="send order_line_items_cancelled for unshipped units, or the missing fulfilment first",
    passes=("P{d:1} C{d:1}", "P{d:1,p:1>d} F{d:1} R{d:1,p:1}"),
    violates=("P{d:1} R{d:1}",),
)
def refund_before_fulfillment(meeting: Meeting) -> Iterator[Found]:
    """Often the fulfilment event is missing, and with it the insurance contract. Protections need
    no fulfilment, so this is never said of them.
    """
    for line, taken, items in moved(meeting, Refunded):
        if taken.unshipped and not line.item.is_protection:
            yield Found(
                items[0].pointer, f"refunds {pieces(taken.unshipped, line)} that never shipped"
            )


@rule(
    id="cancel-after-fulfillment",
    title="What was shipped is refunded, not cancelled",
    stage=Stage.STATE,
    severity=WARNING,
    basis=DOCUMENTED,
    sources=("WF",),
    events=(LINES_CANCELLED,),
    fix="send order_refund_added for shipped units",
    passes=("P{d:2} F{d:1} C{d:1}",),
    violates=("P{d:1} F{d:1} C{d:1}",),
)
def cancel_after_fulfillment(meeting: Meeting) -> Iterator[Found]:
    """A product can be cancelled only before it ships; afterwards its contract exists."""
    for line, taken, items in moved(meeting, LinesCancelled):
        if taken.kept and not line.item.is_protection:
            yield Found(
                items[0].pointer, f"cancels {pieces(taken.kept, line)} that already shipped"
            )


@rule(
    id="protection-cancel-after-shipment",
    title="A plan is cancelled only before its product ships",
    stage=Stage.STATE,
    severity=WARNING,
    basis=DOCUMENTED,
    sources=("WF",),
    events=(LINES_CANCELLED,),
    fix="send order_refund_added for the plan",
    passes=("P{d:1,p:1>d} F{d:1} R{p:1}", "P{d:1,p:1>d} C{p:1}"),
    violates=("P{d:1,p:1>d} F{d:1} C{p:1}",),
)
def protection_cancel_after_shipment(meeting: Meeting) -> Iterator[Found]:
    """Once the product is with the customer the contract exists: a plan alone is then revoked by a
    refund. Plans that end together with their product are not meant.
    """
    for pair, pointer in _ended_plans(meeting, Termination.CANCEL):
        lines = meeting.step.after.lines
        unshipped = sum(lines[one].ledger.unshipped for one in pair.group.product_lines)
        if pair.standalone_plans > max(0, unshipped - pair.group.standalone_cancelled):
            yield Found(
                pointer,
                f"cancels {_plans(meeting, pair)} alone, although the product "
                f"({', '.join(pair.group.product_lines)}) has shipped",
            )


@rule(
    id="protection-revocation-window",
    title="A plan alone is given back within 14 days",
    stage=Stage.STATE,
    severity=WARNING,
    basis=DOCUMENTED,
    sources=("WF", "PI", "OR"),
    events=(REFUNDED,),
    fix="check the date; after 14 days a plan ends with its product only",
    passes=("P{d:1,p:1>d} F{d:1}@1 R{p:1}@15",),
    violates=("P{d:1,p:1>d} F{d:1}@1 R{p:1}@16",),
)
def protection_revocation_window(meeting: Meeting) -> Iterator[Found]:
    """The revocation period ends 14 days after the latest shipment of the product, counted in UTC
    calendar days, the last day included (how the provider counts is not published).
    """
    for pair, pointer in _ended_plans(meeting, Termination.REFUND):
        shipped = _latest_shipment(meeting.step.before, pair.group)
        if not pair.standalone_plans or shipped is None:
            continue
        entries = meeting.step.entries
        refunded = max(
            item.at
            for one in pair.group.plan_lines
            if meeting.step.applied(one)
            for item in entries[one]
        )
        last = utc_day(shipped) + REVOCATION_DAYS
        if utc_day(refunded) > last:
            yield Found(
                pointer,
                f"refunds {_plans(meeting, pair)} alone on {show_date(utc_day(refunded))}; "
                f"its product shipped on {show_date(utc_day(shipped))}, "
                f"the {REVOCATION_DAYS} days ended on {show_date(last)}",
            )


@rule(
    id="product-return-window",
    title="An insured product is returned within 3 months",
    stage=Stage.STATE,
    severity=WARNING,
    basis=DOCUMENTED,
    sources=("WF",),
    events=(REFUNDED,),
    fix="check the date; after 3 months the plan is not refunded any more",
    passes=("P{d:1,p:1>d} F{d:1}@1 R{d:1,p:1}@93",),
    violates=("P{d:1,p:1>d} F{d:1}@1 R{d:1,p:1}@94",),
)
def product_return_window(meeting: Meeting) -> Iterator[Found]:
    """Plans are refunded with a returned product up to 3 calendar months after its latest shipment
    (UTC dates, the last day included). Another page says 14 days for everything; the support
    workflow is the current one.
    """
    for line, taken, items in moved(meeting, Refunded):
        shipped = line.ledger.last_fulfilled_at
        group = meeting.step.before.group_of(line.item)
        if line.item.is_protection or not taken.kept or group is None or shipped is None:
            continue
        last = months_later(utc_day(shipped), RETURN_MONTHS)
        refunded = max(utc_day(item.at) for item in items)
        if refunded > last:
            yield Found(
                items[0].pointer,
                f"refunds {pieces(taken.kept, line)} on {show_date(refunded)}; it shipped on "
                f"{show_date(utc_day(shipped))}, the 3 months ended on {show_date(last)}",
            )


@rule(
    id="protection-fulfilled-alone",
    title="A plan is not shipped before its product",
    stage=Stage.STATE,
    severity=ADVICE,
    basis=DOCUMENTED,
    sources=("S",),
    events=(FULFILLED,),
    fix="fulfil the plan together with its product, or not at all",
    passes=("P{d:1,p:1>d} F{d:1,p:1}", "P{d:1,p:1>d} F{d:1}"),
    violates=("P{d:1,p:1>d} F{p:1}",),
)
def protection_fulfilled_alone(meeting: Meeting) -> Iterator[Found]:
    """Plans need no fulfilment; the page suggests to fulfil them together with their product."""
    lines = meeting.step.after.lines
    told: set[str] = set()
    for line, taken, items in moved(meeting, Fulfilled):
        group = meeting.step.after.group_of(line.item) if line.item.is_protection else None
        if not taken.applied or group is None or not group.product_lines:
            continue
        if group.reference not in told and not any(
            lines[one].ledger.fulfilled for one in group.product_lines
        ):
            told.add(group.reference)
            yield Found(
                items[0].pointer,
                f"ships {pieces(taken.applied, line)} before its product "
                f"({', '.join(group.product_lines)})",
            )


def _ended_plans(meeting: Meeting, kind: Termination) -> Iterator[tuple[PairChange, str]]:
    """The pairs with a product of which this event ended plans in that way, with a plan's entry."""
    for pair in meeting.step.pairs:
        if pair.kind is kind and pair.plans_ended and pair.group.product_lines:
            yield pair, meeting.step.first_entry(pair.group.plan_lines)


def _plans(meeting: Meeting, pair: PairChange) -> str:
    counts = [(one, meeting.step.applied(one)) for one in pair.group.plan_lines]
    return listed(meeting.step.after, counts)


def _latest_shipment(order: Order, group: Group) -> int | None:
    """The latest payload time at which a unit of the group's product was shipped."""
    times = [order.lines[one].ledger.last_fulfilled_at for one in group.product_lines]
    return max((time for time in times if time is not None), default=None)
