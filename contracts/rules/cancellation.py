"""Cancellations: their fields, and what may still be cancelled."""

from collections.abc import Iterator

from contracts.findings.finding import Related
from contracts.json_text.pointer import at
from contracts.orders.events import ItemsEvent, LinesCancelled, OrderCancelled, type_of
from contracts.orders.order import Outcome
from contracts.rules.rule import (
    ADVICE,
    DOCUMENTED,
    FULFILLED,
    INFERRED,
    ITEM_EVENTS,
    LINES_CANCELLED,
    ORDER_CANCELLED,
    REFUNDED,
    VIOLATION,
    WARNING,
    Example,
    Found,
    Meeting,
    Stage,
    rule,
)

_ENTRY = "/payload/cancelled_line_items/0"
_WHEN = "2024-03-02T09:00:00.000Z"


@rule(
    id="cancel-quantity-missing",
    title="A cancellation says how many units",
    stage=Stage.ARRIVAL,
    severity=ADVICE,
    basis=INFERRED,
    sources=("S",),
    events=(LINES_CANCELLED,),
    fix="add quantity",
    passes=("P{d:1} C{d:1}",),
    violates=("P{d:1} C{d}",),
)
def cancel_quantity_missing(meeting: Meeting) -> Iterator[Found]:
    """The page's own example leaves it out once. Here it means all unshipped units, if there are
    none all active ones; what the provider makes of it is not published.
    """
    if isinstance(meeting.event, LinesCancelled):
        for item in meeting.event.items:
            if item.quantity is None:
                yield Found(item.pointer, f"the entry for {item.line_id!r} has no quantity")


@rule(
    id="cancel-timestamp-alias",
    title="A cancellation has its time in cancelled_at",
    stage=Stage.ARRIVAL,
    severity=ADVICE,
    basis=INFERRED,
    sources=("S",),
    events=(LINES_CANCELLED,),
    fix="rename refunded_at to cancelled_at",
    passes=("P{d:1} C{d:1}",),
    violates=(
        Example(
            "P{d:1} C{d:1}",
            edits={f"{_ENTRY}/refunded_at": _WHEN},
            without=(f"{_ENTRY}/cancelled_at",),
        ),
    ),
)
def cancel_timestamp_alias(meeting: Meeting) -> Iterator[Found]:
    """The page's own example says refunded_at in one of its two entries, probably by mistake."""
    if isinstance(meeting.event, LinesCancelled):
        for item in meeting.event.items:
            if at(meeting.event.body, item.pointer).get("cancelled_at") is None:
                yield Found(item.at_pointer, f"the entry for {item.line_id!r} uses refunded_at")


@rule(
    id="order-cancel-after-fulfillment",
    title="An order is cancelled only before a product ships",
    stage=Stage.STATE,
    severity=VIOLATION,
    basis=DOCUMENTED,
    sources=("WF", "OR", "RS-old"),
    events=(ORDER_CANCELLED,),
    fix="end the order line by line, each product together with its protection: refund what was "
    "shipped, cancel the rest. Check the dates: an insured product is returned within 3 months",
    passes=("P{d:1} X", "P{d:1,p:1>d} F{p:1} X"),
    violates=("P{d:1} F{d:1} X",),
)
def order_cancel_after_fulfillment(meeting: Meeting) -> Iterator[Found]:
    """The provider declines it (`cancel_decline`): a shipped product is insured. The order stays
    as it was. A shipped plan alone does not count.
    """
    if meeting.step.outcome is Outcome.DECLINED:
        shipped = ", ".join(
            f"{line.ledger.fulfilled} × {line.item.name}"
            for line in meeting.step.before.lines.values()
            if line.ledger.fulfilled and not line.item.is_protection
        )
        found = Found("/payload/order_id", f"the order was not cancelled: it has shipped {shipped}")
        yield found.corrected_by(meeting.correction)


@rule(
    id="order-already-cancelled",
    title="An order is cancelled once",
    stage=Stage.STATE,
    severity=VIOLATION,
    basis=DOCUMENTED,
    sources=("RS-old",),
    events=(ORDER_CANCELLED,),
    fix="send order_cancelled once; retry with the same idempotency key",
    passes=("P{d:1} X",),
    violates=("P{d:1} X X@4",),
)
def order_already_cancelled(meeting: Meeting) -> Iterator[Found]:
    """The provider declines it (`cancel_decline`)."""
    step = meeting.step
    if isinstance(meeting.event, OrderCancelled) and step.outcome is Outcome.IGNORED:
        first = step.before.cancelled_by
        yield Found(
            "/payload/order_id",
            f"the order is cancelled already ({first})",
            related=(Related(first, "cancelled the order"),),
        )


_AFTER_CANCELLATION = {FULFILLED: VIOLATION, LINES_CANCELLED: WARNING, REFUNDED: ADVICE}


@rule(
    id="event-after-order-cancelled",
    title="After its cancellation nothing happens to an order",
    stage=Stage.STATE,
    severity=VIOLATION,
    basis=DOCUMENTED,
    sources=("CA", "WF"),
    events=ITEM_EVENTS,
    fix="stop sending events for a cancelled order",
    passes=("P{d:1} X", "P{d:1} F{d:1}"),
    violates=("P{d:1} X F{d:1}", "P{d:1} X C{d:1}", "P{d:1} X R{d:1}"),
    variants="violation for fulfilments, warning for line cancellations, advice for refunds",
)
def event_after_order_cancelled(meeting: Meeting) -> Iterator[Found]:
    """Protections of a cancelled order can no longer be fulfilled. A refund is merely redundant:
    support is told to refund plans, while the page sends one cancellation for all.
    """
    step = meeting.step
    if isinstance(meeting.event, ItemsEvent) and step.outcome is Outcome.IGNORED:
        kind = type_of(meeting.event)
        yield Found(
            "/payload/order_id",
            f"the order was cancelled before ({step.before.cancelled_by}); "
            f"this {kind} was recorded and changes nothing",
            severity=_AFTER_CANCELLATION[kind],
            related=(Related(step.before.cancelled_by, "cancelled the order"),),
        )
