"""Bugs of rules about single events: duplicates, repeated entries, plans alone."""

from dataclasses import replace

from contracts.findings.finding import Severity
from contracts.worlds.world import World
from seeded_bugs import around, bug, checked


@bug("findings")
def duplicates_of_waiting_events():
    """An event that waits twice is not a duplicate."""
    checked(
        "duplicate-event",
        lambda old, context: () if context.step.outcome == "waiting" else old(context),
    )


@bug("findings")
def duplicates_of_the_last_event():
    """An event is a duplicate only of the one right before it."""

    def first_event(old, self, order_id, fingerprint):
        history = self.histories.get(order_id)
        latest = next(reversed(history.first_by_fingerprint), None) if history else None
        return old(self, order_id, fingerprint) if fingerprint == latest else None

    around(World, "first_event", first_event)


@bug("findings")
def duplicate_and_reused():
    """The same placement again reuses an order's id as well."""

    def check(old, context):
        return old(replace(context, repeats=None))

    checked("order-id-reused", check)


@bug("findings")
def identical_entries_are_advice():
    """Two identical entries are no worse than two different ones."""
    checked(
        "item-entry-repeated",
        lambda old, context: [replace(item, severity=None) for item in old(context)],
    )


@bug("findings")
def repeated_line_once():
    """Only the first line that appears twice is told."""
    checked("item-entry-repeated", lambda old, context: list(old(context))[:1])


@bug("findings")
def refunds_after_cancellation_are_violations():
    """A refund after an order's cancellation is as bad as a shipment."""
    from contracts.rules.families import cancellation

    cancellation._AFTER_CANCELLATION["order_refund_added"] = Severity.VIOLATION


@bug("findings")
def plans_never_refunded_too_early():
    """Refunding an unshipped plan is advised against, too."""

    def check(_old, context):
        from contracts.orders.events import Refunded
        from contracts.rules.families import shipment

        for line, taken, items in shipment.moved(context, Refunded):
            if taken.unshipped:
                yield shipment.Found(items[0].pointer, f"{line.item.id} was not shipped")

    checked("refund-before-fulfillment", check)


@bug("findings")
def cancelled_plans_after_shipment():
    """Cancelling a shipped plan counts as cancelling a shipped product."""

    def check(_old, context):
        from contracts.orders.events import LinesCancelled
        from contracts.rules.families import shipment

        for line, taken, items in shipment.moved(context, LinesCancelled):
            if taken.kept:
                yield shipment.Found(items[0].pointer, f"{line.item.id} was shipped")

    checked("cancel-after-fulfillment", check)


@bug("findings")
def plan_shipped_with_its_product():
    """A plan that is shipped together with its product counts as shipped alone."""

    def check(old, context):
        step = context.step
        return old(
            replace(
                context,
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

    checked("protection-fulfilled-alone", check)
