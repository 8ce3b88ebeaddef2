"""Before shipment things are cancelled, after it they are refunded; plans follow their product."""

from collections.abc import Iterator

from contracts.orders.events import Fulfilled, LinesCancelled, Refunded
from contracts.orders.pairing import PairChange, Termination
from contracts.orders.windows import (
    RETURN_MONTHS,
    REVOCATION_DAYS,
    last_day_to_return,
    last_day_to_revoke,
)
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
    OrderContext,
    Stage,
    rule,
)
from contracts.timing.rfc3339 import show_date, utc_day


@rule(
    id="refund-before-fulfillment",
    title="Cancel what was not shipped instead of refunding it",
    stage=Stage.STATE,
    severity=ADVICE,
    basis=INFERRED,
    sources=("WF",),
    because="The support workflow cancels before shipment and refunds after it; no page says "
    "what a refund of unshipped units does.",
    events=(REFUNDED,),
    fix="send order_line_items_cancelled for unshipped units, or the missing fulfilment first",
    passes=("P{d:1} C{d:1}", "P{d:1,p:1>d} F{d:1} R{d:1,p:1}"),
    violates=("P{d:1} R{d:1}",),
)
def refund_before_fulfillment(context: OrderContext) -> Iterator[Found]:
    """Often the fulfilment event is missing, and with it the insurance contract. Protections need
    no fulfilment, so they are never reported.
    """
    for line, taken, items in moved(context, Refunded):
        if taken.unshipped and not line.item.is_protection:
            yield Found(
                items[0].pointer, f"refunds {pieces(taken.unshipped, line)} that never shipped"
            )


@rule(
    id="cancel-after-fulfillment",
    title="Refund what was shipped instead of cancelling it",
    stage=Stage.STATE,
    severity=WARNING,
    basis=DOCUMENTED,
    sources=("WF",),
    events=(LINES_CANCELLED,),
    fix="send order_refund_added for shipped units and their protections; check the dates",
    passes=("P{d:2} F{d:1} C{d:1}",),
    violates=("P{d:1} F{d:1} C{d:1}",),
)
def cancel_after_fulfillment(context: OrderContext) -> Iterator[Found]:
    """A product can be cancelled only before it ships; afterwards its contract exists."""
    for line, taken, items in moved(context, LinesCancelled):
        if taken.kept and not line.item.is_protection:
            found = Found(
                items[0].pointer, f"cancels {pieces(taken.kept, line)} that already shipped"
            )
            yield found.corrected_by(context.correction)


@rule(
    id="protection-cancel-after-shipment",
    title="Cancel a plan alone only before its product ships",
    stage=Stage.STATE,
    severity=WARNING,
    basis=DOCUMENTED,
    sources=("WF",),
    events=(LINES_CANCELLED,),
    fix="send order_refund_added for the plan, within 14 days after the shipment",
    passes=("P{d:1,p:1>d} F{d:1} R{p:1}", "P{d:1,p:1>d} C{p:1}"),
    violates=("P{d:1,p:1>d} F{d:1} C{p:1}",),
)
def protection_cancel_after_shipment(context: OrderContext) -> Iterator[Found]:
    """Once the product is with the customer the contract exists: a plan alone is then revoked by a
    refund. Plans that end together with their product are not meant.
    """
    for pair, pointer in _ended_plans(context, Termination.CANCEL):
        lines = context.step.after.lines
        unshipped = sum(
            lines[product_line].ledger.unshipped for product_line in pair.group.product_lines
        )
        if pair.standalone_plans > max(0, unshipped - pair.group.standalone_cancelled):
            found = Found(
                pointer,
                f"cancels {_plans(context, pair)}, although the product "
                f"({', '.join(pair.group.product_lines)}) has shipped",
            )
            yield found.corrected_by(context.correction)


