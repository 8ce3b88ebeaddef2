"""Bugs of the control API's lists: pages, totals, filters, orders, events, time travel."""

import json
from dataclasses import replace

from mock_server.control import responses
from mock_server.control.resources import events, findings, health, orders, requests, worlds
from mock_server.store.memory import MemoryStore, _MemoryWorld
from seeded_bugs import around, bug
from seeded_bugs.seams import routed


def _page(change):
    """Pages are cut otherwise."""

    def page_of(request, rows, evicted, *, after):
        return change(responses.page_of, request, list(rows), evicted, after)

    for module in (events, findings, orders, requests, worlds):
        module.page_of = page_of


@bug("control API")
def page_begins_too_early():
    """`after` is part of the page."""
    _page(lambda old, request, rows, evicted, after: old(request, rows, evicted, after=after - 1))


@bug("control API")
def page_one_short():
    """A page has one row less than its `limit`."""

    def change(old, request, rows, evicted, after):
        page = old(request, rows, evicted, after=after)
        full = len(page.rows) > 1 and page.more
        return replace(page, rows=page.rows[:-1]) if full else page

    _page(change)


@bug("control API")
def ten_rows_unless_asked():
    """A list ends after ten rows where no `limit` is given."""

    def change(old, request, rows, evicted, after):
        page = old(request, rows, evicted, after=after)
        return page if "limit" in request.query else replace(page, rows=page.rows[:10])

    _page(change)


@bug("control API")
def no_next_page():
    """`Hakuna-Mock-Next` is missing where more rows follow."""

    def change(old, request, rows, evicted, after):
        return replace(old(request, rows, evicted, after=after), more=False)

    _page(change)


@bug("control API")
def newest_first():
    """Lists are newest first."""
    _page(lambda old, request, rows, evicted, after: old(request, rows[::-1], evicted, after=after))


@bug("control API")
def total_of_the_page():
    """`Hakuna-Mock-Total` counts the page."""

    def change(old, request, rows, evicted, after):
        page = old(request, rows, evicted, after=after)
        return replace(page, total=len(page.rows))

    _page(change)


@bug("control API")
def total_of_everything():
    """`Hakuna-Mock-Total` counts what a filter left out, too."""
    old = findings.findings

    async def counted(request):
        reply = await old(request)
        listing = await request.app[findings.SERVER].store.findings(
            await findings.narrowed(request)
        )
        reply.headers["Hakuna-Mock-Total"] = str(len(listing.rows))
        return reply

    routed("/findings", counted)


def _deaf(module, path, name):
    """A query parameter of a list is accepted and not read."""
    handler = getattr(module, path.strip("/"))

    async def answer(request):
        query = {key: value for key, value in request.query.items() if key != name}
        return await handler(request.clone(rel_url=request.rel_url.with_query(query)))

    async def same_app(request):
        query = {key: value for key, value in request.query.items() if key != name}
        changed = request.clone(rel_url=request.rel_url.with_query(query))
        changed._match_info = request._match_info
        return await handler(changed)

    assert answer
    routed(path, same_app)


@bug("control API")
def events_of_any_type():
    """`/events?type=` shows all types."""
    _deaf(events, "/events", "type")


@bug("control API")
def events_of_any_order():
    """`/events?order_id=` shows all orders."""
    _deaf(events, "/events", "order_id")


@bug("control API")
def findings_of_any_severity():
    """`/findings?severity=` shows all severities."""
    _deaf(findings, "/findings", "severity")


@bug("control API")
def findings_of_any_rule():
    """`/findings?rule=` shows all rules."""
    _deaf(findings, "/findings", "rule")


@bug("control API")
def findings_of_any_order():
    """`/findings?order_id=` shows all orders."""
    _deaf(findings, "/findings", "order_id")


@bug("control API")
def findings_in_any_state():
    """`/findings?state=` shows resolved findings, too."""
    _deaf(findings, "/findings", "state")


@bug("control API")
def requests_of_any_status():
    """`/requests?status=` shows all requests."""
    _deaf(requests, "/requests", "status")


@bug("control API")
def verdict_from_warning_on():
    """`/verdict?fail_on=` is not read."""
    _deaf(health, "/verdict", "fail_on")


@bug("control API")
def latest_is_first():
    """`/events/latest` is the first event."""

    async def event(old, self, world_id, event_id):
        if event_id != "latest":
            return await old(self, world_id, event_id)
        return (
            next(iter(world.events.values()), None)
            if (world := self._worlds.get(world_id))
            else None
        )

    around(MemoryStore, "event", event)


@bug("control API")
def events_by_order():
    """The list of events is grouped by order."""

    async def listed(old, self, world_id):
        found = await old(self, world_id)
        rows = sorted(found.rows, key=lambda row: row[1].order_id)
        return replace(found, rows=rows)

    around(MemoryStore, "events", listed)


@bug("control API")
def body_in_its_own_order():
    """Bodies are kept as they were understood: of a whole number written 1.0 stays 1."""

    def commit(old, self, verdict, arrived):
        if verdict.accepted and verdict.event:
            text = json.dumps({k: v for k, v in verdict.event.body.items() if v is not None})
            arrived = replace(arrived, body=text.replace('"cart_id"', '"cart"').encode())
        old(self, verdict, arrived)

    around(_MemoryWorld, "commit", commit)


@bug("control API")
def event_findings_of_all():
    """An event's own page shows the findings of its order."""

    async def of(_old, self, record):
        return [
            one for one in self._worlds[record.world_id].findings if one.order_id == record.order_id
        ]

    around(MemoryStore, "findings_of", of)


@bug("control API")
def waiting_orders_listed():
    """Orders that were never placed stand in the list."""
    from contracts.orders.order import Order

    Order.is_placed = property(lambda self: self.placed_at is not None or bool(self.waiting))


@bug("control API")
def time_travel_one_too_far():
    """`?at=` shows the order after the next event."""
    old = orders.as_of

    def then(view, at=orders.NEVER):
        seqs = [one.seq for one in view.events if one.seq > at]
        return old(view, min(seqs, default=at))

    orders.as_of = then


@bug("control API")
def time_travel_nowhere():
    """`?at=` shows the order as it is now."""
    old = orders.as_of
    orders.as_of = lambda view, _at=orders.NEVER: old(view)


@bug("control API")
def timeline_without_waiting():
    """An order's timeline leaves out events that came before its placement."""
    old = orders._timeline
    orders._timeline = lambda records, steps, found: [
        row for row in old(records, steps, found) if "unknown-order" not in row["findings"]
    ]


@bug("control API")
def findings_of_the_order_missing():
    """An order's page shows the findings of its last event only."""

    def view(old, self, order):
        found = old(self, order)
        ids = [one.event_id for one in found.events][-1:]
        return replace(found, findings=[one for one in found.findings if one.event_id in ids])

    around(_MemoryWorld, "view", view)


@bug("control API")
def more_links_lost():
    """A line names one of its plans only."""
    from contracts.orders import presentation

    old = presentation._line

    def line(one, whole):
        shown = old(one, whole)
        return {**shown, "protected_by": shown["protected_by"][:1]}

    presentation._line = line
