"""Bugs of one order: transitions, quantities, waiting events, windows and times."""

from dataclasses import replace

from contracts import events, instant, ledger, order, order_view
from contracts.ledger import Ledger, Taken
from contracts.order import Line, Order, Outcome, Status, Step
from contracts.rules import RULES, quantities, shipment, timestamps
from seeded_bugs import around, bug, judge


def _check(rule_id, new):
    """Another check for a rule; it gets the old one first."""
    rule = RULES[rule_id]
    old = rule.check
    object.__setattr__(rule, "check", lambda meeting: new(old, meeting))


# --- transitions ---


@bug("transitions")
def second_placement_wins():
    """A second placement under an order's id replaces the first."""

    def meet(old, current, arrival, before):
        if isinstance(arrival.event, events.OrderPlaced) and current.is_placed:
            after = order._placed(current, arrival.event_id, arrival.event)
            return Step(arrival, Outcome.IGNORED, before, after)
        return old(current, arrival, before)

    around(order, "_meet", meet)


@bug("transitions")
def repeated_placement_starts_anew():
    """The same placement again, without its key, sets the quantities back."""

    def meet(old, current, arrival, before):
        step = old(current, arrival, before)
        if step.outcome is Outcome.IGNORED and isinstance(arrival.event, events.OrderPlaced):
            same = {one.id for one in arrival.event.lines} == set(current.lines)
            if same and not current.cancelled_by:
                lines = {
                    name: Line(one.item, Ledger(one.item.quantity))
                    for name, one in current.lines.items()
                }
                return replace(step, after=replace(current, lines=lines))
        return step

    around(order, "_meet", meet)


@bug("transitions")
def placement_revives():
    """A placement of a cancelled order's id revives it."""

    def meet(old, current, arrival, before):
        step = old(current, arrival, before)
        if isinstance(arrival.event, events.OrderPlaced) and current.cancelled_by:
            return replace(step, after=replace(step.after, cancelled_by=None))
        return step

    around(order, "_meet", meet)


@bug("transitions")
def shipped_after_cancellation():
    """A cancelled order can still be shipped."""

    def meet(old, current, arrival, before):
        if isinstance(arrival.event, events.Fulfilled) and current.cancelled_by:
            return order._move_items(current, arrival, arrival.event, before)
        return old(current, arrival, before)

    around(order, "_meet", meet)


@bug("transitions")
def shipped_order_cancelled():
    """An order is cancelled although a product was shipped."""
    Order.product_shipped = property(lambda _self: False)


@bug("transitions")
def cancelled_once_all_came_back():
    """A shipped order can be cancelled when everything shipped was refunded."""
    Order.product_shipped = property(
        lambda self: any(
            line.ledger.kept for line in self.lines.values() if not line.item.is_protection
        )
    )


@bug("transitions")
def shipped_plan_counts():
    """A shipped plan keeps an order from being cancelled."""
    Order.product_shipped = property(
        lambda self: any(line.ledger.fulfilled for line in self.lines.values())
    )


@bug("transitions")
def cancellation_keeps_units():
    """A cancelled order's units stay active."""

    def cancel(old, current, arrival, event, before):
        step = old(current, arrival, event, before)
        return replace(step, after=replace(step.after, lines=current.lines))

    around(order, "_cancel_order", cancel)


@bug("transitions")
def cancellation_forgets_plans():
    """The cancellation of an order ends its products only."""

    def cancel(old, current, arrival, event, before):
        step = old(current, arrival, event, before)
        lines = {
            name: current.lines[name] if line.item.is_protection else line
            for name, line in step.after.lines.items()
        }
        return replace(step, after=replace(step.after, lines=lines))

    around(order, "_cancel_order", cancel)


@bug("transitions")
def cancelled_twice():
    """The second cancellation of an order is taken like the first."""
    _check("order-already-cancelled", lambda _old, _meeting: ())


@bug("transitions")
def fulfilled_needs_plans():
    """An order counts as fulfilled only when its plans are shipped, too."""

    def status(self):
        if self.cancelled_by:
            return Status.CANCELLED
        lines = self.lines.values()
        if not any(line.ledger.active for line in lines):
            return Status.CLOSED
        if not any(line.ledger.unshipped for line in lines):
            return Status.FULFILLED
        return Status.PARTIALLY_FULFILLED if self.product_shipped else Status.PLACED

    Order.status = property(status)


@bug("transitions")
def closed_is_cancelled():
    """An order of which nothing is left counts as cancelled."""
    old = Order.status.fget
    Order.status = property(
        lambda self: Status.CANCELLED if old(self) is Status.CLOSED else old(self)
    )


