"""Reading a hakuna-mock back: orders, events, findings, journal, counts, against the model."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from fuzz.asking import Line
from fuzz.model import Asked, Expected, Model
from fuzz.replies import Problem, difference, first
from fuzz.target import Reply

SHOWN = ("order_id", "status", "lines")


@dataclass
class _Seen:
    """What one world's replies promised: event ids in order, and the journal's entries."""

    events: list[tuple[str, Asked]] = field(default_factory=list)
    requests: list[tuple[str, int]] = field(default_factory=list)
    snapshots: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)


class Look:
    """Compares what a target shows with what the model has. Problems come one by one."""

    def __init__(self, line: Line, model: Model, ids: Mapping[int, str]) -> None:
        self._line = line
        self._model = model
        self._ids = ids
        self._worlds: dict[str, _Seen] = {}

    def note(self, number: int, asked: Asked, expected: Expected, reply: Reply) -> None:
        """Remember what a reply promised."""
        if expected.world is None:
            return
        seen = self._worlds.setdefault(expected.world, _Seen())
        seen.requests.append((reply.headers.get("hakuna-mock-request", ""), reply.status))
        if expected.stored:
            event_id = self._ids[number]
            seen.events.append((event_id, asked))
            order_id = json.loads(asked.body)["payload"]["order_id"]
            seen.touched.add(order_id)
            order = self._model.order(expected.world, order_id)
            if order is not None:
                seen.snapshots.append((event_id, order_id, order))
        elif expected.status != 200:
            seen.touched.update(self._model.orders(expected.world))

    def forget(self, world: str) -> None:
        """A world was reset."""
        self._worlds.pop(world, None)

    def at_orders(self) -> Iterator[Problem]:
        """The orders that were touched since the last look."""
        for world, seen in self._worlds.items():
            touched, seen.touched = sorted(seen.touched), set()
            for order_id in touched:
                yield from self._order(world, order_id)

    def at_world(self, world: str) -> Iterator[Problem]:
        """Everything about one world."""
        seen = self._worlds.get(world, _Seen())
        orders = self._model.orders(world)
        for order_id in orders:
            yield from self._order(world, order_id)
        if self._line.only_key:
            return  # the lists hold what other conversations did under the key
        yield from self._list_of_orders(world, orders)
        yield from self._events(world, seen)
        yield from self._findings(world)
        yield from self._journal(world, seen)
        yield from self._world_row(world, len(orders), len(seen.events))
        yield from self._earlier(world, seen)

    def _get(self, path: str, world: str) -> Reply:
        return self._line.control("GET", path, world)

    def _order(self, world: str, order_id: str) -> Iterator[Problem]:
        must = self._model.order(world, order_id)
        yield from self._compare_order(world, order_id, must)

    def _compare_order(
        self, world: str, order_id: str, must: Mapping[str, Any] | None, query: str = ""
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
        for name in SHOWN:
            if got.get(name) != must[name]:
                yield _wrong_member(name, must[name], got.get(name))

    def _list_of_orders(self, world: str, orders: Mapping[str, Any]) -> Iterator[Problem]:
        reply = self._get("/orders?limit=1000", world)
        rows = _rows(reply)
        ids = [row.get("order_id") for row in rows]
        if sorted(ids, key=str) != sorted(orders):
            yield Problem("order-state", sorted(orders), sorted(ids, key=str))
        yield from _total(reply, "/orders", len(orders))

    def _events(self, world: str, seen: _Seen) -> Iterator[Problem]:
        reply = self._get("/events?limit=1000", world)
        rows = _rows(reply)
        ids = [event_id for event_id, _ in seen.events]
        listed = [row.get("event_id") for row in rows]
        if listed != ids:
            yield Problem("event-list", *_list_difference(ids, listed))
            return
        yield from _total(reply, "/events", len(ids))
        seqs: list[Any] = [row.get("seq") for row in rows]
        if any(not isinstance(seq, int) for seq in seqs) or seqs != sorted(set(seqs)):
            yield Problem("event-list", "numbers that grow", seqs)
        for row, (event_id, asked) in zip(rows, seen.events, strict=True):
            body = json.loads(asked.body)
            shown = (row.get("type"), row.get("order_id"), row.get("body"))
            if shown != (body["type"], body["payload"]["order_id"], body):
                yield Problem("event-list", f"{event_id} as it was sent", "another body")
        if rows:
            yield from self._pages(world, ids, seqs)

    def _pages(self, world: str, ids: list[str], seqs: list[Any]) -> Iterator[Problem]:
        """The list in two pages is the list."""
        middle = len(ids) // 2
        if not middle:
            return
        first = _rows(self._get(f"/events?limit={middle}", world))
        rest = _rows(self._get(f"/events?after={seqs[middle - 1]}&limit=1000", world))
        paged = [row.get("event_id") for row in (*first, *rest)]
        if paged != ids:
            yield Problem("event-list", "pages that make up the list", paged)
        latest = self._get("/events/latest", world).json()
        if not isinstance(latest, dict) or latest.get("event_id") != ids[-1]:
            yield Problem("event-list", f"{ids[-1]} as the latest event", latest)

    def _findings(self, world: str) -> Iterator[Problem]:
        must = self._model.open_findings(world)
        reply = self._get("/findings?state=open&limit=1000", world)
        rows = _rows(reply)
        got = Counter(str(row.get("rule")) for row in rows)
        if got != must:
            missing, extra = must - got, got - must
            wanted = ", ".join(sorted(missing.elements())) or "nothing more"
            came = ", ".join(sorted(extra.elements()))
            wrong = difference(missing, extra)
            yield Problem("open-findings", wanted, came or "nothing of these", first(wrong))
            return
        yield from _total(reply, "/findings", sum(must.values()))
        silent = [row["rule"] for row in rows if not (row.get("message") and row.get("fix"))]
        if silent:
            yield Problem("open-findings", "a message and a fix for each", silent)
        severities = Counter(row.get("severity") for row in rows)
        verdict = self._get("/verdict?fail_on=warning", world)
        counts = {name: severities[name] for name in ("violation", "warning", "advice")}
        failing = counts["violation"] + counts["warning"] > 0
        shown = verdict.json()
        shown = shown.get("counts") if isinstance(shown, dict) else None
        if (verdict.status, shown) != (409 if failing else 200, counts):
            must_be = f"{409 if failing else 200} with {counts}"
            yield Problem("counts", must_be, f"{verdict.status} with {shown}")

    def _journal(self, world: str, seen: _Seen) -> Iterator[Problem]:
        reply = self._get("/requests?limit=1000", world)
        if int(reply.headers.get("hakuna-mock-evicted", 0)):
            return
        got = [(row.get("id"), row.get("status")) for row in _rows(reply)]
        if got != seen.requests[: len(got)] or (len(got) < len(seen.requests) and len(got) < 1000):
            yield Problem("journal", *_list_difference(seen.requests, got))
        if world.encode() in reply.body:
            yield Problem("journal", "masked keys", "an API key in plain text")

    def _world_row(self, world: str, orders: int, events: int) -> Iterator[Problem]:
        rows = _rows(self._get("/worlds", world))
        got = [(row.get("orders"), row.get("events")) for row in rows]
        if world in self._worlds and got != [(orders, events)]:
            yield Problem("counts", f"a world of {orders} orders and {events} events", got)

    def _earlier(self, world: str, seen: _Seen) -> Iterator[Problem]:
        """An order as it was after an event in the middle of its life."""
        if len(seen.snapshots) < 2:
            return
        event_id, order_id, must = seen.snapshots[len(seen.snapshots) // 2]
        row = self._get(f"/events/{event_id}", world).json()
        seq = row.get("seq") if isinstance(row, dict) else None
        yield from self._compare_order(world, order_id, must, f"?at={seq}")


def _rows(reply: Reply) -> list[dict[str, Any]]:
    rows = reply.json() if reply.status == 200 else []
    return rows if isinstance(rows, list) else []


def _total(reply: Reply, path: str, count: int) -> Iterator[Problem]:
    total = reply.headers.get("hakuna-mock-total")
    if total != str(count):
        yield Problem("counts", f"Hakuna-Mock-Total: {count} of {path}", total)


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
