"""Events and orders that know each other, or not: unknown, late, repeated."""

import json
from collections.abc import Iterator

from contracts.findings.finding import Related
from contracts.json_text.pointer import at, child
from contracts.orders.events import ALL_EVENTS, ItemsEvent, OrderPlaced, type_of
from contracts.orders.order import Outcome
from contracts.rules.rule import (
    ADVICE,
    DOCUMENTED,
    INFERRED,
    ITEM_EVENTS,
    PLACED,
    VIOLATION,
    WARNING,
    Found,
    Meeting,
    Stage,
    rule,
)
from contracts.suggestions import did_you_mean

AFTER_PLACEMENT = tuple(kind for kind in ALL_EVENTS if kind != PLACED)


@rule(
    id="unknown-order",
    title="The order was placed before",
    stage=Stage.ARRIVAL,
    severity=VIOLATION,
    basis=INFERRED,
    sources=("RS", "inference"),
    events=AFTER_PLACEMENT,
    fix="send order_placed first, and check that both events carry the same order_id and key",
    passes=("P{d:1} R{d:1}",),
    violates=("R{d:1}",),
)
def unknown_order(meeting: Meeting) -> Iterator[Found]:
    """An event for an order that nobody placed changes no contract.

    It waits here for the placement, because queues do overtake each other; `reject` answers 404,
    the documented "Entity Not Found".
    """
    if meeting.step.outcome is Outcome.WAITING:
        order_id = meeting.event.order_id
        evicted = meeting.evictions.or_evicted_order()
        yield Found(
            "/payload/order_id",
            f"no order {order_id!r} was placed under this key{evicted}",
            f"{unknown_order.fix}; serve --max-orders keeps more orders" if evicted else "",
        )


@rule(
    id="out-of-order-arrival",
    title="The placement arrives first",
    stage=Stage.STATE,
    severity=WARNING,
    basis=INFERRED,
    sources=("inference",),
    events=AFTER_PLACEMENT,
    fix="publish the events of one order in their order, for example from one queue per order",
    passes=("P{d:1} F{d:1}",),
    violates=("F{d:1} P{d:1}",),
)
def out_of_order_arrival(meeting: Meeting) -> Iterator[Found]:
    """Whether the provider waits for a placement is not published; relying on it is a gamble."""
    if meeting.step.replayed:
        yield Found(
            "/payload/order_id",
            f"this event arrived before its order's placement ({meeting.step.replayed})",
            related=(Related(meeting.step.replayed, "the placement that came later"),),
        )


@rule(
    id="order-id-reused",
    title="An order id names one order",
    stage=Stage.ARRIVAL,
    severity=VIOLATION,
    basis=DOCUMENTED,
    sources=("OF",),
    events=(PLACED,),
    fix="use a new order_id for each order; a placed order is changed by later events only",
    passes=("P{d:1} P#2{d:1}",),
    violates=("P{d:1} P{d:2}", "P{d:1} X P{d:2}"),
)
def order_id_reused(meeting: Meeting) -> Iterator[Found]:
    """Two orders under one id share one insurance contract. The first placement stays in force."""
    step = meeting.step
    if (
        isinstance(meeting.event, OrderPlaced)
        and step.outcome is Outcome.IGNORED
        and not meeting.repeats
    ):
        yield Found(
            "/payload/order_id",
            f"order {meeting.event.order_id!r} was already placed with another body "
            f"({step.before.placed_by}); the first one stays",
            related=(Related(step.before.placed_by, "the first placement"),),
        )


@rule(
    id="duplicate-event",
    title="An event is published once",
    stage=Stage.ARRIVAL,
    severity=WARNING,
    basis=INFERRED,
    sources=("R20", "inference"),
    fix="retry with the same Hakuna-Idempotency-Key, so that the event is recognised",
    passes=("P{d:3} F{d:3} R{d:1}@5 R{d:1}@6",),
    violates=("P{d:3} F{d:3} R{d:1}@5 R{d:1}@5",),
)
def duplicate_event(meeting: Meeting) -> Iterator[Found]:
    """A retry without its key is a second event: the refund counts twice, and nobody notices while
    enough units are left. Two real refunds of one instant are rare; then the warning is wrong.
    """
    if not meeting.repeats:
        return
    applied = meeting.step.outcome is Outcome.APPLIED
    effect = "it counts twice" if applied else "it was not applied again"
    if meeting.step.outcome is Outcome.WAITING:
        effect = "it will count twice"
    yield Found(
        "",
        f"the same {type_of(meeting.event)} was accepted before ({meeting.repeats}); {effect}"
        f"{meeting.evictions.or_evicted_key()}",
        related=(Related(meeting.repeats, "the first of the two"),),
    )


@rule(
    id="unknown-line-item",
    title="The line belongs to the order",
    stage=Stage.STATE,
    severity=VIOLATION,
    basis=INFERRED,
    sources=("RS", "inference"),
    events=ITEM_EVENTS,
    fix="use the id of one of the order's line_items",
    passes=("P{d:1} R{d:1}",),
    violates=("P{d:1} R{zz:1}", 'P{d:1} C{"prd-d":1}'),
)
def unknown_line_item(meeting: Meeting) -> Iterator[Found]:
    """An entry for a line that the order does not have is lost; the other entries still apply."""
    event, order = meeting.event, meeting.step.before
    if not isinstance(event, ItemsEvent):
        return
    for item in event.items:
        if item.line_id in order.lines:
            continue
        lines = [line.item for line in order.lines.values()]
        same_product = [line.id for line in lines if line.product_id == item.line_id]
        fix = did_you_mean(item.line_id, order.lines)
        if same_product:
            fix = f"this is a product_id; its line is {same_product[0]}"
        yield Found(
            child(item.pointer, "line_item_id"),
            f"order {order.order_id!r} has no line {item.line_id[:80]!r}; this entry is lost",
            fix,
        )


@rule(
    id="item-entry-repeated",
    title="A line stands once in an event",
    stage=Stage.ARRIVAL,
    severity=ADVICE,
    basis=INFERRED,
    sources=("inference",),
    events=ITEM_EVENTS,
    fix="send one entry per line, with the sum as its quantity",
    passes=("P{d:2} R{d:2}",),
    violates=("P{d:2} R{d:1,d:1}",),
    variants="warning where two entries are identical",
)
def item_entry_repeated(meeting: Meeting) -> Iterator[Found]:
    """Entries of one line are summed. Two identical ones look like a loop that ran twice."""
    event = meeting.event
    if not isinstance(event, ItemsEvent):
        return
    for line_id, items in meeting.step.entries.items():
        if len(items) == 1:
            continue
        entries = {json.dumps(at(event.body, item.pointer), sort_keys=True) for item in items}
        identical = len(entries) < len(items)
        yield Found(
            items[1].pointer,
            f"line {line_id!r} stands {len(items)} times in this event"
            + (", identically; both count" if identical else "; the quantities are added up"),
            severity=WARNING if identical else None,
        )