@bug("transitions")
def last_of_two_lines():
    """Of two lines with one id the last one counts."""

    def placed(old, current, event_id, event):
        lines = tuple({line.id: line for line in event.lines}.values())
        return old(current, event_id, replace(event, lines=lines))

    around(order, "_placed", placed)


@bug("transitions")
def unknown_line_loses_all():
    """One unknown line, and the other entries of the event are lost as well."""

    def move(old, current, arrival, event, before):
        if any(item.line_id not in current.lines for item in event.items):
            return Step(arrival, Outcome.APPLIED, before, current)
        return old(current, arrival, event, before)

    around(order, "_move_items", move)


@bug("transitions")
def product_id_for_line_id():
    """An entry may name the product instead of the line."""

    def move(old, current, arrival, event, before):
        lines = {one.item.product_id: name for name, one in current.lines.items()}
        items = tuple(
            replace(item, line_id=lines.get(item.line_id, item.line_id)) for item in event.items
        )
        return old(current, arrival, replace(event, items=items), before)

    around(order, "_move_items", move)


@bug("transitions")
def line_ids_in_any_case():
    """Line ids are compared without their case."""

    def move(old, current, arrival, event, before):
        lines = {name.casefold(): name for name in current.lines}
        items = tuple(
            replace(item, line_id=lines.get(item.line_id.casefold(), item.line_id))
            for item in event.items
        )
        return old(current, arrival, replace(event, items=items), before)

    around(order, "_move_items", move)


@bug("transitions")
def line_ids_trimmed():
    """Blanks at the end of a line id do not count."""

    def move(old, current, arrival, event, before):
        items = tuple(replace(item, line_id=item.line_id.strip()) for item in event.items)
        return old(current, arrival, replace(event, items=items), before)

    around(order, "_move_items", move)


# --- quantities ---


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
        lambda old, self, entries: old(self, [1 if one is None else one for one in entries]),
    )


