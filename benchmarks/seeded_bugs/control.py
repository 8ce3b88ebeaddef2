"""Bugs of what the control API shows: lists, pages, counts, findings, the journal."""

import dataclasses
import json
from dataclasses import replace

from contracts.findings import Finding, Severity, State
from contracts.policy import Policy
from contracts.rules import RULES
from contracts.scratch import FindingLog
from mock_server import journal, memory_store
from mock_server.control import answers, events, findings, health, orders, requests, worlds
from mock_server.memory_store import MemoryStore, _MemoryWorld
from seeded_bugs import around, bug, judge


def _page(change):
    """Pages are cut otherwise."""

    def page_of(request, rows, evicted, *, after):
        return change(answers.page_of, request, list(rows), evicted, after)

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

    _route("/findings", counted)


def _route(path, handler):
    from mock_server import app

    app.ROUTES = tuple(
        (method, known, handler if known == path and method == "GET" else old)
        for method, known, old in app.ROUTES
    )


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
    _route(path, same_app)


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
    from contracts.order import Order

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
    from contracts import order_view

    old = order_view._line

    def line(one, whole):
        shown = old(one, whole)
        return {**shown, "protected_by": shown["protected_by"][:1]}

    order_view._line = line


@bug("control API")
def verdict_counts_resolved():
    """The verdict counts findings that were resolved."""

    def resolve(old, self, resolutions):
        counts = dict(self.open_counts)
        old(self, resolutions)
        self.open_counts = counts

    around(FindingLog, "resolve", resolve)


@bug("control API")
def verdict_counts_late():
    """What waiting events cause when they are replayed is listed, but not counted."""

    def record(self, verdict, seq):
        self.add(verdict.findings, seq, of_replay=verdict.replayed)
        if verdict.accepted:
            before = dict(self.open_counts)
            self.add(verdict.accepted.later, seq)
            self.open_counts = before
            self.resolve(verdict.accepted.resolutions)

    FindingLog.record = record


@bug("control API")
def verdict_ignores_refusals():
    """Findings of refused requests are not kept."""

    def record(old, self, verdict, seq):
        if verdict.status == 200:
            old(self, verdict, seq)

    around(FindingLog, "record", record)


@bug("control API")
def replay_findings_lost():
    """What a retry's headers cause is in its reply, but not in the list."""

    def record(old, self, verdict, seq):
        if not verdict.replayed:
            old(self, verdict, seq)

    around(FindingLog, "record", record)


@bug("control API")
def verdict_always_200():
    """The verdict is a 200 that says no."""
    old = health.answered
    health.answered = lambda value, **_named: old(value)


@bug("control API")
def finding_at_its_usual_level():
    """The list shows the usual severity of a rule, whatever the world is told."""

    def shown(old, self):
        usual = RULES[self.rule].severity
        return {**old(self), "severity": str(usual)}

    around(Finding, "to_json", shown)


@bug("control API")
def finding_without_event():
    """Findings in the list name no event."""
    around(Finding, "to_json", lambda old, self: {**old(self), "event_id": None})


@bug("control API")
def finding_of_another_order():
    """Findings in the list name no order."""
    around(Finding, "to_json", lambda old, self: {**old(self), "order_id": None})


@bug("control API")
def finding_resolved_twice():
    """What is resolved is listed as resolved and stays listed as open."""

    def rows(old, self):
        for number, finding in old(self):
            yield number, finding
            if finding.state is State.RESOLVED:
                yield number, finding.reopened()

    around(FindingLog, "rows", rows)


@bug("control API")
def resolved_findings_gone():
    """Resolved findings are forgotten instead of being listed as resolved."""

    def rows(old, self):
        return ((n, one) for n, one in old(self) if one.state is State.OPEN)

    around(FindingLog, "rows", rows)


@bug("control API")
def finding_without_message():
    """Warnings have no message."""
    around(
        Finding,
        "to_json",
        lambda old, self: {
            **old(self),
            "message": "" if self.severity is Severity.WARNING else self.message,
        },
    )


@bug("control API")
def refused_not_journalled():
    """The journal leaves out 404s."""

    async def keep(old, self, key, entry):
        if entry.status != 404:
            await old(self, key, entry)

    around(MemoryStore, "journal", keep)


