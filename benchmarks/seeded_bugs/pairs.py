"""Bugs of pairing, of what settles a finding, and of the rules about placements."""

from dataclasses import replace

from contracts import codes, order, scratch
from contracts.findings import Severity
from contracts.pairing import Active, PairChange, Termination
from contracts.rules import RULES, customer, placement
from contracts.rules import pairing as rules_of_pairs
from seeded_bugs import around, bug, judge


def _check(rule_id, new):
    rule = RULES[rule_id]
    old = rule.check
    object.__setattr__(rule, "check", lambda context: new(old, context))


def _pair(new):
    """Another word about one pair after an event."""
    around(order, "pair_change", new)


def _groups(change):
    around(order, "_groups", lambda old, lines: change(old(lines), lines))


@bug("pairing")
def one_line_of_a_product():
    """Of a product on two lines only the first is paired with its plans."""
    _groups(
        lambda groups, _lines: {
            name: replace(one, product_lines=one.product_lines[:1]) for name, one in groups.items()
        }
    )


@bug("pairing")
def one_plan_of_a_product():
    """Of two plans for a product only the first is paired with it."""
    _groups(
        lambda groups, _lines: {
            name: replace(one, plan_lines=one.plan_lines[:1]) for name, one in groups.items()
        }
    )


@bug("pairing")
def plans_told_apart_by_sku():
    """Plans that share a SKU count for the last product that one of them protects."""

    def change(groups, lines):
        skus = {}
        for one in lines.values():
            if one.item.reference is not None:
                skus[one.item.product_id] = one.item.reference
        moved = {name: [] for name in groups}
        for one in lines.values():
            if one.item.reference is not None:
                moved[skus[one.item.product_id]].append(one.item.id)
        return {name: replace(one, plan_lines=tuple(moved[name])) for name, one in groups.items()}

    _groups(change)


@bug("pairing")
def only_the_last_unit():
    """A plan is missed only when no product is left."""
    Active.excess = property(lambda _self: 0)


@bug("pairing")
def orphans_allowed():
    """A plan without any product is not missed, if there were as many before."""
    Active.orphaned = property(lambda _self: False)


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
    """A missing plan is settled as soon as any unit of it ends."""

    def change(old, group, kind, before, after, event_id):
        left, found = old(group, kind, before, after, event_id)
        if group.unbalanced and found.plans_ended and not found.settled and not found.missing:
            return replace(left, unbalanced=()), replace(found, settled=group.unbalanced)
        return left, found

    _pair(change)


@bug("pairing")
def settled_only_without_excess():
    """A finding is settled only when no plan is left over, also where too many were sold."""

    def change(old, group, kind, before, after, event_id):
        left, found = old(group, kind, before, after, event_id)
        if found.settled and after.excess:
            return replace(left, unbalanced=group.unbalanced), replace(found, settled=())
        return left, found

    _pair(change)


@bug("pairing")
def settled_only_in_kind():
    """A cancelled product's plan must be cancelled: a refund settles nothing."""

    def change(old, group, kind, before, after, event_id):
        left, found = old(group, kind, before, after, event_id)
        stay = tuple(one for one in found.settled if one.kind is not kind)
        gone = tuple(one for one in found.settled if one.kind is kind)
        return replace(left, unbalanced=(*left.unbalanced, *stay)), replace(found, settled=gone)

    _pair(change)


@bug("pairing")
def cancellation_settles_nothing():
    """The cancellation of an order leaves its pairing findings open."""

    def change(old, group, kind, before, after, event_id):
        left, found = old(group, kind, before, after, event_id)
        return left, replace(found, settled=()) if kind is Termination.ORDER_CANCEL else found

    _pair(change)


@bug("pairing")
def last_finding_settled():
    """Of several open findings of a pair only the last is resolved."""

    def change(old, group, kind, before, after, event_id):
        left, found = old(group, kind, before, after, event_id)
        return left, replace(found, settled=found.settled[-1:])

    _pair(change)


