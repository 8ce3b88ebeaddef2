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
    OrderContext,
    Stage,
    rule,
)

_ENTRY = "/payload/cancelled_line_items/0"
_WHEN = "2024-03-02T09:00:00.000Z"


@rule(
    id="cancel-quantity-missing",
    title="A cancellation states how many units",
    stage=Stage.ARRIVAL,
    severity=ADVICE,
    basis=INFERRED,
    sources=("S",),
    because="One entry of the page's example has a quantity and the other has none; no page says "
    "what its absence means.",
    events=(LINES_CANCELLED,),
    fix="add quantity",
    passes=("P{d:1} C{d:1}",),
    violates=("P{d:1} C{d}",),
)
def cancel_quantity_missing(context: OrderContext) -> Iterator[Found]:
    """Here it means all unshipped units, or all active ones if none is unshipped. The provider may
    read it otherwise.
    """
    if isinstance(context.event, LinesCancelled):
        for item in context.event.items:
            if item.quantity is None:
                yield Found(item.pointer, f"the entry for {item.line_id!r} has no quantity")


@rule(
    id="cancel-timestamp-alias",
    title="A cancellation has its time in cancelled_at",
    stage=Stage.ARRIVAL,
    severity=ADVICE,
    basis=INFERRED,
    sources=("S",),
    because="The page's example has cancelled_at in one entry and refunded_at in the other.",
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
def cancel_timestamp_alias(context: OrderContext) -> Iterator[Found]:
    """One entry of the page's own example has refunded_at instead, probably by mistake."""
    if isinstance(context.event, LinesCancelled):
        for item in context.event.items:
            if at(context.event.body, item.pointer).get("cancelled_at") is None:
                yield Found(item.at_pointer, f"the entry for {item.line_id!r} uses refunded_at")


@rule(
    id="order-cancel-after-fulfillment",
    title="Cancel an order only before a product ships",
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
def order_cancel_after_fulfillment(context: OrderContext) -> Iterator[Found]:
    """A shipped product is insured. The order stays as it was; a shipped plan alone does not count.

    Refused with `cancel_decline` under `reject`: the provider documents that code for an earlier
    cancel call.
    """
    if context.step.outcome is Outcome.DECLINED:
        shipped = ", ".join(
            f"{line.ledger.fulfilled} × {line.item.name}"
            for line in context.step.before.lines.values()
            if line.ledger.fulfilled and not line.item.is_protection
        )
        found = Found("/payload/order_id", f"the order was not cancelled: it has shipped {shipped}")
        yield found.corrected_by(context.correction)


@rule(
    id="order-already-cancelled",
    title="Cancel an order once",
    stage=Stage.STATE,
    severity=VIOLATION,
    basis=INFERRED,
    sources=("RS-old",),
    because="An earlier cancel call answered a second cancellation with cancel_decline; no page "
    "says it of this event.",
    events=(ORDER_CANCELLED,),
    fix="send order_cancelled once; retry with the same idempotency key",
    passes=("P{d:1} X",),
    violates=("P{d:1} X X@4",),
)
def order_already_cancelled(context: OrderContext) -> Iterator[Found]:
    """Refused with `cancel_decline` under `reject`: the provider documents that code for an earlier
    cancel call.
    """
    step = context.step
    if isinstance(context.event, OrderCancelled) and step.outcome is Outcome.IGNORED:
        first = step.before.cancelled_by
        yield Found(
            "/payload/order_id",
            f"the order is already cancelled ({first})",
            related=(Related(first, "cancelled the order"),),
        )


_AFTER_CANCELLATION = {FULFILLED: VIOLATION, LINES_CANCELLED: WARNING, REFUNDED: ADVICE}


@rule(
    id="event-after-order-cancelled",
    title="Send nothing more for a cancelled order",
    stage=Stage.STATE,
    severity=VIOLATION,
    basis=INFERRED,
    sources=("CA", "WF"),
    because="A page says that the protections of a cancelled order can no longer be fulfilled; "
    "the rest follows from that.",
    events=ITEM_EVENTS,
    fix="stop sending events for a cancelled order",
    passes=("P{d:1} X", "P{d:1} F{d:1}"),
    violates=("P{d:1} X F{d:1}", "P{d:1} X C{d:1}", "P{d:1} X R{d:1}"),
    variants="violation for fulfilments, warning for line cancellations, advice for refunds",
)
def event_after_order_cancelled(context: OrderContext) -> Iterator[Found]:
    """Protections of a cancelled order can no longer be fulfilled. A refund is merely redundant:
    the support workflow refunds the plans, while the events page sends one cancellation for all.
    """
    step = context.step
    if isinstance(context.event, ItemsEvent) and step.outcome is Outcome.IGNORED:
        kind = type_of(context.event)
        yield Found(
            "/payload/order_id",
            f"the order was cancelled before ({step.before.cancelled_by}); "
            f"this {kind} was recorded and changes nothing",
            severity=_AFTER_CANCELLATION[kind],
            related=(Related(step.before.cancelled_by, "cancelled the order"),),
        )
