"""Events and orders that know each other, or not: unknown, late, repeated."""

import json
from collections import Counter
from collections.abc import Iterator

from contracts.findings.at_stake import REPEATED, Claim
from contracts.findings.finding import Related
from contracts.json_text.pointer import at, child
from contracts.orders.events import (
    ALL_EVENTS,
    Fulfilled,
    ItemsEvent,
    OrderPlaced,
    Refunded,
    type_of,
)
from contracts.orders.order import Order, Outcome
from contracts.orders.placement_outline import changes
from contracts.rules.moved_units import moved, pieces
from contracts.rules.rule import (
    ADVICE,
    DOCUMENTED,
    HOUSE,
    INFERRED,
    ITEM_EVENTS,
    PLACED,
    VIOLATION,
    WARNING,
    Found,
    OrderContext,
    Stage,
    rule,
)
from contracts.suggestions import MAX_GUESSES, did_you_mean, look_alike, unicode_form
from contracts.timing.rfc3339 import show

MAX_NAMED = 5
"""Of several lines that may be meant, or of several changes, so many are named."""

AFTER_PLACEMENT = tuple(kind for kind in ALL_EVENTS if kind != PLACED)


@rule(
    id="unknown-order",
    title="Place an order before other events for it",
    stage=Stage.ARRIVAL,
    severity=VIOLATION,
    basis=INFERRED,
    sources=("RS", "inference"),
    because="The list of statuses has 404 for an entity that is not found; that the order of an "
    "event is one is our reading, and that an early event waits here is our choice.",
    events=AFTER_PLACEMENT,
    fix="send order_placed first, and check that both events carry the same order_id and key",
    passes=("P{d:1} R{d:1}",),
    violates=("R{d:1}",),
)
def unknown_order(context: OrderContext) -> Iterator[Found]:
    """An event for an order that nobody placed has no effect.

    Here it waits for the placement, because queues do overtake each other; `reject` answers 404.
    """
    if context.step.outcome is Outcome.WAITING:
        order_id = context.event.order_id
        evicted = context.evictions.or_evicted_order()
        yield Found(
            "/payload/order_id",
            f"no order {order_id!r} was placed under this key{evicted}",
            f"{unknown_order.fix}; serve --max-orders keeps more orders" if evicted else "",
        )


@rule(
    id="out-of-order-arrival",
    title="Events of an order arrive in their order",
    stage=Stage.STATE,
    severity=WARNING,
    basis=HOUSE,
    sources=("house",),
    because="An order is placed before anything happens to it; no page says what becomes of "
    "events that overtake each other, so that they wait here is our choice.",
    events=AFTER_PLACEMENT,
    fix="publish the events of one order in their order, for example from one queue per order",
    passes=("P{d:1} F{d:1}", "P{d:1} F{d:1}@1 R{d:1}@5"),
    violates=("F{d:1} P{d:1}", "P{d:1,p:1>d} R{d:1,p:1}@5 F{d:1}@1"),
    variants="advice for a shipment that arrives after the end of its units",
)
def out_of_order_arrival(context: OrderContext) -> Iterator[Found]:
    """Whether the provider waits for a placement is not published; relying on it is a gamble.

    A shipment that arrives after a later refund or cancellation of its units ships nothing here:
    the units are gone. Their refund was then taken for one before shipment.
    """
    if context.step.replayed:
        yield Found(
            "/payload/order_id",
            f"this event arrived before its order's placement ({context.step.replayed})",
            related=(Related(context.step.replayed, "the placement that came later"),),
        )
    for line, taken, items in moved(context, Fulfilled):
        if taken.overtaken_by:
            ids = ", ".join(element.event_id for element in taken.overtaken_by)
            yield Found(
                items[0].pointer,
                f"the shipment of {pieces(taken.excess, line)} at "
                f"{show(max(item.at for item in items))} arrived after the event that ended these "
                f"units at {show(taken.overtaken_by[0].at)} ({ids}); it ships none of them",
                subject=line.item.id,
                severity=ADVICE,
                related=tuple(
                    Related(
                        element.event_id, f"ended {pieces(element.units, line)} before they shipped"
                    )
                    for element in taken.overtaken_by
                ),
            )


@rule(
    id="order-id-reused",
    title="Each order has an id of its own and is placed once",
    stage=Stage.ARRIVAL,
    severity=VIOLATION,
    basis=DOCUMENTED,
    sources=("OF",),
    events=(PLACED,),
    fix="send another order under an order_id of its own",
    passes=("P{d:1} P#2{d:1}",),
    violates=("P{d:1} P{d:2}", "P{d:1} X P{d:2}"),
)
def order_id_reused(context: OrderContext) -> Iterator[Found]:
    """Later events name an order by its id only. Here the first placement counts; what the provider
    makes of a second one is not published, and none of the five events changes a placement.
    """
    step = context.step
    if (
        isinstance(context.event, OrderPlaced)
        and step.outcome is Outcome.IGNORED
        and not context.repeats
    ):
        changed = changes(step.before.outline, step.before.lines, context.event.body["payload"])
        yield Found(
            "/payload/order_id",
            f"order {context.event.order_id!r} was already placed ({step.before.placed_by}); this "
            f"placement changes {_named(changed)}, and the first one still counts",
            _what_a_shop_can_do(changed),
            related=(Related(step.before.placed_by, "the first placement"),),
        )


def _named(changed: list[str]) -> str:
    names = ", ".join(name[:80] for name in changed[:MAX_NAMED])
    more = len(changed) - MAX_NAMED
    return f"{names} and {more} more" if more > 0 else names


