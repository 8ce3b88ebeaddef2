"""What an accepted event did to its order, as effects."""

from collections.abc import Iterator

from contracts.orders.events import OrderPlaced
from contracts.orders.order import Outcome, Step
from contracts.worlds.effects import Effect, EventReplayed, OrderChanged, OrderOpened


def order_effects(steps: tuple[Step, ...]) -> Iterator[Effect]:
    """The effects of an event's own step, then those of the waiting events that it released."""
    for step in steps:
        if step.replayed:
            taken = tuple(step.taken.items())
            yield EventReplayed(step.arrival.event_id, step.outcome, taken)
        if step.outcome is Outcome.APPLIED:
            yield _applied(step)


def _applied(step: Step) -> Effect:
    after, event = step.after, step.arrival.event
    if isinstance(event, OrderPlaced):
        return OrderOpened(
            after.order_id,
            step.arrival.event_id,
            event.placed_at,
            after.outline,
            event.lines,
            event.currency,
            None if after.waiting else after,
        )
    return OrderChanged(
        after.order_id,
        tuple((line_id, after.lines[line_id].ledger) for line_id in step.taken),
        tuple(after.groups[pair.group.reference] for pair in step.pairs),
        after.latest_applied_at,
        after.cancelled_by,
        after,
    )
