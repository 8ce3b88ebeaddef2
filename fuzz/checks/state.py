"""Reading a hakuna-mock back: orders, events, journal, counts, against the model."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from typing import Any
from urllib.parse import quote

from contracts.values import dataclass
from fuzz.checks.findings import finding_failures, open_counts
from fuzz.checks.pagination import ListReader, rows_of, total_failures
from fuzz.checks.reply import CheckFailure
from fuzz.client.control_client import MAX_PAGE_SIZE
from fuzz.client.http_client import Reply
from fuzz.client.target_session import TargetSession
from fuzz.model.oracle import HttpRequest, Model, Prediction

MEMBERS = ("order_id", "status", "lines")
"""The members of an order that the model knows."""


@dataclass(frozen=True)
class AcceptedEvent:
    """An accepted event: its id, the number of its request, and the rules it broke at once."""

    event_id: str
    number: int
    request: HttpRequest
    order_id: str
    rules: Counter[str]


@dataclass(frozen=True)
class JournalEntry:
    """What the journal must hold of one request."""

    id: str
    status: int
    request: HttpRequest
    event_id: str | None
    replayed: bool


@dataclass
class _WorldRecord:
    """What one world's replies promised. `orders_then` are orders as they were after an event."""

    events: list[AcceptedEvent] = field(default_factory=list)
    requests: list[JournalEntry] = field(default_factory=list)
    orders_then: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)
    changed_orders: set[str] = field(default_factory=set)


