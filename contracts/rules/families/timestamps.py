"""Times that contradict each other, or the clock."""

from collections.abc import Iterator

from contracts.orders.events import Event, OrderCancelled, OrderPlaced, Refunded, kind_of
from contracts.rules.families.arrival import AFTER_PLACEMENT
from contracts.rules.rule import (
    ADVICE,
    INFERRED,
    ORDER_CANCELLED,
    REFUNDED,
    WARNING,
    Example,
    Found,
    OrderContext,
    Stage,
    rule,
)
from contracts.timing.rfc3339 import SECOND, Instant, show

FUTURE_TOLERANCE = 300 * SECOND
_FULFILLED_AT = "/payload/fulfillment_items/0/fulfilled_at"


def times_of(event: Event) -> list[tuple[str, Instant]]:
    """Every timestamp of the event, with its place."""
    if isinstance(event, OrderPlaced):
        return [(kind_of(event).time_pointer, event.placed_at)]
    if isinstance(event, OrderCancelled):
        return [(kind_of(event).time_pointer, event.cancelled_at)]
    return [(item.at_pointer, item.at) for item in event.items]


@rule(
    id="timestamp-before-placement",
    title="Events are not dated before the placement",
    stage=Stage.STATE,
    severity=WARNING,
    basis=INFERRED,
    sources=("inference",),
    because="Nothing can happen to an order before it exists.",
    events=AFTER_PLACEMENT,
    fix="send the time of the event itself; check time zones",
    passes=(
        "P{d:1} F{d:1}@0",
        Example("P{d:1} F{d:1}@0", edits={_FULFILLED_AT: "2024-03-01T08:59:59.000Z"}),
    ),
    violates=(
        "P{d:1} F{d:1}@-1",
        Example("P{d:1} F{d:1}@0", edits={_FULFILLED_AT: "2024-03-01T08:59:58.999Z"}),
    ),
)
def timestamp_before_placement(context: OrderContext) -> Iterator[Found]:
    """Mostly a wrong offset, a local time sent as UTC, or the time of another event.

    One second is tolerated, or what the setting `timestamp_tolerance` says: some systems cut off
    milliseconds, and then a shipment of 09:00:00.9 is dated before its order.
    """
    placed_at = context.step.before.placed_at
    if placed_at is None or isinstance(context.event, OrderPlaced):
        return
    for pointer, time in times_of(context.event):
        if time < placed_at - context.tolerance:
            yield Found(pointer, f"{show(time)} is before the placement ({show(placed_at)})")


@rule(
    id="timestamp-regression",
    title="A refund or cancellation is not dated before what it reverses",
    stage=Stage.STATE,
    severity=WARNING,
    basis=INFERRED,
    sources=("inference",),
    because="What did not happen yet cannot be reversed; the page's examples have equal times.",
    events=(REFUNDED, ORDER_CANCELLED),
    fix="send the time of the event itself; check time zones",
    passes=("P{d:1} F{d:1}@3 R{d:1}@3",),
    violates=("P{d:1} F{d:1}@3 R{d:1}@2", "P{d:2} C{d:1}@3 X@2"),
)
def timestamp_regression(context: OrderContext) -> Iterator[Found]:
    """A refund is not earlier than the line's first shipment, an order's cancellation not earlier
    than what happened to it before. Equal times are fine: the page's examples have them.
    `timestamp_tolerance` (one second) is allowed here, too.
    """
    event, before = context.event, context.step.before
    if isinstance(event, Refunded):
        for item in event.items:
            line = before.lines.get(item.line_id)
            shipped = line.ledger.first_fulfilled_at if line else None
            if shipped is not None and item.at < shipped - context.tolerance:
                yield Found(
                    item.at_pointer,
                    f"{item.line_id!r} is refunded at {show(item.at)}, "
                    f"but was first shipped at {show(shipped)}",
                )
    elif isinstance(event, OrderCancelled):
        latest = before.latest_applied_at
        if latest is not None and event.cancelled_at < latest - context.tolerance:
            yield Found(
                kind_of(event).time_pointer,
                f"the order is cancelled at {show(event.cancelled_at)}, "
                f"before its latest event ({show(latest)})",
            )


@rule(
    id="timestamp-future",
    title="Timestamps are not in the future",
    stage=Stage.ARRIVAL,
    severity=ADVICE,
    basis=INFERRED,
    sources=("inference",),
    because="Events report what has happened.",
    fix="send the time of the event itself; check the clock and time zones",
    passes=("P{d:1}",),
    violates=(Example("P{d:1}", edits={"/payload/placed_at": "2999-01-01T00:00:00.000Z"}),),
)
def timestamp_future(context: OrderContext) -> Iterator[Found]:
    """More than five minutes ahead of this server's clock: a local time sent as UTC, mostly."""
    for pointer, time in times_of(context.event):
        if time > context.now + FUTURE_TOLERANCE:
            yield Found(
                pointer, f"{show(time)} is ahead of the server's clock ({show(context.now)})"
            )
