"""Nothing is shipped, refunded or cancelled that is not there."""

from collections.abc import Callable, Iterator

from contracts.findings.at_stake import BEYOND, Claim
from contracts.orders.events import Fulfilled, ItemsEvent, LinesCancelled, Refunded
from contracts.orders.order import Line
from contracts.rules.moved_units import moved, pieces, were
from contracts.rules.rule import (
    FULFILLED,
    INFERRED,
    LINES_CANCELLED,
    REFUNDED,
    WARNING,
    Found,
    OrderContext,
    Stage,
    rule,
)

INCREMENTS = "quantities are increments, not running totals"


def _history(line: Line) -> str:
    """What became of the line's units so far."""
    ledger = line.ledger
    parts = [
        f"{count} {word}"
        for count, word in (
            (ledger.fulfilled, "shipped"),
            (ledger.refunded, "refunded"),
            (ledger.cancelled, "cancelled"),
        )
        if count
    ]
    return f"{ledger.ordered} ordered{''.join(f', {part}' for part in parts)}"


def _excess(
    context: OrderContext,
    kind: type[ItemsEvent],
    verb: str,
    there: Callable[[Line], tuple[int, str]],
) -> Iterator[Found]:
    """Lines of which an event of that kind asks for more than `there` is (a count and its word)."""
    for line, taken, items in moved(context, kind):
        if taken.excess and not taken.overtaken_by:
            count, word = there(line)
            found = Found(
                items[0].pointer,
                f"{verb} {pieces(taken.asked, line)} but {count} {were(count)} {word} "
                f"({_history(line)})",
                claims=() if kind is Fulfilled else (Claim(BEYOND, line.item.id, taken.excess),),
            )
            yield found.corrected_by(context.correction, f"{{}}: {INCREMENTS}")


def _active(line: Line) -> tuple[int, str]:
    return line.ledger.active, "active"


@rule(
    id="over-fulfillment",
    title="Ship at most what is left to ship",
    stage=Stage.STATE,
    severity=WARNING,
    basis=INFERRED,
    sources=("inference",),
    because="Fulfilments are called added and list what was shipped, so their quantities are "
    "probably increments.",
    events=(FULFILLED,),
    fix=f"{INCREMENTS}: send what this shipment holds",
    passes=("P{d:1} F{d:1}", "P{d:1} R{d:1}@5 F{d:1}@1"),
    violates=("P{d:1} F{d:2}", "P{d:1} R{d:1}@1 F{d:1}@5"),
)
def over_fulfillment(context: OrderContext) -> Iterator[Found]:
    """Usually a running total sent as an increment, or a shipment sent twice. The rest applies.

    A shipment that happened before the refund or cancellation of its units, but arrived after it,
    is `out-of-order-arrival` instead.
    """
    return _excess(
        context, Fulfilled, "ships", lambda line: (line.ledger.unshipped, "left to ship")
    )


@rule(
    id="over-refund",
    title="Refund at most what is active",
    stage=Stage.STATE,
    severity=WARNING,
    basis=INFERRED,
    sources=("inference",),
    because="Refunds are called added and list what was refunded, so their quantities are "
    "probably increments.",
    events=(REFUNDED,),
    fix=f"refund each unit once: {INCREMENTS}",
    passes=("P{d:1} F{d:1} R{d:1}",),
    violates=("P{d:1} F{d:1} R{d:1} R{d:1}@5",),
)
def over_refund(context: OrderContext) -> Iterator[Found]:
    """A unit that was refunded or cancelled before cannot be refunded again. The rest applies."""
    return _excess(context, Refunded, "refunds", _active)


@rule(
    id="over-cancellation",
    title="Cancel at most what is active",
    stage=Stage.STATE,
    severity=WARNING,
    basis=INFERRED,
    sources=("inference",),
    because="A unit that has ended cannot end again; the quantities of cancellations are read as "
    "increments, like those of refunds.",
    events=(LINES_CANCELLED,),
    fix=f"cancel each unit once: {INCREMENTS}",
    passes=("P{d:1} C{d:1}",),
    violates=("P{d:1} C{d:1} C{d:1}@3", "P{d:1} C{d} C{d}@3"),
)
def over_cancellation(context: OrderContext) -> Iterator[Found]:
    """A unit that was refunded or cancelled before cannot be cancelled again. The rest applies.

    An entry without quantity on a line with nothing left asks for one unit too many.
    """
    return _excess(context, LinesCancelled, "cancels", _active)