class StateChecks:
    """Compares what a target shows with what the model has. Failures come one by one.

    `thorough` checks read every page size and filter; others read one of each in turn.
    """

    def __init__(
        self,
        session: TargetSession,
        model: Model,
        ids: Mapping[int, str],
        *,
        thorough: bool = False,
    ) -> None:
        self._thorough = thorough
        self._session = session
        self._model = model
        self._ids = ids
        self._worlds: dict[str, _WorldRecord] = {}
        self._without_world: tuple[str, int, set[str]] | None = None

    def record(self, number: int, request: HttpRequest, expected: Prediction, reply: Reply) -> None:
        """Remember what a reply promised."""
        journal_id = reply.headers.get("hakuna-mock-request", "")
        if expected.world is None:
            self._without_world = (journal_id, reply.status, set(expected.findings))
            return
        record = self._worlds.setdefault(expected.world, _WorldRecord())
        replayed = expected.replay_of is not None
        event_id = self._ids.get(number if expected.replay_of is None else expected.replay_of)
        shown_id = event_id if reply.status == 200 else None
        record.requests.append(JournalEntry(journal_id, reply.status, request, shown_id, replayed))
        if expected.stored:
            event_id = self._ids[number]
            order_id = expected.order_id or ""
            rules = Counter(expected.counts)
            record.events.append(AcceptedEvent(event_id, number, request, order_id, rules))
            record.changed_orders.add(order_id)
            order = self._model.order(expected.world, order_id)
            if order is not None:
                record.orders_then.append((event_id, order_id, order))

    def forget(self, world: str) -> None:
        """A world was reset."""
        self._worlds.pop(world, None)

    def changed_orders(self) -> Iterator[CheckFailure]:
        """Check the orders that changed since the last call."""
        for world, record in self._worlds.items():
            changed, record.changed_orders = sorted(record.changed_orders), set()
            for order_id in changed:
                yield from self._order(world, order_id, self._model.order(world, order_id))

    def whole_world(self, world: str) -> Iterator[CheckFailure]:
        """Check everything that the target shows of one world."""
        record = self._worlds.get(world, _WorldRecord())
        turn = None if self._thorough else len(record.requests)
        reader = ListReader(self._session, world, turn)
        rules = self._rules_of_events(world, record)
        if self._session.only_key:  # the lists hold what others did under this key
            for order_id, expected in self._model.orders(world).items():
                yield from self._order(world, order_id, expected, rules=rules)
            return
        yield from self._orders(reader, world, rules)
        yield from self._events(reader, record, rules)
        requests = {entry.id: entry.event_id for entry in record.requests}
        orders = {event.event_id: event.order_id for event in record.events}
        at_stake = self._model.at_stake(world)
        yield from finding_failures(reader, self._model.findings(world), at_stake, requests, orders)
        yield from self._journal(reader, world, record)
        yield from self._list_of_worlds(reader, world, len(record.events))
        yield from self._earlier_states(world, record)
        yield from self._isolation(reader, world)

    def _isolation(self, reader: ListReader, world: str) -> Iterator[CheckFailure]:
        """One order, event and request of another world must not be found in this one."""
        for other, record in self._worlds.items():
            if other == world:
                continue
            own = self._model.orders(world)
            foreign = [order_id for order_id in self._model.orders(other) if order_id not in own]
            paths = [
                *(_order_path(order_id) for order_id in foreign[:1]),
                *(f"/events/{event.event_id}" for event in record.events[-1:]),
                *(f"/requests/{entry.id}" for entry in record.requests[-1:]),
            ]
            for path in paths:
                status = reader.get(path).status
                if status != 404:
                    yield CheckFailure("isolation", f"404 for {path} of another world", status)
        if self._without_world is not None:
            yield from self._request_without_world(reader, *self._without_world)

    def _request_without_world(
        self, reader: ListReader, journal_id: str, status: int, rules: set[str]
    ) -> Iterator[CheckFailure]:
        """A request without a good key must be in the journal and the findings of all worlds."""
        row = self._session.control.call("GET", f"/requests/{journal_id}").json()
        if not isinstance(row, dict) or row.get("status") != status:
            text = f"{journal_id} with {status} in the journal of no world"
            yield CheckFailure("journal", text, row)
            return
        # The list of all worlds may be long: only what follows this world's first finding is read.
        first = rows_of(reader.get("/findings?limit=1"))
        if not first or _arrival(str(first[0].get("request_id"))) > _arrival(journal_id):
            return
        path = f"/findings?after={first[0].get('seq')}&limit={MAX_PAGE_SIZE}"
        reply = self._session.control.call("GET", path)
        actual = {row.get("rule") for row in rows_of(reply) if row.get("request_id") == journal_id}
        if "hakuna-mock-next" not in reply.headers and actual != rules:
            yield CheckFailure("open-findings", sorted(rules), sorted(map(str, actual)))

    def _get(self, path: str, world: str) -> Reply:
        return self._session.control.call("GET", path, world)

    def _rules_of_events(self, world: str, record: _WorldRecord) -> dict[str, Counter[str]]:
        """The rules that each event broke, at once and when its placement came, by its id."""
        late = self._model.late_findings(world)
        return {
            event.event_id: event.rules + late.get(event.number, Counter())
            for event in record.events
        }

    def _order(
        self,
        world: str,
        order_id: str,
        expected: Mapping[str, Any] | None,
        query: str = "",
        rules: Mapping[str, Counter[str]] | None = None,
    ) -> Iterator[CheckFailure]:
        """What is wrong with one order; `query` may ask for an earlier state of it."""
        reply = self._get(f"{_order_path(order_id)}{query}", world)
        if expected is None:
            if reply.status != 404:
                text = f"404 for {order_id}, which was never placed"
                yield CheckFailure("order-state", text, reply.status)
            return
        actual = reply.json() if reply.status == 200 else None
        if not isinstance(actual, dict):
            yield CheckFailure("order-state", f"order {order_id}", f"status {reply.status}")
            return
        yield from self._members(world, expected, actual, rules)

    def _members(
        self,
        world: str,
        expected: Mapping[str, Any],
        actual: Mapping[str, Any],
        rules: Mapping[str, Counter[str]] | None,
    ) -> Iterator[CheckFailure]:
        """Which members of an order are not what the model has."""
        for name in MEMBERS:
            if actual.get(name) != expected[name]:
                failure = _member_failure(name, expected[name], actual.get(name))
                yield replace(failure, expected=f"{expected['order_id']}: {failure.expected}")
        if rules is not None:
            yield from self._timeline(world, expected["order_id"], actual, rules)

    def _timeline(
        self,
        world: str,
        order_id: str,
        actual: Mapping[str, Any],
        rules: Mapping[str, Counter[str]],
    ) -> Iterator[CheckFailure]:
        """Timeline and findings of an order must be those of its events."""
        ids = [event.event_id for event in self._worlds[world].events if event.order_id == order_id]
        timeline = [row.get("event_id") for row in actual.get("timeline", ())]
        if timeline != ids:
            yield CheckFailure("order-state", *_list_difference(ids, timeline))
        expected = sum((rules[event_id] for event_id in ids), Counter())
        reported = Counter(row.get("rule") for row in actual.get("findings", ()))
        if reported != expected:
            yield CheckFailure("order-state", *_count_difference(expected, reported))

    def _orders(
        self, reader: ListReader, world: str, rules: Mapping[str, Counter[str]]
    ) -> Iterator[CheckFailure]:
        orders = self._model.orders(world)
        reply, rows = reader.all("/orders")
        ids = [row.get("order_id") for row in rows]
        if sorted(ids, key=str) != sorted(orders):
            yield CheckFailure("order-state", sorted(orders), sorted(ids, key=str))
            return
        for row in rows:
            yield from self._members(world, orders[str(row["order_id"])], row, rules)
        for row in reader.selected(rows):
            single = self._get(_order_path(str(row["order_id"])), world)
            if single.status != 200 or single.json() != row:
                actual = f"status {single.status} {_short(single.json())}"
                yield CheckFailure("order-state", f"{row['order_id']} as it is listed", actual)
        yield from total_failures(reply, "/orders", len(orders))
        yield from reader.page_failures("/orders", rows, "order_id", "order-state")

    def _events(
        self, reader: ListReader, record: _WorldRecord, rules: Mapping[str, Counter[str]]
    ) -> Iterator[CheckFailure]:
        reply, rows = reader.all("/events")
        ids = [event.event_id for event in record.events]
        listed = [row.get("event_id") for row in rows]
        if listed != ids:
            yield CheckFailure("event-list", *_list_difference(ids, listed))
            return
        yield from total_failures(reply, "/events", len(ids))
        seqs: list[Any] = [row.get("seq") for row in rows]
        if any(not isinstance(seq, int) for seq in seqs) or seqs != sorted(set(seqs)):
            yield CheckFailure("event-list", "numbers that grow", seqs)
            return
        for row, event in zip(rows, record.events, strict=True):
            body = json.loads(event.request.body)
            shown = (row.get("type"), row.get("order_id"), row.get("body"))
            if shown != (body["type"], event.order_id, body):
                text = f"{event.event_id} as it was sent"
                yield CheckFailure("event-list", text, "another body")
            reported = Counter(finding.get("rule") for finding in row.get("findings", ()))
            if reported != rules[event.event_id]:
                difference = _count_difference(rules[event.event_id], reported)
                yield CheckFailure("event-list", *difference)
        if rows:
            yield from reader.page_failures("/events", rows, "event_id", "event-list")
            yield from reader.filter_failures("/events", rows, ("type", "order_id"), "event-list")
            for name, row in (("latest", rows[-1]), (ids[len(ids) // 2], rows[len(ids) // 2])):
                single = reader.get(f"/events/{name}").json()
                if single != row:
                    expected = f"{row['event_id']} at /events/{name} as it is listed"
                    yield CheckFailure("event-list", expected, _short(single))

    def _journal(
        self, reader: ListReader, world: str, record: _WorldRecord
    ) -> Iterator[CheckFailure]:
        reply, rows = reader.all("/requests")
        if world.encode() in reply.body:
            yield CheckFailure("journal", "masked keys", "an API key in plain text")
        if int(reply.headers.get("hakuna-mock-evicted", 0)):
            return
        expected = [_journal_row(entry) for entry in record.requests]
        actual = [
            tuple(row.get(name) for name in ("id", "status", "method", "event_id", "replayed"))
            for row in rows
        ]
        if actual != expected[: len(actual)] or len(actual) < min(len(expected), MAX_PAGE_SIZE):
            yield CheckFailure("journal", *_list_difference(expected, actual))
            return
        for row, entry in zip(rows, record.requests, strict=False):
            text = entry.request.body.decode("utf-8", "backslashreplace")
            if "k_" not in text and row.get("body") != text:
                yield CheckFailure("journal", "bodies as they were sent", _short(row.get("body")))
        yield from reader.filter_failures("/requests", rows, ("status",), "journal")
        if rows:
            last = reader.get(f"/requests/{rows[-1]['id']}").json()
            if last != rows[-1]:
                yield CheckFailure("journal", "a request as it is listed", last)

    def _list_of_worlds(
        self, reader: ListReader, world: str, events: int
    ) -> Iterator[CheckFailure]:
        reply, rows = reader.all("/worlds")
        if world not in self._worlds:
            return
        counts = open_counts(self._model.findings(world))
        expected = [(len(self._model.orders(world)), events, counts)]
        actual = [(row.get("orders"), row.get("events"), row.get("findings")) for row in rows]
        if actual != expected:
            yield CheckFailure("counts", f"a world with {expected[0]}", actual)
        if world.encode() in reply.body:
            yield CheckFailure("journal", "masked keys", "an API key in plain text")

    def _earlier_states(self, world: str, record: _WorldRecord) -> Iterator[CheckFailure]:
        """Orders as they were after an event in the middle of their history."""
        if len(record.orders_then) < 2:
            return
        middle = len(record.orders_then) // 2
        for event_id, order_id, expected in (
            record.orders_then if self._thorough else record.orders_then[middle : middle + 1]
        ):
            row = self._get(f"/events/{event_id}", world).json()
            seq = row.get("seq") if isinstance(row, dict) else None
            for failure in self._order(world, order_id, expected, f"?at={seq}"):
                text = f"{failure.expected}, as of its event {seq}"
                yield replace(failure, expected=text, gist=f"{failure.gist} earlier")


def _order_path(order_id: str) -> str:
    return f"/orders/{quote(order_id, safe='')}"


def _arrival(journal_id: str) -> tuple[int, str]:
    """A key that sorts journal ids in the order of their requests."""
    return len(journal_id), journal_id


def _journal_row(entry: JournalEntry) -> tuple[Any, ...]:
    return entry.id, entry.status, entry.request.method, entry.event_id, entry.replayed


def _count_difference(expected: Counter[str], actual: Counter[Any]) -> tuple[str, str]:
    """Two counts of rules as text: what is missing of the first, what the second has besides."""
    missing = ", ".join(sorted((expected - actual).elements()))
    besides = ", ".join(sorted(map(str, (actual - expected).elements())))
    if missing and besides:
        return f"the findings {missing}", f"the findings {besides}"
    if missing:
        return f"the findings {missing}", "they are missing"
    return "no more findings", f"also the findings {besides}"


def _member_failure(name: str, expected: Any, actual: Any) -> CheckFailure:
    """The first thing of an order that differs."""
    if name != "lines" or not isinstance(actual, list) or len(actual) != len(expected):
        texts = (f"{name} {_short(expected)}", f"{name} {_short(actual)}")
        return CheckFailure("order-state", *texts, name)
    for due, line in zip(expected, actual, strict=True):
        for member, value in due.items():
            shown = line.get(member) if isinstance(line, dict) else None
            if shown != value:
                where = f"{due['id']}: {member}"
                return CheckFailure(
                    "order-state", f"{where} {_short(value)}", f"{where} {_short(shown)}", member
                )
    return CheckFailure("order-state", "the same lines", "lines with more members", "more members")


def _list_difference(expected: list[Any], actual: list[Any]) -> tuple[str, str]:
    for place, (due, shown) in enumerate(zip(expected, actual, strict=False)):
        if due != shown:
            return f"entry {place + 1} to be {_short(due)}", _short(shown)
    return f"{len(expected)} entries", f"{len(actual)} entries"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 200 else f"{text[:199]}…"
