"""Bugs of an order's life: placed, shipped, cancelled, closed; lines that are taken for others."""

from dataclasses import replace

from contracts.orders import events, order
from contracts.orders.events import ItemsEvent
from contracts.orders.ledger import Ledger
from contracts.orders.order import Line, Order, Outcome, Status, Step
from contracts.worlds.effects import OrderChanged
from seeded_bugs import around, bug, checked, closing


def _meet(new):
    """What an event that should be recorded only changes is stored, too."""

    def order_effects(old, steps):
        changed = [
            OrderChanged(
                step.after.order_id,
                (),
                (),
                step.after.latest_applied_at,
                step.after.cancelled_by,
                step.after,
            )
            for step in steps
            if step.outcome is Outcome.IGNORED and step.after is not step.before
        ]
        return (*old(steps), *changed)

    around(order, "_meet", new)
    around(closing, "order_effects", order_effects)


@bug("transitions")
def second_placement_wins():
    """A second placement under an order's id replaces the first."""

    def meet(old, current, arrival):
        if isinstance(arrival.event, events.OrderPlaced) and current.is_placed:
            after = order._placed(current, arrival.event_id, arrival.event)
            return Step(arrival, Outcome.IGNORED, current, after)
        return old(current, arrival)

    _meet(meet)


@bug("transitions")
def repeated_placement_starts_anew():
    """The same placement again, without its key, sets the quantities back."""

    def meet(old, current, arrival):
        step = old(current, arrival)
        if step.outcome is Outcome.IGNORED and isinstance(arrival.event, events.OrderPlaced):
            same = {line.id for line in arrival.event.lines} == set(current.lines)
            if same and not current.cancelled_by:
                lines = {
                    name: Line(line.item, Ledger(line.item.quantity))
                    for name, line in current.lines.items()
                }
                return replace(step, after=replace(current, lines=lines))
        return step

    _meet(meet)


@bug("transitions")
def placement_revives():
    """A placement of a cancelled order's id revives it."""

    def meet(old, current, arrival):
        step = old(current, arrival)
        if isinstance(arrival.event, events.OrderPlaced) and current.cancelled_by:
            return replace(step, after=replace(step.after, cancelled_by=None))
        return step

    _meet(meet)


@bug("transitions")
def shipped_after_cancellation():
    """A cancelled order can still be shipped."""

    def meet(old, current, arrival):
        if isinstance(arrival.event, events.Fulfilled) and current.cancelled_by:
            return order._move_items(current, arrival, arrival.event)
        return old(current, arrival)

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

    def cancel(old, current, arrival, event):
        step = old(current, arrival, event)
        return replace(step, after=replace(step.after, lines=current.lines))

    around(order, "_cancel_order", cancel)


@bug("transitions")
def cancellation_forgets_plans():
    """The cancellation of an order ends its products only."""

    def cancel(old, current, arrival, event):
        step = old(current, arrival, event)
        lines = {
            name: current.lines[name] if line.item.is_protection else line
            for name, line in step.after.lines.items()
        }
        return replace(step, after=replace(step.after, lines=lines))

    around(order, "_cancel_order", cancel)


@bug("transitions")
def cancelled_twice():
    """The second cancellation of an order is taken like the first."""
    checked("order-already-cancelled", lambda _old, _context: ())


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
    old = Order.status.__get__
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

    def move(old, current, arrival, event):
        if any(item.line_id not in current.lines for item in event.items):
            return Step(arrival, Outcome.APPLIED, current, current)
        return old(current, arrival, event)

    around(order, "_move_items", move)


@bug("transitions")
def product_id_for_line_id():
    """An entry may name the product instead of the line."""

    def move(old, current, arrival, event):
        lines = {line.item.product_id: name for name, line in current.lines.items()}
        items = tuple(
            replace(item, line_id=lines.get(item.line_id, item.line_id)) for item in event.items
        )
        return old(current, arrival, replace(event, items=items))

    around(order, "_move_items", move)


@bug("transitions")
def line_ids_in_any_case():
    """Line ids are compared without their case."""

    def move(old, current, arrival, event):
        lines = {name.casefold(): name for name in current.lines}
        items = tuple(
            replace(item, line_id=lines.get(item.line_id.casefold(), item.line_id))
            for item in event.items
        )
        return old(current, arrival, replace(event, items=items))

    around(order, "_move_items", move)


@bug("transitions")
def line_ids_trimmed():
    """Blanks at the end of a line id do not count."""

    def move(old, current, arrival, event):
        items = tuple(replace(item, line_id=item.line_id.strip()) for item in event.items)
        return old(current, arrival, replace(event, items=items))

    around(order, "_move_items", move)


@bug("transitions")
def ten_events_of_an_order():
    """After ten events an order is full: later ones are recorded only."""
    places: dict[tuple[str, str | None], dict[str, int]] = {}

    def meet(old, current, arrival):
        known = places.setdefault((current.order_id, current.placed_by), {})
        place = known.setdefault(arrival.event_id, len(known))
        if place >= 10 and isinstance(arrival.event, ItemsEvent):
            return Step(arrival, Outcome.APPLIED, current, current)
        return old(current, arrival)

    around(order, "_meet", meet)