@bug("quantities")
def no_quantity_is_all():
    """A cancellation without quantity cancels shipped units, too."""
    around(
        Ledger,
        "cancel_entries",
        lambda old, self, entries: old(
            self, [self.active or 1 if one is None else one for one in entries]
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
        after, then = old(after, [one for one in entries if one is not None])
        return after, Taken(
            first.asked + then.asked, first.unshipped + then.unshipped, first.kept + then.kept
        )

    around(Ledger, "cancel_entries", cancel)


@bug("quantities")
def last_entry_of_a_line():
    """Of several entries for one line the last one counts."""

    def move(old, current, arrival, event, before):
        items = tuple({item.line_id: item for item in event.items}.values())
        return old(current, arrival, replace(event, items=items), before)

    around(order, "_move_items", move)


@bug("quantities")
def identical_entries_once():
    """Two identical entries of an event count once."""

    def move(old, current, arrival, event, before):
        found = {(item.line_id, item.quantity, item.at): item for item in event.items}
        return old(current, arrival, replace(event, items=tuple(found.values())), before)

    around(order, "_move_items", move)


@bug("quantities")
def quantity_of_sixteen_bits():
    """Quantities are kept in sixteen bits."""
    old = events._placed

    def placed(body, payload):
        found = old(body, payload)
        lines = tuple(replace(one, quantity=one.quantity & 0xFFFF or 1) for one in found.lines)
        return replace(found, lines=lines)

    events._BUILDERS["order_placed"] = placed


@bug("quantities")
def whole_floats_rounded_down():
    """1.0 is read as 1, but 2.0 as 1 as well."""
    from contracts import strict_json

    strict_json._finite = lambda digits: (
        min(int(value), 1) if (value := float(digits)).is_integer() else value
    )


@bug("quantities")
def refunds_and_cancellations_swapped():
    """The order shows refunded units as cancelled, where both happened to a line."""
    old = order_view._line

    def line(one, whole):
        shown = old(one, whole)
        if shown["refunded"] and shown["cancelled"]:
            shown["refunded"], shown["cancelled"] = shown["cancelled"], shown["refunded"]
        return shown

    order_view._line = line


@bug("quantities")
def over_refund_of_plans_unnoticed():
    """More plans are refunded than there are, without a finding."""

    def check(old, meeting):
        plans = {
            one.item.id for one in meeting.step.before.lines.values() if one.item.is_protection
        }
        step = meeting.step
        taken = {name: one for name, one in step.taken.items() if name not in plans}
        return old(replace(meeting, step=replace(step, taken=taken)))

    _check("over-refund", check)


@bug("quantities")
def over_refund_only_from_two():
    """One unit too many is not noticed, two are."""
    around(
        quantities,
        "_excess",
        lambda old, meeting, kind, *rest: (
            one
            for one in old(meeting, kind, *rest)
            if any(taken.excess > 1 for taken in meeting.step.taken.values())
        ),
    )


# --- waiting events ---


def _receive(new):
    around(order, "receive", new)
    judge.receive = order.receive


def _waiting(change):
    """A placement meets waiting events that were changed."""

    def receive(old, current, arrival, print_):
        if isinstance(arrival.event, events.OrderPlaced):
            current = replace(current, waiting=tuple(change(current.waiting)))
        return old(current, arrival, print_)

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
    _waiting(lambda waiting: sorted(waiting, key=lambda one: events.type_of(one.event)))


@bug("ordering")
def waiting_events_by_time():
    """Waiting events are replayed in the order of their own times."""
    _waiting(lambda waiting: sorted(waiting, key=lambda one: timestamps.times_of(one.event)[0][1]))


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
        lambda waiting: [one for one in waiting if not isinstance(one.event, events.OrderCancelled)]
    )


@bug("ordering")
def waiting_twin_dropped():
    """Of two equal events that wait only one is replayed."""
    _waiting(lambda waiting: {str(one.event.body): one for one in waiting}.values())


@bug("ordering")
def late_arrival_stays_open():
    """`unknown-order` stays open after the placement came."""
    around(
        judge,
        "_resolutions",
        lambda old, step: [one for one in old(step) if one.rule != "unknown-order"],
    )


@bug("ordering")
def late_arrival_settled_once():
    """When a placement comes, only the first waiting event's `unknown-order` is resolved."""

    def accept(old, self, steps, names):
        verdict = old(self, steps, names)
        seen, kept = set(), []
        for one in verdict.accepted.resolutions:
            if one.rule != "unknown-order" or not seen:
                kept.append(one)
            seen.add(one.rule)
        return replace(verdict, accepted=replace(verdict.accepted, resolutions=tuple(kept)))

    around(judge._Judgement, "_accept", accept)


@bug("ordering")
def placement_tells_of_the_others():
    """A placement's reply lists what the waiting events cause."""

    def accept(old, self, steps, names):
        verdict = old(self, steps, names)
        self.findings += verdict.accepted.later
        return self._answer(self.request.event_id, accepted=verdict.accepted)

    around(judge._Judgement, "_accept", accept)


# --- windows and times ---


@bug("windows")
def revocation_a_day_short():
    """Plans can be given back within 13 days."""
    shipment.REVOCATION_DAYS = 13


@bug("windows")
def revocation_a_day_long():
    """Plans can be given back within 15 days."""
    shipment.REVOCATION_DAYS = 15


@bug("windows")
def revocation_from_the_first_shipment():
    """The 14 days begin with the first shipment."""
    shipment._latest_shipment = lambda before, group: min(
        (
            time
            for one in group.product_lines
            if (time := before.lines[one].ledger.first_fulfilled_at) is not None
        ),
        default=None,
    )


@bug("windows")
def revocation_of_one_line():
    """The 14 days look at the first of a product's lines only."""
    shipment._latest_shipment = lambda before, group: (
        before.lines[group.product_lines[0]].ledger.last_fulfilled_at
    )


@bug("windows")
def return_after_ninety_days():
    """Three months are 90 days."""
    shipment.months_later = lambda day, _months: day + 90


@bug("windows")
def return_a_day_short():
    """The last day of the three months does not count."""
    shipment.months_later = lambda day, months: instant.months_later(day, months) - 1


@bug("windows")
def return_without_clamping():
    """Three months after the 30th of November are the 2nd of March."""

    def later(day, months):
        year, month, of_month = instant.civil_from_days(day)
        total = year * 12 + month - 1 + months
        return instant.days_from_civil(total // 12, total % 12 + 1, 1) + of_month - 1

    shipment.months_later = later


@bug("windows")
def return_across_the_year():
    """Three months after October lie in the same year."""

    def later(day, months):
        year, month, _ = instant.civil_from_days(day)
        found = instant.months_later(day, months)
        return found if month + months <= 12 else found - (365 + (year % 4 == 0))

    shipment.months_later = later


def _in_berlin(at):
    return (at + 3600 * instant.SECOND) // instant.DAY


@bug("windows")
def days_of_berlin():
    """Days of the windows begin an hour before midnight UTC."""
    shipment.utc_day = _in_berlin


@bug("windows")
def elapsed_days():
    """14 days are 336 hours."""

    def check(old, meeting):
        for found in old(meeting):
            times = [item.at for item in meeting.event.items]
            shipped = [
                line.ledger.last_fulfilled_at
                for line in meeting.step.before.lines.values()
                if line.ledger.last_fulfilled_at is not None
            ]
            if max(times) - min(shipped) > 15 * instant.DAY:
                yield found

    _check("protection-revocation-window", check)


@bug("windows")
def window_by_arrival():
    """The time of arrival decides about the three months."""
    _check("product-return-window", lambda _old, _meeting: ())


@bug("windows")
def uninsured_products_too():
    """The three months hold for products without a plan as well."""

    def check(_old, meeting):
        for line, taken, items in shipment.moved(meeting, events.Refunded):
            shipped = line.ledger.last_fulfilled_at
            if line.item.is_protection or not taken.kept or shipped is None:
                continue
            last = instant.months_later(instant.utc_day(shipped), 3)
            if max(instant.utc_day(item.at) for item in items) > last:
                yield shipment.Found(items[0].pointer, "too late")

    _check("product-return-window", check)


@bug("windows")
def offset_ignored():
    """The offset of a time is not added: the wall clock is taken for UTC."""
    old = events._instant
    events._instant = lambda text: old(text[:-6] + "Z" if text[-6] in "+-" else text)


@bug("windows")
def offset_added():
    """The offset of a time is added instead of subtracted."""
    swapped = str.maketrans("+-", "-+")
    old = events._instant
    events._instant = lambda text: old(
        text[:-6] + text[-6:].translate(swapped) if text[-6] in "+-" else text
    )


@bug("windows")
def seconds_only():
    """Fractions of a second are cut off."""
    old = events._instant
    events._instant = lambda text: old(text) // instant.SECOND * instant.SECOND


@bug("windows")
def equal_time_before_placement():
    """An event at the very time of the placement counts as before it."""

    def check(old, meeting):
        before = meeting.step.before
        if before.placed_at is None:
            return ()
        moved = replace(before, placed_at=before.placed_at + 1)
        return old(replace(meeting, step=replace(meeting.step, before=moved)))

    _check("timestamp-before-placement", check)


@bug("windows")
def first_entry_before_placement():
    """Only the first entry of an event is compared with the placement."""
    _check(
        "timestamp-before-placement",
        lambda old, meeting: [
            one
            for one in old(meeting)
            if "/0/" in one.pointer or isinstance(meeting.event, events.OrderCancelled)
        ],
    )


@bug("windows")
def alias_never_before_placement():
    """Times in `refunded_at` of a cancellation are not compared with the placement."""
    _check(
        "timestamp-before-placement",
        lambda old, meeting: [
            one
            for one in old(meeting)
            if not (
                isinstance(meeting.event, events.LinesCancelled)
                and one.pointer.endswith("refunded_at")
            )
        ],
    )


@bug("windows")
def alias_wins():
    """Of `cancelled_at` and `refunded_at` the second decides."""
    events._BUILDERS["order_line_items_cancelled"] = lambda body, payload: events.LinesCancelled(
        payload["order_id"],
        body,
        events._items(payload, "cancelled_line_items", "refunded_at", "cancelled_at"),
    )


@bug("windows")
def regression_to_the_last_shipment():
    """A refund is compared with the last shipment instead of the first."""

    def check(old, meeting):
        before = meeting.step.before
        lines = {
            name: Line(
                one.item, replace(one.ledger, first_fulfilled_at=one.ledger.last_fulfilled_at)
            )
            for name, one in before.lines.items()
        }
        step = replace(meeting.step, before=replace(before, lines=lines))
        return old(replace(meeting, step=step))

    _check("timestamp-regression", check)


@bug("windows")
def cancellation_compared_with_placement():
    """An order's cancellation before its placement is a regression as well."""

    def check(old, meeting):
        before = meeting.step.before
        if isinstance(meeting.event, events.OrderCancelled) and before.latest_applied_at is None:
            before = replace(before, latest_applied_at=before.placed_at)
        return old(replace(meeting, step=replace(meeting.step, before=before)))

    _check("timestamp-regression", check)


@bug("windows")
def clamped_shipment_is_latest():
    """Also a shipment of which nothing applied moves the order's latest time."""

    def move(old, current, arrival, event, before):
        step = old(current, arrival, event, before)
        latest = max([item.at for item in event.items] + [step.after.latest_applied_at or 0])
        return replace(step, after=replace(step.after, latest_applied_at=latest))

    around(order, "_move_items", move)


@bug("windows")
def a_minute_of_tolerance():
    """Times may lie one minute ahead, not five."""
    timestamps.FUTURE_TOLERANCE = 60 * instant.SECOND


@bug("windows")
def an_hour_of_tolerance():
    """Times may lie an hour ahead."""
    timestamps.FUTURE_TOLERANCE = 3600 * instant.SECOND


assert ledger
