"""Bugs of quantities: what is shipped, refunded and cancelled of each line."""

from dataclasses import replace
from itertools import groupby

from contracts.orders import events, order, presentation
from contracts.orders.ledger import Ledger, Taken
from contracts.rules.families import quantities
from seeded_bugs import around, bug, checked
from seeded_bugs.seams import numbers


@bug("quantities")
def ships_what_is_not_there():
    """More units are shipped than were ordered."""

    def fulfil(self, asked, times):
        times = list(times)
        after = replace(
            self,
            fulfilled=self.fulfilled + asked,
            first_fulfilled_at=min(times),
            last_fulfilled_at=max(times),
        )
        return after, Taken(asked, asked)

    Ledger.fulfil = fulfil


@bug("quantities")
def too_many_ships_none():
    """A shipment of more than is left ships nothing."""
    around(
        Ledger,
        "fulfil",
        lambda old, self, asked, times: (
            old(self, asked, times) if asked <= self.unshipped else (self, Taken(asked, 0))
        ),
    )


@bug("quantities")
def last_unit_stays():
    """The last unit of a line cannot be refunded."""

    def refund(old, self, asked):
        after, taken = old(self, min(asked, max(self.active - 1, 0)))
        return after, replace(taken, asked=asked)

    around(Ledger, "refund", refund)


@bug("quantities")
def refund_of_unshipped_first():
    """A refund takes unshipped units before shipped ones."""

    def refund(self, asked):
        unshipped = min(asked, self.unshipped)
        taken = Taken(asked, unshipped, min(asked - unshipped, self.kept))
        return replace(
            self,
            refunded_unshipped=self.refunded_unshipped + taken.unshipped,
            refunded_kept=self.refunded_kept + taken.kept,
        ), taken

    Ledger.refund = refund


@bug("quantities")
def cancellation_of_shipped_first():
    """A cancellation takes shipped units before unshipped ones."""

    def cancel(self, asked):
        kept = min(asked, self.kept)
        taken = Taken(asked, min(asked - kept, self.unshipped), kept)
        return replace(
            self,
            cancelled_unshipped=self.cancelled_unshipped + taken.unshipped,
            cancelled_kept=self.cancelled_kept + taken.kept,
        ), taken

    Ledger.cancel = cancel


@bug("quantities")
def no_quantity_is_one():
    """A cancellation without quantity cancels one unit."""
    around(
        Ledger,
        "cancel_entries",
        lambda old, self, entries: old(self, [1 if entry is None else entry for entry in entries]),
    )


@bug("quantities")
def no_quantity_is_all():
    """A cancellation without quantity cancels shipped units, too."""
    around(
        Ledger,
        "cancel_entries",
        lambda old, self, entries: old(
            self, [self.active or 1 if entry is None else entry for entry in entries]
        ),
    )


@bug("quantities")
def no_quantity_on_nothing():
    """A cancellation without quantity of a line with nothing left raises no finding."""

    def cancel(old, self, entries):
        entries = list(entries)
        if not self.active and entries == [None]:
            return self, Taken(0, 0)
        return old(self, entries)

    around(Ledger, "cancel_entries", cancel)


@bug("quantities")
def entry_without_quantity_first():
    """Beside an entry with a quantity the one without is not served last but first."""

    def cancel(old, self, entries):
        entries = list(entries)
        if None not in entries or entries == [None]:
            return old(self, entries)
        after, first = old(self, [None])
        after, then = old(after, [entry for entry in entries if entry is not None])
        return after, Taken(
            first.asked + then.asked, first.unshipped + then.unshipped, first.kept + then.kept
        )

    around(Ledger, "cancel_entries", cancel)


@bug("quantities")
def last_entry_of_a_line():
    """Of several entries for one line the last one counts."""

    def move(old, current, arrival, event):
        items = tuple({item.line_id: item for item in event.items}.values())
        return old(current, arrival, replace(event, items=items))

    around(order, "_move_items", move)