@rule(
    id="protection-revocation-window",
    title="Give back a plan alone within 14 days",
    stage=Stage.STATE,
    severity=WARNING,
    basis=DOCUMENTED,
    sources=("WF", "PI", "OR"),
    events=(REFUNDED,),
    fix="check refunded_at; after 14 days a plan ends together with its product only",
    passes=("P{d:1,p:1>d} F{d:1}@1 R{p:1}@15",),
    violates=("P{d:1,p:1>d} F{d:1}@1 R{p:1}@16",),
)
def protection_revocation_window(context: OrderContext) -> Iterator[Found]:
    """The revocation period ends 14 days after the latest shipment of the product, counted in UTC
    calendar days, the last day included (how the provider counts is not published).
    """
    for pair, pointer in _ended_plans(context, Termination.REFUND):
        last = last_day_to_revoke(context.step.before, pair.group)
        if not pair.standalone_plans or last is None:
            continue
        entries = context.step.entries
        refunded = max(
            item.at
            for plan_line in pair.group.plan_lines
            if context.step.applied(plan_line)
            for item in entries[plan_line]
        )
        if utc_day(refunded) > last:
            found = Found(
                pointer,
                f"refunds {_plans(context, pair)} on {show_date(utc_day(refunded))}; its product "
                f"shipped on {show_date(last - REVOCATION_DAYS)}, "
                f"the {REVOCATION_DAYS} days ended on {show_date(last)}",
            )
            yield found.corrected_by(context.correction, "check refunded_at; if it is right, {}")


@rule(
    id="product-return-window",
    title="Return an insured product within 3 months",
    stage=Stage.STATE,
    severity=WARNING,
    basis=DOCUMENTED,
    sources=("WF",),
    events=(REFUNDED,),
    fix="check refunded_at; if it is right, ask the provider: no page says how a later return is "
    "reported",
    passes=("P{d:1,p:1>d} F{d:1}@1 R{d:1,p:1}@93",),
    violates=("P{d:1,p:1>d} F{d:1}@1 R{d:1,p:1}@94",),
)
def product_return_window(context: OrderContext) -> Iterator[Found]:
    """Plans are refunded with a returned product up to 3 calendar months after its latest shipment
    (UTC dates, the last day included). Another page says 14 days for everything; the support
    workflow is the current one.
    """
    for line, taken, items in moved(context, Refunded):
        last = last_day_to_return(context.step.before, line)
        shipped = line.ledger.last_fulfilled_at
        if not taken.kept or last is None or shipped is None:
            continue
        refunded = max(utc_day(item.at) for item in items)
        if refunded > last:
            yield Found(
                items[0].pointer,
                f"refunds {pieces(taken.kept, line)} on {show_date(refunded)}; it shipped on "
                f"{show_date(utc_day(shipped))}, the {RETURN_MONTHS} months ended on "
                f"{show_date(last)}",
            )


@rule(
    id="protection-fulfilled-alone",
    title="Do not ship a plan before its product",
    stage=Stage.STATE,
    severity=ADVICE,
    basis=DOCUMENTED,
    sources=("S",),
    events=(FULFILLED,),
    fix="fulfil the plan together with its product, or not at all",
    passes=("P{d:1,p:1>d} F{d:1,p:1}", "P{d:1,p:1>d} F{d:1}"),
    violates=("P{d:1,p:1>d} F{p:1}",),
)
def protection_fulfilled_alone(context: OrderContext) -> Iterator[Found]:
    """Plans need no fulfilment; the page suggests to fulfil them together with their product."""
    lines = context.step.after.lines
    reported: set[str] = set()
    for line, taken, items in moved(context, Fulfilled):
        group = context.step.after.group_of(line.item) if line.item.is_protection else None
        if not taken.applied or group is None or not group.product_lines:
            continue
        if group.reference not in reported and not any(
            lines[product_line].ledger.fulfilled for product_line in group.product_lines
        ):
            reported.add(group.reference)
            yield Found(
                items[0].pointer,
                f"ships {pieces(taken.applied, line)} before its product "
                f"({', '.join(group.product_lines)})",
            )


def _ended_plans(context: OrderContext, kind: Termination) -> Iterator[tuple[PairChange, str]]:
    """The pairs with a product of which this event ended plans in that way, with a plan's entry."""
    for pair in context.step.pairs:
        if pair.kind is kind and pair.plans_ended and pair.group.product_lines:
            yield pair, context.step.first_entry(pair.group.plan_lines)


def _plans(context: OrderContext, pair: PairChange) -> str:
    """The plans that ended, and how many of them without a product."""
    counts = [(plan_line, context.step.applied(plan_line)) for plan_line in pair.group.plan_lines]
    named = listed(context.step.after, counts)
    if pair.standalone_plans == pair.plans_ended:
        return f"{named} alone"
    return f"{named}, {pair.standalone_plans} of them without a product"
