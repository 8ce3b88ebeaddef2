"""Reading a hakuna-mock back: orders, events, journal, counts, against the model."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from fuzz.checks.findings import findings_problems
from fuzz.checks.pagination import MOST, Lists, rows_of, total_problem
from fuzz.checks.reply import Problem
from fuzz.client.http_client import Reply
from fuzz.client.target_session import Line
from fuzz.model.oracle import Asked, Expected, Model

SHOWN = ("order_id", "status", "lines")


@dataclass(frozen=True)
class Sent:
    """An accepted event: its id, the number of its request, and the rules it broke at once."""

    event_id: str
    number: int
    asked: Asked
    order_id: str
    rules: Counter[str]


@dataclass(frozen=True)
class Kept:
    """What the journal must say of one request."""

    id: str
    status: int
    asked: Asked
    event_id: str | None
    replayed: bool


@dataclass
class _Seen:
    """What one world's replies promised: events in order, and the journal's entries."""

    events: list[Sent] = field(default_factory=list)
    requests: list[Kept] = field(default_factory=list)
    snapshots: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)


class Look:
    """Compares what a target shows with what the model has. Problems come one by one.

    A `thorough` look reads every page size and filter, others one of each in turn.
    """

    def __init__(
        self, line: Line, model: Model, ids: Mapping[int, str], *, thorough: bool = False
    ) -> None:
        self._thorough = thorough
        self._line = line
        self._model = model
        self._ids = ids
        self._worlds: dict[str, _Seen] = {}
        self._stranger: tuple[str, int, set[str]] | None = None

    def note(self, number: int, asked: Asked, expected: Expected, reply: Reply) -> None:
        """Remember what a reply promised."""
        if expected.world is None:
            journal = reply.headers.get("hakuna-mock-request", "")
            self._stranger = (journal, reply.status, set(expected.findings))
            return
        seen = self._worlds.setdefault(expected.world, _Seen())
        replayed = expected.replay_of is not None
        event_id = self._ids.get(number if expected.replay_of is None else expected.replay_of)
        journal = reply.headers.get("hakuna-mock-request", "")
        seen.requests.append(
            Kept(journal, reply.status, asked, event_id if reply.status == 200 else None, replayed)
        )
        if expected.stored:
            event_id = self._ids[number]
            order_id = json.loads(asked.body)["payload"]["order_id"]
            rules = Counter(expected.counts)
            seen.events.append(Sent(event_id, number, asked, order_id, rules))
            seen.touched.add(order_id)
            order = self._model.order(expected.world, order_id)
            if order is not None:
                seen.snapshots.append((event_id, order_id, order))

    def forget(self, world: str) -> None:
        """A world was reset."""
        self._worlds.pop(world, None)

    def at_orders(self) -> Iterator[Problem]:
        """The orders that were touched since the last look."""
        for world, seen in self._worlds.items():
            touched, seen.touched = sorted(seen.touched), set()
            for order_id in touched:
                must = self._model.order(world, order_id)
                yield from self._compare_order(world, order_id, must)

    def at_world(self, world: str) -> Iterator[Problem]:
        """Everything about one world."""
        seen = self._worlds.get(world, _Seen())
        lists = Lists(self._line, world, None if self._thorough else len(seen.requests))
        rules = self._rules_of_events(world, seen)
        if self._line.only_key:  # the lists hold what other conversations did under the key
            for order_id, must in self._model.orders(world).items():
                yield from self._compare_order(world, order_id, must, rules=rules)
            return
        yield from self._orders(lists, world, rules)
        yield from self._events(lists, seen, rules)
        requests = {one.id: one.event_id for one in seen.requests}
        orders = {one.event_id: one.order_id for one in seen.events}
        yield from findings_problems(lists, self._model.findings(world), requests, orders)
        yield from self._journal(lists, world, seen)
        yield from self._world_row(lists, world, len(seen.events))
        yield from self._earlier(world, seen)
        yield from self._strange(lists, world)

    def _strange(self, lists: Lists, world: str) -> Iterator[Problem]:
        """One thing of each kind of another world: it is not there. Refused strangers are kept."""
        for other, seen in self._worlds.items():
            if other == world:
                continue
            mine = self._model.orders(world)
            paths = [
                f"/orders/{quote(one, safe='')}"
                for one in self._model.orders(other)
                if one not in mine
            ]
            paths = paths[:1] + [f"/events/{one.event_id}" for one in seen.events[-1:]]
            for path in (*paths, *(f"/requests/{one.id}" for one in seen.requests[-1:])):
                status = lists.get(path).status
                if status != 404:
                    yield Problem("isolation", f"404 for {path} of another world", status)
        if self._stranger is not None:
            yield from self._of_no_world(lists, *self._stranger)

    def _of_no_world(
        self, lists: Lists, number: str, status: int, rules: set[str]
    ) -> Iterator[Problem]:
        """A request without a good key stands in the journal and the findings of all worlds."""
        row = self._line.control.call("GET", f"/requests/{number}", None).json()
        if not isinstance(row, dict) or row.get("status") != status:
            yield Problem("journal", f"{number} with {status} in the journal of no world", row)
            return
        # Of a long list only what came after a finding of this world's own is read.
        first = rows_of(lists.get("/findings?limit=1"))
        if not first or _order_of(str(first[0].get("request_id"))) > _order_of(number):
            return
        path = f"/findings?after={first[0].get('seq')}&limit={MOST}"
        reply = self._line.control.call("GET", path, None)
        told = {one.get("rule") for one in rows_of(reply) if one.get("request_id") == number}
        if "hakuna-mock-next" not in reply.headers and told != rules:
            yield Problem("open-findings", sorted(rules), sorted(map(str, told)))

    def _get(self, path: str, world: str) -> Reply:
        return self._line.control.call("GET", path, world)

    def _rules_of_events(self, world: str, seen: _Seen) -> dict[str, Counter[str]]:
        """The rules that each event broke, at once and when its placement came, by its id."""
        late = self._model.late_findings(world)
        return {one.event_id: one.rules + late.get(one.number, Counter()) for one in seen.events}

    def _compare_order(
        self,
        world: str,
        order_id: str,
        must: Mapping[str, Any] | None,
        query: str = "",
        rules: Mapping[str, Counter[str]] | None = None,
    ) -> Iterator[Problem]:
        reply = self._get(f"/orders/{quote(order_id, safe='')}{query}", world)
        if must is None:
            if reply.status != 404:
                yield Problem("order-state", f"404 for {order_id}, never placed", reply.status)
            return
        got = reply.json() if reply.status == 200 else None
        if not isinstance(got, dict):
            yield Problem("order-state", f"order {order_id}", f"status {reply.status}")
            return
        yield from self._wrong_order(world, must, got, rules)

    def _wrong_order(
        self,
        world: str,
        must: Mapping[str, Any],
        got: Mapping[str, Any],
        rules: Mapping[str, Counter[str]] | None,
    ) -> Iterator[Problem]:
        """What of an order as it is shown is not what the model has."""
        for name in SHOWN:
            if got.get(name) != must[name]:
                wrong = _wrong_member(name, must[name], got.get(name))
                yield replace(wrong, expected=f"{must['order_id']}: {wrong.expected}")
        if rules is not None:
            yield from self._story(world, must["order_id"], got, rules)

    def _story(
        self, world: str, order_id: str, got: Mapping[str, Any], rules: Mapping[str, Counter[str]]
    ) -> Iterator[Problem]:
        """Timeline and findings of an order are those of its events."""
        ids = [one.event_id for one in self._worlds[world].events if one.order_id == order_id]
        timeline = [row.get("event_id") for row in got.get("timeline", ())]
        if timeline != ids:
            yield Problem("order-state", *_list_difference(ids, timeline))
        must = sum((rules[event_id] for event_id in ids), Counter())
        shown = Counter(one.get("rule") for one in got.get("findings", ()))
        if shown != must:
            yield Problem("order-state", *_more_and_less(must, shown))

    def _orders(
        self, lists: Lists, world: str, rules: Mapping[str, Counter[str]]
    ) -> Iterator[Problem]:
        orders = self._model.orders(world)
        reply, rows = lists.all("/orders")
        ids = [row.get("order_id") for row in rows]
        if sorted(ids, key=str) != sorted(orders):
            yield Problem("order-state", sorted(orders), sorted(ids, key=str))
            return
        for row in rows:
            yield from self._wrong_order(world, orders[str(row["order_id"])], row, rules)
        for row in lists.chosen(rows):
            one = self._get(f"/orders/{quote(str(row['order_id']), safe='')}", world)
            if one.status != 200 or one.json() != row:
                got = f"status {one.status} {_short(one.json())}"
                yield Problem("order-state", f"{row['order_id']} as it is listed", got)
        yield from total_problem(reply, "/orders", len(orders))
        yield from lists.pages("/orders", rows, "order_id", "order-state")

    def _events(
        self, lists: Lists, seen: _Seen, rules: Mapping[str, Counter[str]]
    ) -> Iterator[Problem]:
        reply, rows = lists.all("/events")
        ids = [one.event_id for one in seen.events]
        listed = [row.get("event_id") for row in rows]
        if listed != ids:
            yield Problem("event-list", *_list_difference(ids, listed))
            return
        yield from total_problem(reply, "/events", len(ids))
        seqs: list[Any] = [row.get("seq") for row in rows]
        if any(not isinstance(seq, int) for seq in seqs) or seqs != sorted(set(seqs)):
            yield Problem("event-list", "numbers that grow", seqs)
            return
        for row, one in zip(rows, seen.events, strict=True):
            body = json.loads(one.asked.body)
            shown = (row.get("type"), row.get("order_id"), row.get("body"))
            if shown != (body["type"], one.order_id, body):
                yield Problem("event-list", f"{one.event_id} as it was sent", "another body")
            told = Counter(found.get("rule") for found in row.get("findings", ()))
            if told != rules[one.event_id]:
                yield Problem("event-list", *_more_and_less(rules[one.event_id], told))
        if rows:
            yield from lists.pages("/events", rows, "event_id", "event-list")
            yield from lists.filters("/events", rows, ("type", "order_id"), "event-list")
            latest = lists.get("/events/latest").json()
            if not isinstance(latest, dict) or latest.get("event_id") != ids[-1]:
                yield Problem("event-list", f"{ids[-1]} as the latest event", latest)

    def _journal(self, lists: Lists, world: str, seen: _Seen) -> Iterator[Problem]:
        reply, rows = lists.all("/requests")
        if world.encode() in reply.body:
            yield Problem("journal", "masked keys", "an API key in plain text")
        if int(reply.headers.get("hakuna-mock-evicted", 0)):
            return
        must = [_journal_row(one) for one in seen.requests]
        got = [
            tuple(row.get(name) for name in ("id", "status", "method", "event_id", "replayed"))
            for row in rows
        ]
        if got != must[: len(got)] or len(got) < min(len(must), 1000):
            yield Problem("journal", *_list_difference(must, got))
            return
        for row, one in zip(rows, seen.requests, strict=False):
            text = one.asked.body.decode("utf-8", "backslashreplace")
            if "k_" not in text and row.get("body") != text:
                yield Problem("journal", "bodies as they were sent", _short(row.get("body")))
        yield from lists.filters("/requests", rows, ("status",), "journal")
        if rows:
            last = lists.get(f"/requests/{rows[-1]['id']}").json()
            if last != rows[-1]:
                yield Problem("journal", "a request as it is listed", last)

    def _world_row(self, lists: Lists, world: str, events: int) -> Iterator[Problem]:
        reply, rows = lists.all("/worlds")
        if world not in self._worlds:
            return
        open_ = Counter({"violation": 0, "warning": 0, "advice": 0})
        for (_, severity, state), count in self._model.findings(world).items():
            open_[severity] += count * (state == "open")
        must = [(len(self._model.orders(world)), events, dict(open_))]
        got = [(row.get("orders"), row.get("events"), row.get("findings")) for row in rows]
        if got != must:
            yield Problem("counts", f"a world with {must[0]}", got)
        if world.encode() in reply.body:
            yield Problem("journal", "masked keys", "an API key in plain text")

    def _earlier(self, world: str, seen: _Seen) -> Iterator[Problem]:
        """An order as it was after an event in the middle of its life."""
        if len(seen.snapshots) < 2:
            return
        middle = len(seen.snapshots) // 2
        for event_id, order_id, must in (
            seen.snapshots if self._thorough else seen.snapshots[middle : middle + 1]
        ):
            row = self._get(f"/events/{event_id}", world).json()
            seq = row.get("seq") if isinstance(row, dict) else None
            for wrong in self._compare_order(world, order_id, must, f"?at={seq}"):
                expected = f"{wrong.expected}, as of its event {seq}"
                yield replace(wrong, expected=expected, gist=f"{wrong.gist} earlier")


def _order_of(journal_id: str) -> tuple[int, str]:
    """Journal ids in the order of their requests."""
    return len(journal_id), journal_id


def _journal_row(one: Kept) -> tuple[Any, ...]:
    return one.id, one.status, one.asked.method, one.event_id, one.replayed


def _more_and_less(must: Counter[str], got: Counter[Any]) -> tuple[str, str]:
    """Two counts of rules, in words."""
    more, less = sorted((must - got).elements()), sorted(map(str, (got - must).elements()))
    if more and less:
        return f"the findings {', '.join(more)}", f"the findings {', '.join(less)}"
    if more:
        return f"the findings {', '.join(more)}", "they are missing"
    return "no more findings", f"the findings {', '.join(less)}, too"


def _wrong_member(name: str, must: Any, got: Any) -> Problem:
    """The first thing of an order that differs."""
    if name != "lines" or not isinstance(got, list) or len(got) != len(must):
        return Problem("order-state", f"{name} {_short(must)}", f"{name} {_short(got)}", name)
    for wanted, found in zip(must, got, strict=True):
        for member, value in wanted.items():
            came = found.get(member) if isinstance(found, dict) else None
            if came != value:
                line = f"{wanted['id']}: {member}"
                return Problem(
                    "order-state", f"{line} {_short(value)}", f"{line} {_short(came)}", member
                )
    return Problem("order-state", "the same lines", "lines with more members", "more members")


def _list_difference(must: list[Any], got: list[Any]) -> tuple[str, str]:
    for place, (wanted, found) in enumerate(zip(must, got, strict=False)):
        if wanted != found:
            return f"entry {place + 1} to be {_short(wanted)}", _short(found)
    return f"{len(must)} entries", f"{len(got)} entries"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 200 else f"{text[:199]}…"