def _what_a_shop_can_do(changed: list[str]) -> str:
    if not any(name.startswith("line ") for name in changed):
        return (
            "do not place the order again: no event changes these fields of a placed order, so "
            "correct them in the shop, and ask the provider whether they need the correction"
        )
    return (
        f"{order_id_reused.fix}; if this order has changed, cancel or refund the units that were "
        "dropped, and send units that were added as an order of their own"
    )


@rule(
    id="duplicate-event",
    title="Publish each event once",
    stage=Stage.ARRIVAL,
    severity=WARNING,
    basis=INFERRED,
    sources=("R20", "inference"),
    because="The reference calls a repeat under the same idempotency key safe, so without the "
    "key it is probably not.",
    fix="retry with the same Hakuna-Idempotency-Key, so that the event is recognised",
    passes=("P{d:3} F{d:3} R{d:1}@5 R{d:1}@6",),
    violates=("P{d:3} F{d:3} R{d:1}@5 R{d:1}@5",),
)
def duplicate_event(context: OrderContext) -> Iterator[Found]:
    """A retry without its key is a second event: a refund counts twice, and nobody notices while
    enough units are left. Two real refunds at the same instant are rare; then the warning is wrong.
    """
    if not context.repeats:
        return
    applied = context.step.outcome is Outcome.APPLIED
    effect = "it counts twice" if applied else "it was not applied again"
    if context.step.outcome is Outcome.WAITING:
        effect = "it will count twice"
    yield Found(
        "",
        f"the same {type_of(context.event)} was accepted before ({context.repeats}); {effect}"
        f"{context.evictions.or_evicted_key()}",
        related=(Related(context.repeats, "the first of the two"),),
        claims=_refunded_again(context) if applied else (),
    )


def _refunded_again(context: OrderContext) -> tuple[Claim, ...]:
    """The units that a repeated refund gives back once more, whether or not there were any left."""
    if not isinstance(context.event, Refunded):
        return ()
    return tuple(
        Claim(REPEATED, line_id, taken.asked) for line_id, taken in context.step.taken.items()
    )


@rule(
    id="unknown-line-item",
    title="Items refer to lines of their order",
    stage=Stage.STATE,
    severity=VIOLATION,
    basis=INFERRED,
    sources=("RS", "inference"),
    because="The list of statuses has 404 for an entity that is not found; an entry for a line "
    "that was never ordered addresses nothing.",
    events=ITEM_EVENTS,
    fix="use the id of one of the order's line_items",
    passes=("P{d:1} R{d:1}",),
    violates=("P{d:1} R{zz:1}", 'P{d:1} C{"prd-d":1}'),
)
def unknown_line_item(context: OrderContext) -> Iterator[Found]:
    """An entry for a line that the order does not have is lost; the other entries still apply."""
    event, order = context.event, context.step.before
    if not isinstance(event, ItemsEvent):
        return
    unknown = [item for item in event.items if item.line_id not in order.lines]
    for place, item in enumerate(unknown):
        meant = _line_that_was_meant(order, item.line_id) if place < MAX_GUESSES else ""
        found = Found(
            child(item.pointer, "line_item_id"),
            f"order {order.order_id!r} has no line {item.line_id[:80]!r}; this entry is lost",
            meant,
        )
        yield found.corrected_by(context.correction, f"{meant}; {{}}" if meant else "{}")


def _line_that_was_meant(order: Order, line_id: str) -> str:
    same_product = [
        line.item.id for line in order.lines.values() if line.item.product_id == line_id
    ]
    if len(same_product) == 1:
        return f"this is a product_id; its line is {same_product[0]}"
    if same_product:
        lines = ", ".join(same_product[:MAX_NAMED])
        return f"this is the product_id of several lines ({lines}): use the id of the right one"
    twin = look_alike(line_id, order.lines)
    if twin is not None:
        return (
            f"line {twin!r} looks the same, but is written in Unicode form {unicode_form(twin)}, "
            f"this one in {unicode_form(line_id)}: send ids exactly as in order_placed"
        )
    return did_you_mean(line_id, order.lines)


@rule(
    id="item-entry-repeated",
    title="Each line appears at most once per event",
    stage=Stage.ARRIVAL,
    severity=ADVICE,
    basis=INFERRED,
    sources=("inference",),
    because="Every example of the events page has one entry for each line.",
    events=ITEM_EVENTS,
    fix="send one entry per line, with the sum as its quantity",
    passes=("P{d:2} R{d:2}",),
    violates=("P{d:2} R{d:1,d:1}", "P{d:3} R{d:1,d:2}"),
    variants="warning where two entries are identical",
)
def item_entry_repeated(context: OrderContext) -> Iterator[Found]:
    """Entries for one line are added up. Identical ones look like a loop that ran twice."""
    event = context.event
    if not isinstance(event, ItemsEvent):
        return
    for line_id, items in context.step.entries.items():
        if len(items) == 1:
            continue
        entries = Counter(
            json.dumps(at(event.body, item.pointer), sort_keys=True) for item in items
        )
        identical = sum(count for count in entries.values() if count > 1)
        yield Found(
            items[1].pointer,
            f"line {line_id[:80]!r} appears {len(items)} times in this event, "
            f"{_how_alike(identical, len(items))}; the quantities are added up",
            severity=WARNING if identical else None,
        )


def _how_alike(identical: int, entries: int) -> str:
    if not identical:
        return "with different entries"
    return "with identical entries" if identical == entries else f"{identical} of them identical"