@bug("quantities")
def identical_entries_once():
    """Two identical entries of an event count once."""

    def move(old, current, arrival, event):
        found = {(item.line_id, item.quantity, item.at): item for item in event.items}
        return old(current, arrival, replace(event, items=tuple(found.values())))

    around(order, "_move_items", move)


@bug("quantities")
def quantity_of_sixteen_bits():
    """Quantities are kept in sixteen bits."""
    old = events._placed

    def placed(body, payload):
        found = old(body, payload)
        lines = tuple(replace(line, quantity=line.quantity & 0xFFFF or 1) for line in found.lines)
        return replace(found, lines=lines)

    events._BUILDERS["order_placed"] = placed


@bug("quantities")
def whole_floats_rounded_down():
    """1.0 is read as 1, but 2.0 as 1 as well."""
    numbers(
        _finite=lambda digits: (
            min(int(value), 1) if (value := float(digits)).is_integer() else value
        )
    )


@bug("quantities")
def refunds_and_cancellations_swapped():
    """The order shows refunded units as cancelled, where both happened to a line."""
    old = presentation._line

    def line(item, whole):
        shown = old(item, whole)
        if shown["refunded"] and shown["cancelled"]:
            shown["refunded"], shown["cancelled"] = shown["cancelled"], shown["refunded"]
        return shown

    presentation._line = line


@bug("quantities")
def over_refund_of_plans_unnoticed():
    """More plans are refunded than there are, without a finding."""

    def check(old, context):
        plans = {
            line.item.id for line in context.step.before.lines.values() if line.item.is_protection
        }
        step = context.step
        taken = {name: item for name, item in step.taken.items() if name not in plans}
        return old(replace(context, step=replace(step, taken=taken)))

    checked("over-refund", check)


@bug("quantities")
def over_refund_only_from_two():
    """One unit too many is not noticed, two are."""
    around(
        quantities,
        "_excess",
        lambda old, context, kind, *rest: (
            item
            for item in old(context, kind, *rest)
            if any(taken.excess > 1 for taken in context.step.taken.values())
        ),
    )


@bug("quantities")
def cancelled_units_ship():
    """Cancelled units can still be shipped."""
    Ledger.unshipped = property(
        lambda self: max(0, self.ordered - self.fulfilled - self.refunded_unshipped)
    )


@bug("quantities")
def refunded_units_ship():
    """Units that were refunded before shipment can still be shipped."""
    Ledger.unshipped = property(
        lambda self: max(0, self.ordered - self.fulfilled - self.cancelled_unshipped)
    )


@bug("quantities")
def two_entries_of_a_line():
    """Of more than two entries for one line the first two count."""

    def move(old, current, arrival, event):
        by_line = sorted(event.items, key=lambda item: item.line_id)
        kept = [
            item
            for _, group in groupby(by_line, key=lambda item: item.line_id)
            for item in list(group)[:2]
        ]
        return old(current, arrival, replace(event, items=tuple(kept)))

    around(order, "_move_items", move)


@bug("quantities")
def quantities_as_doubles():
    """Quantities are kept as doubles: beyond 2^53 they are rounded."""
    old = events._placed

    def placed(body, payload):
        found = old(body, payload)
        lines = tuple(replace(line, quantity=int(float(line.quantity))) for line in found.lines)
        return replace(found, lines=lines)

    events._BUILDERS["order_placed"] = placed


@bug("quantities")
def ten_lines():
    """An order has ten lines at most; the others are dropped."""
    around(
        order,
        "_placed",
        lambda old, current, event_id, event: old(
            current, event_id, replace(event, lines=event.lines[:10])
        ),
    )


@bug("quantities")
def ten_entries():
    """An event has ten entries at most; the others are dropped."""

    def move(old, current, arrival, event):
        return old(current, arrival, replace(event, items=event.items[:10]))

    around(order, "_move_items", move)
