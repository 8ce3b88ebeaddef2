"""Product and protection end together: the rules that cost a shop money when broken."""

from collections.abc import Iterator

from contracts.findings.at_stake import LEFT_OVER, Claim
from contracts.findings.finding import Related
from contracts.orders.order import Step
from contracts.orders.pairing import PairChange, Termination, Unbalanced
from contracts.rules.moved_units import listed
from contracts.rules.rule import (
    ADVICE,
    DOCUMENTED,
    INFERRED,
    LINES_CANCELLED,
    ORDER_CANCELLED,
    REFUNDED,
    VIOLATION,
    Found,
    OrderContext,
    Stage,
    rule,
)

RULE_OF = {
    Termination.REFUND: "refund-missing-protection",
    Termination.CANCEL: "cancel-missing-protection",
}
"""Which rule an unbalanced event of that kind breaks."""


@rule(
    id="refund-missing-protection",
    title="Refund a product together with its protection",
    stage=Stage.STATE,
    severity=VIOLATION,
    basis=DOCUMENTED,
    sources=("S",),
    events=(REFUNDED,),
    fix="add the protection line to refund_items, with the same quantity",
    passes=("P{d:1,p:1>d} F{d:1} R{d:1,p:1}", "P{d:2,p:1>d} F{d:2} R{d:1}"),
    violates=("P{d:1,p:1>d} F{d:1} R{d:1}", "P{d:3,p:3>d} F{d:3} R{d:2,p:1}"),
)
def refund_missing_protection(context: OrderContext) -> Iterator[Found]:
    """The events page requires it: whenever a protected product is refunded, its protection must be
    refunded too. Otherwise a protection is left that protects nothing.

    One plan covers one unit. Fewer plans than products are fine until more plans than products are
    left; a later refund of the plan resolves the finding.
    """
    return _missing(context, Termination.REFUND)


@rule(
    id="cancel-missing-protection",
    title="Cancel a product together with its protection",
    stage=Stage.STATE,
    severity=VIOLATION,
    basis=DOCUMENTED,
    sources=("S",),
    events=(LINES_CANCELLED,),
    fix="add the protection line to cancelled_line_items, with the same quantity",
    passes=("P{d:1,p:1>d} C{d:1,p:1}",),
    violates=("P{d:1,p:1>d} C{d:1}",),
)
def cancel_missing_protection(context: OrderContext) -> Iterator[Found]:
    """The same for cancellations: whenever a protected product is cancelled, its protection must
    be cancelled too.
    """
    return _missing(context, Termination.CANCEL)


def _missing(context: OrderContext, kind: Termination) -> Iterator[Found]:
    step = context.step
    for pair in step.pairs:
        if pair.kind is kind and pair.missing:
            message = _what_is_missing(step, pair, kind)
            found = Found(
                _pointer(step, pair),
                message,
                subject=pair.group.reference,
                claims=(Claim(LEFT_OVER, pair.group.reference, pair.missing),),
            )
            yield found.corrected_by(context.correction)


def _what_is_missing(step: Step, pair: PairChange, kind: Termination) -> str:
    order = step.after
    verb = f"{kind}s"
    products = listed(
        order,
        [(product_line, step.applied(product_line)) for product_line in pair.group.product_lines],
    )
    plans = [
        plan_line for plan_line in pair.group.plan_lines if order.lines[plan_line].ledger.active
    ]
    names = ", ".join(plans)
    if pair.plans_ended:
        due = pair.plans_ended + pair.missing
        ended = f"only {pair.plans_ended} of the {due} protections that belong to it ({names})"
    else:
        many = f"{pair.missing} protections" if pair.missing > 1 else "protection"
        ended = f"not the {many} that belong{'' if pair.missing > 1 else 's'} to it ({names})"
    return f"{verb} {products} but {ended}{_instead(step, pair)}"


def _instead(step: Step, pair: PairChange) -> str:
    """A hint where the event ended a plan of another product, alone."""
    others = [
        f"{line} was ended instead, which protects {other.group.reference}"
        for other in step.pairs
        if other is not pair and other.plans_ended > other.products_ended
        for line in other.group.plan_lines
        if step.applied(line)
    ]
    return f"; {others[0]}" if others else ""


def _pointer(step: Step, pair: PairChange) -> str:
    """The entry that ended units of the pair: of a product if there is one, else of a plan."""
    return step.first_entry(pair.group.product_lines) or step.first_entry(pair.group.plan_lines)


def _resolved(context: OrderContext, pair: PairChange) -> list[Unbalanced]:
    """The earlier events whose open finding this one resolves."""
    return [item for item in pair.resolved if RULE_OF[item.kind] not in context.off]


@rule(
    id="pairing-split-across-events",
    title="End a product and its protection in one event",
    stage=Stage.STATE,
    severity=ADVICE,
    basis=INFERRED,
    sources=("S",),
    because="The refund example of the events page has product and protection in one event.",
    events=(REFUNDED, LINES_CANCELLED, ORDER_CANCELLED),
    fix="send both lines in one event",
    passes=("P{d:1,p:1>d} F{d:1} R{d:1,p:1}", "P{d:1,p:1>d} F{d:1} R{p:1} R{d:1}"),
    violates=("P{d:1,p:1>d} F{d:1} R{d:1} R{p:1}",),
)
def pairing_split_across_events(context: OrderContext) -> Iterator[Found]:
    """Between the two events a protection is left without its product."""
    for pair in context.step.pairs:
        resolved = _resolved(context, pair)
        if resolved:
            ids = ", ".join(item.event_id for item in resolved)
            yield Found(
                _pointer(context.step, pair),
                f"this event ends what {ids} had left over for {pair.group.reference}",
                subject=pair.group.reference,
                related=tuple(
                    Related(item.event_id, "ended the product without its protection")
                    for item in resolved
                ),
            )


@rule(
    id="termination-kind-mixed",
    title="End a product and its protection in the same way",
    stage=Stage.STATE,
    severity=ADVICE,
    basis=INFERRED,
    sources=("S", "WF"),
    because="The events page cancels the plan of a cancelled product, the support workflow "
    "refunds it; no page mixes the two.",
    events=(REFUNDED, LINES_CANCELLED),
    fix="cancel both before shipment, refund both after it",
    passes=("P{d:1,p:1>d} C{d:1,p:1}", "P{d:1,p:1>d} F{d:1} R{d:1} R{p:1}"),
    violates=("P{d:1,p:1>d} C{d:1} R{p:1}",),
)
def termination_kind_mixed(context: OrderContext) -> Iterator[Found]:
    """Either way of ending balances the pair here, but the provider's pages disagree about the plan
    of a cancelled product.
    """
    for pair in context.step.pairs:
        others = [item for item in _resolved(context, pair) if item.kind is not pair.kind]
        if others and pair.kind is not Termination.ORDER_CANCEL:
            yield Found(
                _pointer(context.step, pair),
                f"the product was ended by a {others[0].kind} ({others[0].event_id}), "
                f"its protection by a {pair.kind}",
                subject=pair.group.reference,
                related=(Related(others[0].event_id, "ended the product"),),
            )