@bug("control API")
def journal_says_200():
    """The journal shows 200 for replays and refusals alike."""
    around(journal.Entry, "to_json", lambda old, self, world: {**old(self, world), "status": 200})


@bug("control API")
def journal_of_short_bodies():
    """The journal keeps 200 bytes of a body."""
    around(
        journal.Entry,
        "to_json",
        lambda old, self, world: {**(row := old(self, world)), "body": row["body"][:200]},
    )


@bug("control API")
def journal_without_events():
    """The journal does not say which event a request became."""
    around(
        journal.Entry, "to_json", lambda old, self, world: {**old(self, world), "event_id": None}
    )


@bug("control API")
def replays_unmarked_in_the_journal():
    """The journal does not tell retries from new events."""
    around(
        journal.Entry, "to_json", lambda old, self, world: {**old(self, world), "replayed": False}
    )


@bug("control API")
def keys_in_the_journal():
    """The journal shows the `Authorization` header as it came."""
    from mock_server import events_endpoint

    events_endpoint.masked_headers = lambda headers: headers


@bug("control API")
def literal_header_in_the_journal():
    """The journal masks `Authorization`, but not the literal `Bearer` header."""
    from mock_server import events_endpoint

    old = events_endpoint.masked_headers
    events_endpoint.masked_headers = lambda headers: tuple(
        pair if pair[0].lower() == "bearer" else old((pair,))[0] for pair in headers
    )


@bug("control API")
def key_in_the_list_of_worlds():
    """The list of worlds shows keys as they are."""
    memory_store.mask = lambda key: key


@bug("control API")
def worlds_not_narrowed():
    """With a key the list of worlds still shows all."""

    async def worlds_(_request):
        return None

    async def narrowed(_request):
        return None

    assert worlds_
    old = worlds.worlds

    async def listed(request):
        kept, worlds.narrowed = worlds.narrowed, narrowed
        try:
            return await old(request)
        finally:
            worlds.narrowed = kept

    _route("/worlds", listed)


@bug("control API")
def world_counts_waiting_orders():
    """The list of worlds counts orders that were never placed."""
    _MemoryWorld.placed = property(lambda self: iter(self.state.orders.values()))


@bug("control API")
def world_counts_all_findings():
    """The list of worlds counts resolved findings, too."""

    async def rows(old, self):
        return [
            dataclasses.replace(
                row,
                findings={
                    one: sum(found.severity is one for found in self._worlds[row.id].findings)
                    for one in Severity
                },
            )
            for row in await old(self)
        ]

    around(MemoryStore, "worlds", rows)


@bug("control API")
def settings_replaced():
    """PUT /settings forgets what it does not name."""
    old = worlds._changed
    worlds._changed = lambda _policy, asked: old(Policy(), asked)


@bug("control API")
def rules_replaced():
    """PUT /settings forgets the levels of rules that it does not name."""
    old = worlds._changed
    worlds._changed = lambda policy, asked: old(
        replace(policy, levels={}) if "rules" in asked else policy, asked
    )


@bug("control API")
def off_is_advice():
    """A rule that is switched off still advises."""
    old = worlds._changed

    def changed(policy, asked):
        found = old(policy, asked)
        self_made = {
            rule: Severity.ADVICE if level == "off" else level
            for rule, level in found.levels.items()
        }
        object.__setattr__(found, "levels", _Shown(self_made, found.levels))
        return found

    worlds._changed = changed


class _Shown(dict):
    """Levels that are shown otherwise than they work."""

    def __init__(self, real, shown):
        super().__init__(real)
        self._shown = shown

    def items(self):
        return self._shown.items()


@bug("control API")
def level_of_the_first_finding():
    """Other severities hold for a rule's usual findings only, not where it knows two."""
    from contracts import rules

    old = rules.evaluate

    def evaluate(stage, context, policy, **named):
        found = old(stage, context, policy, **named)
        return tuple(
            replace(one, severity=Severity.WARNING)
            if one.rule == "item-entry-repeated" and "identically" in one.message
            else one
            for one in found
        )

    judge.evaluate = evaluate