@bug("pairing")
def settles_other_products():
    """What settles one product's findings settles those of the event's other products."""
    scratch.Resolution.settles = lambda self, finding: (
        finding.state == "open" and finding.event_id == self.event_id and finding.rule == self.rule
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
    _check("pairing-split-across-events", lambda _old, _meeting: ())


@bug("pairing")
def mixed_for_cancelled_orders():
    """An order's cancellation counts as another kind than a refund."""

    def check(_old, meeting):
        for pair in meeting.step.pairs:
            others = [one for one in pair.settled if one.kind is not pair.kind]
            if others:
                yield rules_of_pairs.Found("", "mixed", subject=pair.group.reference)

    _check("termination-kind-mixed", check)
    rule = RULES["termination-kind-mixed"]
    from contracts.rules import _ASKED, Stage

    _ASKED[Stage.STATE, "order_cancelled"].append(rule)


@bug("pairing")
def missing_counted_once():
    """An event that forgets the plans of two products is blamed for one."""
    for name in ("refund-missing-protection", "cancel-missing-protection"):
        _check(name, lambda old, meeting: list(old(meeting))[:1])


@bug("findings")
def duplicates_of_waiting_events():
    """An event that waits twice is no duplicate."""
    _check(
        "duplicate-event",
        lambda old, meeting: () if meeting.step.outcome == "waiting" else old(meeting),
    )


@bug("findings")
def duplicates_of_the_last_event():
    """An event is a duplicate only of the one right before it."""

    def receive(old, current, came, print_):
        steps = old(current, came, print_)
        first = {print_: came.event_id}
        return tuple(replace(one, after=replace(one.after, accepted=first)) for one in steps)

    around(order, "receive", receive)
    judge.receive = order.receive


@bug("findings")
def duplicate_and_reused():
    """The same placement again reuses an order's id as well."""

    def check(old, meeting):
        return old(replace(meeting, repeats=None))

    _check("order-id-reused", check)


@bug("findings")
def identical_entries_are_advice():
    """Two identical entries are no worse than two different ones."""
    _check(
        "item-entry-repeated",
        lambda old, meeting: [replace(one, severity=None) for one in old(meeting)],
    )


@bug("findings")
def repeated_line_once():
    """Only the first line that stands twice is told."""
    _check("item-entry-repeated", lambda old, meeting: list(old(meeting))[:1])


@bug("findings")
def refunds_after_cancellation_are_violations():
    """A refund after an order's cancellation is as bad as a shipment."""
    from contracts.rules import cancellation

    cancellation._AFTER_CANCELLATION["order_refund_added"] = Severity.VIOLATION


@bug("findings")
def plans_never_refunded_too_early():
    """Refunding an unshipped plan is advised against, too."""

    def check(_old, meeting):
        from contracts.events import Refunded
        from contracts.rules import shipment

        for line, taken, items in shipment.moved(meeting, Refunded):
            if taken.unshipped:
                yield shipment.Found(items[0].pointer, f"{line.item.id} was not shipped")

    _check("refund-before-fulfillment", check)


@bug("findings")
def cancelled_plans_after_shipment():
    """Cancelling a shipped plan counts as cancelling a shipped product."""

    def check(_old, meeting):
        from contracts.events import LinesCancelled
        from contracts.rules import shipment

        for line, taken, items in shipment.moved(meeting, LinesCancelled):
            if taken.kept:
                yield shipment.Found(items[0].pointer, f"{line.item.id} was shipped")

    _check("cancel-after-fulfillment", check)


@bug("findings")
def plan_shipped_with_its_product():
    """A plan that is shipped together with its product counts as shipped alone."""

    def check(old, meeting):
        step = meeting.step
        return old(
            replace(
                meeting,
                step=replace(
                    step,
                    after=replace(
                        step.after,
                        lines={
                            **step.after.lines,
                            **{
                                name: replace(
                                    step.after.lines[name], ledger=step.before.lines[name].ledger
                                )
                                for name in step.taken
                                if not step.before.lines[name].item.is_protection
                            },
                        },
                    ),
                ),
            )
        )

    _check("protection-fulfilled-alone", check)


@bug("placements")
def brand_in_its_exact_case():
    """Only `hakuna` in lowercase looks like a protection."""
    _check(
        "protection-missing-reference",
        lambda old, meeting: [
            one
            for one in old(meeting)
            if any(line.brand == "hakuna" for line in placement._lines(meeting))
        ],
    )


@bug("placements")
def self_reference_dangles():
    """A plan that names itself is said to lead nowhere."""

    def check(_old, meeting):
        for line, reference, pointer in placement._links(meeting):
            known = {one.product_id for one in placement._lines(meeting) if one is not line}
            if reference not in known:
                yield placement.Found(pointer, "leads nowhere")

    _check("protection-dangling-reference", check)


@bug("placements")
def plans_on_plans():
    """A plan may protect a plan."""
    _check("protection-references-protection", lambda _old, _meeting: ())


@bug("placements")
def plans_counted_by_line():
    """Each plan line alone is compared with its product, not their sum."""
    _groups(
        lambda groups, lines: {
            name: replace(
                one,
                placement_excess=max(
                    0,
                    max(lines[plan].ledger.ordered for plan in one.plan_lines)
                    - sum(lines[line].ledger.ordered for line in one.product_lines),
                ),
            )
            for name, one in groups.items()
        }
    )


@bug("placements")
def free_plans():
    """A plan may cost nothing."""
    _check("protection-price-zero", lambda _old, _meeting: ())


@bug("placements")
def legacy_link_only_on_plans():
    """The old link field is noticed on plans only."""
    _check(
        "legacy-linkage",
        lambda old, meeting: (
            old(meeting) if any(line.reference for line in placement._lines(meeting)) else ()
        ),
    )


@bug("placements")
def united_kingdom_is_uk():
    """`uk` is taken for a country."""
    old = codes.codes()
    changed = old._replace(countries=old.countries | {"uk"})
    codes.codes = customer.codes = lambda: changed


@bug("placements")
def zip_must_be_bare():
    """A postal code with a blank in it is implausible."""
    old = customer.postal_code_problem
    customer.postal_code_problem = lambda country, text: (
        "no blank" if " " in text and country in codes.codes().postal_codes else old(country, text)
    )


@bug("placements")
def empty_zip_implausible():
    """An empty postal code is implausible."""
    old = customer.postal_code_problem
    customer.postal_code_problem = lambda country, text: (
        old(country, text) if text or country != "de" else "five digits"
    )


@bug("placements")
def empty_email_implausible():
    """An empty e-mail address is implausible."""

    def check(old, body):
        if body.document["payload"].get("customer", {}).get("email") == "":
            return [customer.Found("/payload/customer/email", "empty")]
        return old(body)

    _check("email-format", check)


@bug("placements")
def currency_of_the_shop():
    """Any known currency fits any country."""
    _check("currency-country-mismatch", lambda _old, _body: ())
