"""Bugs of windows and of times that are compared: days, months, offsets, before and after."""

from dataclasses import replace

from contracts.event_kinds import ORDER_LINE_ITEMS_CANCELLED
from contracts.orders import events, order, windows
from contracts.orders.order import Line
from contracts.rules import corrections
from contracts.rules.families import shipment, timestamps
from contracts.timing import rfc3339
from seeded_bugs import around, bug, checked


@bug("windows")
def revocation_a_day_short():
    """Plans can be given back within 13 days."""
    windows.REVOCATION_DAYS = 13


@bug("windows")
def revocation_a_day_long():
    """Plans can be given back within 15 days."""
    windows.REVOCATION_DAYS = 15


@bug("windows")
def revocation_from_the_first_shipment():
    """The 14 days begin with the first shipment."""
    windows.latest_shipment = lambda before, group: min(
        (
            time
            for product_line in group.product_lines
            if (time := before.lines[product_line].ledger.first_fulfilled_at) is not None
        ),
        default=None,
    )


@bug("windows")
def revocation_of_one_line():
    """The 14 days look at the first of a product's lines only."""
    windows.latest_shipment = lambda before, group: (
        before.lines[group.product_lines[0]].ledger.last_fulfilled_at
    )


@bug("windows")
def return_after_ninety_days():
    """Three months are 90 days."""
    windows.months_later = lambda day, _months: day + 90


@bug("windows")
def return_a_day_short():
    """The last day of the three months does not count."""
    windows.months_later = lambda day, months: rfc3339.months_later(day, months) - 1


@bug("windows")
def return_without_clamping():
    """Three months after the 30th of November are the 2nd of March."""

    def later(day, months):
        year, month, of_month = rfc3339.civil_from_days(day)
        total = year * 12 + month - 1 + months
        return rfc3339.days_from_civil(total // 12, total % 12 + 1, 1) + of_month - 1

    windows.months_later = later


@bug("windows")
def return_across_the_year():
    """Three months after October lie in the same year."""

    def later(day, months):
        year, month, _ = rfc3339.civil_from_days(day)
        found = rfc3339.months_later(day, months)
        return found if month + months <= 12 else found - (365 + (year % 4 == 0))

    windows.months_later = later


def _in_berlin(at):
    return (at + 3600 * rfc3339.SECOND) // rfc3339.DAY


@bug("windows")
def days_of_berlin():
    """Days of the windows begin an hour before midnight UTC."""
    for module in (windows, shipment, corrections):
        module.utc_day = _in_berlin


@bug("windows")
def elapsed_days():
    """14 days are 336 hours."""

    def check(old, context):
        for found in old(context):
            times = [item.at for item in context.event.items]
            shipped = [
                line.ledger.last_fulfilled_at
                for line in context.step.before.lines.values()
                if line.ledger.last_fulfilled_at is not None
            ]
            if max(times) - min(shipped) > 15 * rfc3339.DAY:
                yield found

    checked("protection-revocation-window", check)


@bug("windows")
def window_by_arrival():
    """The time of arrival decides about the three months."""
    checked("product-return-window", lambda _old, _context: ())


@bug("windows")
def uninsured_products_too():
    """The three months hold for products without a plan as well."""

    def check(_old, context):
        for line, taken, items in shipment.moved(context, events.Refunded):
            shipped = line.ledger.last_fulfilled_at
            if line.item.is_protection or not taken.kept or shipped is None:
                continue
            last = rfc3339.months_later(rfc3339.utc_day(shipped), 3)
            if max(rfc3339.utc_day(item.at) for item in items) > last:
                yield shipment.Found(items[0].pointer, "too late")

    checked("product-return-window", check)


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
    events._instant = lambda text: old(text) // rfc3339.SECOND * rfc3339.SECOND


@bug("windows")
def equal_time_before_placement():
    """An event at the very time of the placement counts as before it."""

    def check(old, context):
        before = context.step.before
        if before.placed_at is None:
            return ()
        moved = replace(before, placed_at=before.placed_at + 1)
        return old(replace(context, step=replace(context.step, before=moved)))

    checked("timestamp-before-placement", check)


@bug("windows")
def first_entry_before_placement():
    """Only the first entry of an event is compared with the placement."""
    checked(
        "timestamp-before-placement",
        lambda old, context: [
            item
            for item in old(context)
            if "/0/" in item.pointer or isinstance(context.event, events.OrderCancelled)
        ],
    )


@bug("windows")
def alias_never_before_placement():
    """Times in `refunded_at` of a cancellation are not compared with the placement."""
    checked(
        "timestamp-before-placement",
        lambda old, context: [
            item
            for item in old(context)
            if not (
                isinstance(context.event, events.LinesCancelled)
                and item.pointer.endswith("refunded_at")
            )
        ],
    )


@bug("windows")
def alias_wins():
    """Of `cancelled_at` and `refunded_at` the second decides."""
    kind = ORDER_LINE_ITEMS_CANCELLED
    swapped = replace(kind, time=kind.time_alias, time_alias=kind.time)
    events._BUILDERS[kind.type] = events._builder(events.LinesCancelled, swapped)


@bug("windows")
def regression_to_the_last_shipment():
    """A refund is compared with the last shipment instead of the first."""

    def check(old, context):
        before = context.step.before
        lines = {
            name: Line(
                line.item, replace(line.ledger, first_fulfilled_at=line.ledger.last_fulfilled_at)
            )
            for name, line in before.lines.items()
        }
        step = replace(context.step, before=replace(before, lines=lines))
        return old(replace(context, step=step))

    checked("timestamp-regression", check)


@bug("windows")
def cancellation_compared_with_placement():
    """An order's cancellation before its placement is a regression as well."""

    def check(old, context):
        before = context.step.before
        if isinstance(context.event, events.OrderCancelled) and before.latest_applied_at is None:
            before = replace(before, latest_applied_at=before.placed_at)
        return old(replace(context, step=replace(context.step, before=before)))

    checked("timestamp-regression", check)


@bug("windows")
def clamped_shipment_is_latest():
    """Also a shipment of which nothing applied moves the order's latest time."""

    def move(old, current, arrival, event):
        step = old(current, arrival, event)
        latest = max([item.at for item in event.items] + [step.after.latest_applied_at or 0])
        return replace(step, after=replace(step.after, latest_applied_at=latest))

    around(order, "_move_items", move)


@bug("windows")
def a_minute_of_tolerance():
    """Times may lie one minute ahead, not five."""
    timestamps.FUTURE_TOLERANCE = 60 * rfc3339.SECOND


@bug("windows")
def an_hour_of_tolerance():
    """Times may lie an hour ahead."""
    timestamps.FUTURE_TOLERANCE = 3600 * rfc3339.SECOND
