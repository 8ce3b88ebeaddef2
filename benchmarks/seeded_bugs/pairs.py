"""Bugs of pairing: which plans belong to which products, and what settles a finding."""

from dataclasses import replace

from contracts.findings.finding import Resolution
from contracts.orders import order
from contracts.orders.pairing import Active, PairChange, Termination
from contracts.rules import RULES
from contracts.rules.families import pairing as rules_of_pairs
from seeded_bugs import around, bug, checked
from seeded_bugs.seams import groups


@bug("pairing")
def one_line_of_a_product():
    """Of a product on two lines only the first is paired with its plans."""
    groups(
        lambda groups, _lines: {
            name: replace(group, product_lines=group.product_lines[:1])
            for name, group in groups.items()
        }
    )


@bug("pairing")
def one_plan_of_a_product():
    """Of two plans for a product only the first is paired with it."""
    groups(
        lambda groups, _lines: {
            name: replace(group, plan_lines=group.plan_lines[:1]) for name, group in groups.items()
        }
    )


@bug("pairing")
def plans_told_apart_by_sku():
    """Plans that share a SKU count for the last product that one of them protects."""

    def change(groups, lines):
        skus = {}
        for item in lines.values():
            if item.item.reference is not None:
                skus[item.item.product_id] = item.item.reference
        moved = {name: [] for name in groups}
        for item in lines.values():
            if item.item.reference is not None:
                moved[skus[item.item.product_id]].append(item.item.id)
        return {
            name: replace(group, plan_lines=tuple(moved[name])) for name, group in groups.items()
        }

    groups(change)


@bug("pairing")
def only_the_last_unit():
    """A plan is missed only when no product is left."""
    Active.excess = property(lambda _self: 0)


@bug("pairing")
def orphans_allowed():
    """A plan without any product is not missed, if there were as many before."""
    Active.orphaned = property(lambda _self: False)


def _pair(new):
    """Another word about one pair after an event."""
    around(order, "pair_change", new)


@bug("pairing")
def every_unit_takes_its_plan():
    """Each refunded unit must take a plan along while there is one."""

    def change(old, group, kind, before, after, event_id):
        left, found = old(group, kind, before, after, event_id)
        products, plans = found.products_ended, found.plans_ended
        if products and plans < min(products, before.plans) and not found.missing:
            return left, replace(found, missing=min(products, before.plans) - plans)
        return left, found

    _pair(change)


@bug("pairing")
def any_plan_settles():
    """A missing plan is resolved as soon as any unit of it ends."""

    def change(old, group, kind, before, after, event_id):
        left, found = old(group, kind, before, after, event_id)
        if group.unbalanced and found.plans_ended and not found.resolved and not found.missing:
            return replace(left, unbalanced=()), replace(found, resolved=group.unbalanced)
        return left, found

    _pair(change)


@bug("pairing")
def settled_only_without_excess():
    """A finding is resolved only when no plan is left over, also where too many were sold."""

    def change(old, group, kind, before, after, event_id):
        left, found = old(group, kind, before, after, event_id)
        if found.resolved and after.excess:
            return replace(left, unbalanced=group.unbalanced), replace(found, resolved=())
        return left, found

    _pair(change)


@bug("pairing")
def settled_only_in_kind():
    """A cancelled product's plan must be cancelled: a refund settles nothing."""

    def change(old, group, kind, before, after, event_id):
        left, found = old(group, kind, before, after, event_id)
        stay = tuple(item for item in found.resolved if item.kind is not kind)
        gone = tuple(item for item in found.resolved if item.kind is kind)
        return replace(left, unbalanced=(*left.unbalanced, *stay)), replace(found, resolved=gone)

    _pair(change)


@bug("pairing")
def cancellation_settles_nothing():
    """The cancellation of an order leaves its pairing findings open."""

    def change(old, group, kind, before, after, event_id):
        left, found = old(group, kind, before, after, event_id)
        return left, replace(found, resolved=()) if kind is Termination.ORDER_CANCEL else found

    _pair(change)


@bug("pairing")
def last_finding_settled():
    """Of several open findings of a pair only the last is resolved."""

    def change(old, group, kind, before, after, event_id):
        left, found = old(group, kind, before, after, event_id)
        return left, replace(found, resolved=found.resolved[-1:])

    _pair(change)


@bug("pairing")
def settles_other_products():
    """What settles one product's findings settles those of the event's other products."""
    Resolution.settles = lambda self, finding: (
        finding.state == "open" and finding.owner == self.owner and finding.rule == self.rule
    )


@bug("pairing")
def excess_of_the_placement_blamed():
    """Plans beyond the products, sold so from the start, are blamed on the first refund."""

    def change(old, group, kind, before, after, event_id):
        left, found = old(group, kind, before, after, event_id)
        if found.products_ended and after.excess and not found.missing:
            return left, replace(found, missing=after.excess)
        return left, found

    _pair(change)


@bug("pairing")
def late_plan_counts_as_alone():
    """A plan that makes up for a forgotten one counts as given back alone."""
    PairChange.standalone_plans = property(
        lambda self: max(0, self.plans_ended - self.products_ended)
    )


@bug("pairing")
def cancelled_plans_forgotten():
    """Plans that were cancelled alone before do not count against the unshipped units."""

    def change(old, *asked):
        left, found = old(*asked)
        return replace(left, standalone_cancelled=0), found

    _pair(change)


@bug("pairing")
def split_never_told():
    """No advice is left where a pair was completed only later."""
    checked("pairing-split-across-events", lambda _old, _context: ())


@bug("pairing")
def mixed_for_cancelled_orders():
    """An order's cancellation counts as another kind than a refund."""

    def check(_old, context):
        for pair in context.step.pairs:
            others = [item for item in pair.resolved if item.kind is not pair.kind]
            if others:
                yield rules_of_pairs.Found("", "mixed", subject=pair.group.reference)

    checked("termination-kind-mixed", check)
    rule = RULES["termination-kind-mixed"]
    from contracts.rules import _ASKED, Stage

    _ASKED[Stage.STATE, "order_cancelled"].append(rule)


@bug("pairing")
def missing_counted_once():
    """An event that forgets the plans of two products is blamed for one."""
    for name in ("refund-missing-protection", "cancel-missing-protection"):
        checked(name, lambda old, context: list(old(context))[:1])
