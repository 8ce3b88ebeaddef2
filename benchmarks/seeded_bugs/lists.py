"""Bugs of the control API's lists: pages, totals, filters, orders, events, time travel."""

import json
from dataclasses import replace

from contracts.worlds.effects import EventAccepted
from mock_server.control.resources import events, findings, health, orders, requests, worlds
from mock_server.store.reader import Reader
from seeded_bugs import around, before_effects, bug
from seeded_bugs.seams import routed

LISTS = (events, findings, orders, requests, worlds)


def _page(change):
    """Pages are cut otherwise."""
    for module in LISTS:
        around(module, "answered_page", lambda old, rows, render: old(change(rows), render))


@bug("control API")
def page_begins_too_early():
    """`after` is part of the page."""
    for module in LISTS:
        if module is not worlds:
            around(module, "after_of", lambda old, request: old(request) - 1)


@bug("control API")
def page_one_short():
    """A page has one row less than its `limit`."""
    _page(
        lambda page: (
            replace(page, rows=page.rows[:-1]) if len(page.rows) > 1 and page.more else page
        )
    )


@bug("control API")
def ten_rows_unless_asked():
    """A list ends after ten rows where no `limit` is given."""
    asked = [True]

    def limit(old, request):
        asked[0] = "limit" in request.query
        return old(request)

    for module in LISTS:
        if module is not worlds:
            around(module, "limit_of", limit)
    _page(lambda page: page if asked[0] else replace(page, rows=page.rows[:10]))


@bug("control API")
def no_next_page():
    """`Hakuna-Mock-Next` is missing where more rows follow."""
    _page(lambda page: replace(page, more=False))


@bug("control API")
def newest_first():
    """Lists are newest first."""
    _page(lambda page: replace(page, rows=page.rows[::-1]))


@bug("control API")
def total_of_the_page():
    """`Hakuna-Mock-Total` counts the page."""
    _page(lambda page: replace(page, total=len(page.rows)))


@bug("control API")
def total_of_everything():
    """`Hakuna-Mock-Total` counts what a filter left out, too."""
    old = findings.findings

    async def counted(request):
        reply = await old(request)
        reader = await request.app[findings.SERVER].store.read()
        everything = reader.findings(await findings.scope_of(request), limit=1)
        reply.headers["Hakuna-Mock-Total"] = str(everything.total)
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

    def event(old, self, world_id, event_id):
        world = self._worlds.get(world_id)
        if event_id == "latest" and world is not None:
            event_id = next((record.event_id for _, record in world.events), event_id)
        return old(self, world_id, event_id)

    around(Reader, "event", event)


@bug("control API")
def events_by_order():
    """The list of events is grouped by order."""

    def listed(old, self, world_id, **named):
        found = old(self, world_id, **named)
        rows = sorted(found.rows, key=lambda row: row[1].record.order_id)
        return replace(found, rows=rows)

    around(Reader, "events", listed)


@bug("control API")
def body_in_its_own_order():
    """Bodies are kept as they were understood: of a whole number written 1.0 stays 1."""

    def change(_case, verdict):
        effects = tuple(
            replace(effect, record=replace(effect.record, body=_understood(effect.record.body)))
            if isinstance(effect, EventAccepted)
            else effect
            for effect in verdict.effects
        )
        return replace(verdict, effects=effects)

    before_effects(change)


def _understood(body):
    known = {name: value for name, value in json.loads(body).items() if value is not None}
    return json.dumps(known).replace('"cart_id"', '"cart"').encode()


@bug("control API")
def event_findings_of_all():
    """An event's own page shows the findings of its order."""

    def event(old, self, world_id, event_id):
        row = old(self, world_id, event_id)
        if row is None:
            return None
        findings = self._worlds.by_id[row.world_id].findings
        same = tuple(finding for finding in findings if finding.order_id == row.record.order_id)
        return replace(row, findings=same)

    around(Reader, "event", event)


@bug("control API")
def waiting_orders_listed():
    """Orders that were never placed appear in the list."""

    def orders(old, self, world_id, *, after=0, limit):
        page = old(self, world_id, after=after, limit=limit)
        if page.more:
            return page
        waiting = [(page.total, row) for row in self.waiting_orders(world_id)]
        return replace(page, rows=[*page.rows, *waiting], total=page.total + len(waiting))

    around(Reader, "orders", orders)


@bug("control API")
def time_travel_one_too_far():
    """`?at=` shows the order after the next event."""

    def then(old, self, row, at):
        seqs = [record.seq for record in self.records_of(row) if record.seq > at]
        return old(self, row, min(seqs, default=at))

    around(Reader, "order_as_of", then)


@bug("control API")
def time_travel_nowhere():
    """`?at=` shows the order as it is now."""
    around(Reader, "order_as_of", lambda _old, _self, row, _at: row.order)


@bug("control API")
def timeline_without_waiting():
    """An order's timeline leaves out events that came before its placement."""

    def timeline(old, self, row, **named):
        found = old(self, row, **named)
        rows = [
            shown
            for shown in found.rows
            if all(finding.rule != "unknown-order" for finding in shown[1].findings)
        ]
        return replace(found, rows=rows)

    around(Reader, "timeline", timeline)


@bug("control API")
def findings_of_the_order_missing():
    """An order's page shows the findings of its last event only."""

    def findings(old, self, row):
        last = [record.event_id for record in self.records_of(row)][-1:]
        return (item for item in old(self, row) if item.event_id in last)

    around(Reader, "findings_of_order", findings)


@bug("control API")
def more_links_lost():
    """A line names one of its plans only."""
    from contracts.orders import presentation

    old = presentation._line

    def line(item, whole):
        shown = old(item, whole)
        return {**shown, "protected_by": shown["protected_by"][:1]}

    presentation._line = line
