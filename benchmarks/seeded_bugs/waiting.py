"""Bugs of events that arrive before their order is placed."""

from dataclasses import replace

from contracts.orders import events, order
from contracts.rules.families import timestamps
from contracts.worlds.effects import FindingResolved
from seeded_bugs import around, before_effects, bug, closing, judge


def _receive(new):
    around(order, "receive", new)
    judge.receive = order.receive


def _waiting(change):
    """A placement meets waiting events that were changed."""

    def receive(old, current, arrival):
        if isinstance(arrival.event, events.OrderPlaced):
            current = replace(current, waiting=tuple(change(current.waiting)))
        return old(current, arrival)

    _receive(receive)


@bug("ordering")
def waiting_events_lost():
    """Events that wait for a placement are forgotten when it comes."""
    _waiting(lambda _waiting: ())


@bug("ordering")
def waiting_events_backwards():
    """Waiting events are replayed with the last one first."""
    _waiting(reversed)


@bug("ordering")
def waiting_events_by_type():
    """Waiting events are replayed in the order of their types."""
    _waiting(lambda waiting: sorted(waiting, key=lambda item: events.type_of(item.event)))


@bug("ordering")
def waiting_events_by_time():
    """Waiting events are replayed in the order of their own times."""
    _waiting(
        lambda waiting: sorted(waiting, key=lambda item: timestamps.times_of(item.event)[0][1])
    )


@bug("ordering")
def one_waiting_event():
    """Only the last event waits for its placement; it pushes the others out."""
    _waiting(lambda waiting: waiting[-1:])


@bug("ordering")
def three_waiting_events():
    """At most two events wait for a placement."""
    _waiting(lambda waiting: waiting[:2])


@bug("ordering")
def waiting_cancellation_lost():
    """An order's cancellation that came before its placement is forgotten."""
    _waiting(
        lambda waiting: [
            item for item in waiting if not isinstance(item.event, events.OrderCancelled)
        ]
    )


@bug("ordering")
def waiting_twin_dropped():
    """Of two equal events that wait only one is replayed."""
    _waiting(lambda waiting: {str(item.event.body): item for item in waiting}.values())


@bug("ordering")
def late_arrival_stays_open():
    """`unknown-order` stays open after the placement came."""
    around(
        closing,
        "_resolutions",
        lambda old, step: [item for item in old(step) if item.rule != "unknown-order"],
    )


@bug("ordering")
def late_arrival_settled_once():
    """When a placement comes, only the first waiting event's `unknown-order` is resolved."""

    def change(_case, verdict):
        kept, seen = [], False
        for effect in verdict.effects:
            late = isinstance(effect, FindingResolved) and effect.resolution.rule == "unknown-order"
            if not (late and seen):
                kept.append(effect)
            seen = seen or late
        return replace(verdict, effects=tuple(kept))

    before_effects(change)


@bug("ordering")
def placement_tells_of_the_others():
    """A placement's reply lists what the waiting events cause."""

    def change(case, verdict):
        if not verdict.later_findings:
            return verdict
        shown = (*verdict.findings, *verdict.later_findings)
        headers = closing._headers(case, shown, verdict.event_id)
        return replace(verdict, headers=tuple(headers))

    before_effects(change)
