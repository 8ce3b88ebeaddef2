"""The store that lives as long as the process: everything in dictionaries, no locks.

Judging and committing happen without an `await` between them, so the event loop serialises them.
"""

import hashlib
import itertools
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from contracts.faults.registry import FaultBook
from contracts.findings.evictions import Forgotten
from contracts.findings.finding import Finding, Severity
from contracts.http.credentials import mask
from contracts.judging.coverage import Coverage, merged
from contracts.judging.judge import Address, Verdict, World
from contracts.judging.policy import Policy
from contracts.judging.world import FindingLog, ScratchWorld
from contracts.orders.order import Order, Status
from mock_server.store.journal import Entry, Journal
from mock_server.store.protocol import (
    Arrived,
    EventRecord,
    JournalRow,
    Listing,
    OrderView,
    WorldRow,
)
from mock_server.store.retention import Bounds, Evicted, KeptOrders, Notices


def world_id_of(key: str) -> str:
    """The public name of a key's world; the key cannot be read from it."""
    return f"w-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


Row = TypeVar("Row")

ENDED = (Status.CLOSED, Status.CANCELLED)


class _MemoryWorld:
    """One key's orders, idempotency keys, events, findings and journal."""

    def __init__(
        self,
        key: str,
        policy: Policy,
        journal: Journal,
        bounds: Bounds,
        numbers: Iterator[int],
        faults: FaultBook,
    ) -> None:
        self.id = world_id_of(key)
        self.key_masked = mask(key)
        self.policy = policy
        self.journal = journal
        self._bounds = bounds
        self._numbers = numbers
        self._common_faults = faults
        self.reset()

    def reset(self) -> None:
        self.state = ScratchWorld(faults=FaultBook(self._common_faults))
        self.events: dict[str, EventRecord] = {}
        self.events_of_order: dict[str, list[str]] = {}
        self.findings = FindingLog(self._bounds.findings, self._numbers)
        self.coverage = Coverage()
        self.journal.clear()
        self.kept = KeptOrders(self._bounds.orders)
        self.evicted_events = 0

    def commit(self, verdict: Verdict, arrived: Arrived) -> None:
        self.findings.record(verdict, arrived.seq)
        self.coverage.see(verdict, self.policy)
        self.state.commit(verdict)
        accepted = verdict.accepted
        if accepted is None:
            return
        order_id = accepted.order.order_id
        self.events[accepted.event_id] = EventRecord(
            arrived.seq,
            self.id,
            accepted.event_id,
            verdict.event_type or "",
            order_id,
            arrived.received_at,
            arrived.body,
        )
        self.events_of_order.setdefault(order_id, []).append(accepted.event_id)
        order = accepted.order
        ended = order.is_placed and order.status in ENDED
        self.kept.touch(order_id, len(arrived.body), ended=ended)
        for gone in self.kept.surplus(order_id):
            self._evict(gone)
        if len(self.state.replies) > self._bounds.keys:
            self.state.replies.popitem(last=False)
            self._forget(keys=1)

    def used(self, idempotency_key: str) -> None:
        """A retry used this key: it is the last one to go now."""
        self.state.replies.move_to_end(idempotency_key)

    def _evict(self, order_id: str) -> None:
        """Let go of an order with its events; what its findings said still counts."""
        del self.state.orders[order_id]
        ids = self.events_of_order.pop(order_id)
        for one in ids:
            del self.events[one]
        self.findings.forget(ids)
        self.evicted_events += len(ids)
        self._forget(orders=1)

    def _forget(self, orders: int = 0, keys: int = 0) -> None:
        before = self.state.forgotten
        self.state.forgotten = Forgotten(before.orders + orders, before.keys + keys)

    def add_to(self, evicted: Evicted) -> None:
        """Count what this world let go of."""
        evicted.orders += self.state.forgotten.orders
        evicted.keys += self.state.forgotten.keys
        evicted.events += self.evicted_events
        evicted.requests += self.journal.evicted
        evicted.findings += self.findings.evicted

    def end_in(self, evicted: Evicted) -> None:
        """Count all of it: the world is let go."""
        self.add_to(evicted)
        evicted.worlds += 1
        evicted.orders += len(self.state.orders)
        evicted.keys += len(self.state.replies)
        evicted.events += len(self.events)
        evicted.requests += len(self.journal)
        evicted.findings += sum(1 for _ in self.findings)
        evicted.open_counts.update(self.findings.open_counts)
        evicted.coverage.merge(self.coverage)

    @property
    def placed(self) -> Iterator[Order]:
        return (order for order in self.state.orders.values() if order.is_placed)

    def view(self, order: Order) -> OrderView:
        ids = self.events_of_order.get(order.order_id, [])
        findings = [finding for one in ids for finding in self.findings.of_event(one)]
        return OrderView(self.id, order, [self.events[one] for one in ids], findings)


class MemoryStore:
    """Worlds by key, in memory; `Store` says what each method does."""

    def __init__(
        self,
        policy: Policy,
        journal_limit: int,
        bounds: Bounds | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._policy = policy
        self._journal_limit = journal_limit
        self._bounds = bounds or Bounds()
        self._notices = Notices(say)
        self._worlds: dict[str, _MemoryWorld] = {}
        # World ids, the least recently used first.
        self._used: OrderedDict[str, None] = OrderedDict()
        self._strangers = Journal(journal_limit)
        self._numbers = itertools.count(1)
        self._common_faults = FaultBook()
        self._forget_strangers()

    def _forget_strangers(self) -> None:
        """Forget who belongs to no world, and the worlds that are gone."""
        self._strangers.clear()
        self._stranger_findings = FindingLog(self._bounds.findings, self._numbers)
        self._stranger_coverage = Coverage()
        self._common_faults.clear()  # the worlds hold this book, so it stays the same one
        self._gone = Evicted()

    async def decide(
        self, address: Address, arrived: Arrived, decide: Callable[[World, Policy], Verdict]
    ) -> Verdict:
        if address.key is None:
            verdict = decide(ScratchWorld(), self._policy)
            self._stranger_findings.record(verdict, arrived.seq)
            self._stranger_coverage.see(verdict, self._policy)
            return verdict
        world = self._world_of(address.key)
        verdict = decide(world.state, world.policy)
        world.commit(verdict, arrived)
        if verdict.replayed and address.idempotency_key:
            world.used(address.idempotency_key)
        if world.state.forgotten.orders:
            self._notices.once("--max-orders", f"world {world.id} evicts its older orders")
        if world.state.forgotten.keys:
            said = f"world {world.id} evicts its older idempotency keys"
            self._notices.once("--max-idempotency-keys", said)
        return verdict

    async def journal(self, key: str | None, entry: Entry) -> None:
        (self._strangers if key is None else self._world_of(key).journal).add(entry)

    async def policy(self, world_id: str | None) -> Policy:
        world = self._worlds.get(world_id) if world_id else None
        return world.policy if world else self._policy

    async def set_policy(self, key: str | None, world_id: str | None, policy: Policy) -> bool:
        if key is not None:
            told = [self._world_of(key)]
        else:
            told = self._chosen(world_id)
            if world_id is None:
                self._policy = policy
        for world in told:
            world.policy = policy
        return bool(told) or world_id is None

    async def faults(self, key: str | None, world_id: str | None) -> FaultBook | None:
        if key is not None:
            return self._world_of(key).state.faults
        if world_id is None:
            return self._common_faults
        return next((world.state.faults for world in self._chosen(world_id)), None)

    async def fault_books(self, world_id: str | None) -> Sequence[tuple[str | None, FaultBook]]:
        own = [(world.id, world.state.faults) for world in self._chosen(world_id)]
        return own if world_id else [(None, self._common_faults), *own]

    async def worlds(self) -> Sequence[WorldRow]:
        return [
            WorldRow(
                world.id,
                world.key_masked,
                sum(1 for _ in world.placed),
                len(world.events),
                dict(world.findings.open_counts),
                len(world.journal) + world.journal.evicted,
            )
            for world in self._worlds.values()
        ]

    async def world(self, world_id: str | None) -> World:
        world = self._worlds.get(world_id) if world_id else None
        return world.state if world else ScratchWorld()

    async def counts(self) -> tuple[int, int]:
        events = sum(len(world.events) for world in self._worlds.values())
        return len(self._worlds), events

    async def evicted(self, world_id: str | None) -> Evicted:
        total = replace(self._gone) if world_id is None else Evicted()
        for world in self._chosen(world_id):
            world.add_to(total)
        return total

    async def events(self, world_id: str | None) -> Listing[EventRecord]:
        rows = [
            (record.seq, record)
            for world in self._chosen(world_id)
            for record in world.events.values()
        ]
        return Listing(_in_order(rows, world_id), (await self.evicted(world_id)).events)

    async def event(self, world_id: str | None, event_id: str) -> EventRecord | None:
        if event_id == "latest":
            last = [
                next(reversed(world.events.values()))
                for world in self._chosen(world_id)
                if world.events
            ]
            return max(last, key=lambda record: record.seq, default=None)
        for world in self._chosen(world_id):
            if event_id in world.events:
                return world.events[event_id]
        return None

    async def findings_of(self, record: EventRecord) -> Sequence[Finding]:
        world = self._worlds.get(record.world_id)
        return world.findings.of_event(record.event_id) if world else []

    async def requests(self, world_id: str | None, after: int = 0) -> Listing[JournalRow]:
        journals: list[tuple[str | None, Journal]] = [
            (world.id, world.journal) for world in self._chosen(world_id)
        ]
        if world_id is None:
            journals.append((None, self._strangers))
        rows = [
            (entry.seq, JournalRow(owner, entry))
            for owner, journal in journals
            for entry in journal.since(after)
        ]
        evicted = sum(one.evicted for _, one in journals)
        if world_id is None:
            evicted += self._gone.requests
        return Listing(_in_order(rows, world_id), evicted)

    async def orders(self, world_id: str | None) -> Listing[OrderView]:
        rows = []
        for world in self._chosen(world_id):
            for order in world.placed:
                view = world.view(order)
                seq = next(one.seq for one in view.events if one.event_id == order.placed_by)
                rows.append((seq, view))
        evicted = (await self.evicted(world_id)).orders
        return Listing(sorted(rows, key=lambda row: row[0]), evicted)

    async def order(self, world_id: str | None, order_id: str) -> Sequence[OrderView]:
        return [
            world.view(order)
            for world in self._chosen(world_id)
            if (order := world.state.orders.get(order_id)) is not None
        ]

    async def findings(self, world_id: str | None) -> Listing[Finding]:
        logs = [world.findings for world in self._chosen(world_id)]
        if world_id is None:
            logs.append(self._stranger_findings)
        rows = [row for log in logs for row in log.rows()]
        evicted = sum(log.evicted for log in logs)
        if world_id is None:
            evicted += self._gone.findings
        return Listing(_in_order(rows, world_id), evicted)

    async def open_counts(self, world_id: str | None) -> Mapping[Severity, int]:
        logs = [world.findings for world in self._chosen(world_id)]
        if world_id is None:
            logs.append(self._stranger_findings)
        gone = self._gone.open_counts if world_id is None else Counter[Severity]()
        return {one: gone[one] + sum(log.open_counts[one] for log in logs) for one in Severity}

    async def coverage(self, world_id: str | None) -> Coverage:
        parts = [world.coverage for world in self._chosen(world_id)]
        others = [self._stranger_coverage, self._gone.coverage]
        return merged(parts if world_id else [*parts, *others])

    async def reset(self, world_id: str | None) -> None:
        for world in self._chosen(world_id):
            world.reset()
        if world_id is None:
            self._forget_strangers()

    async def delete(self, world_id: str) -> bool:
        self._used.pop(world_id, None)
        return self._worlds.pop(world_id, None) is not None

    def _world_of(self, key: str) -> _MemoryWorld:
        """The world of a key, made on first use; another one goes where there are too many."""
        world_id = world_id_of(key)
        world = self._worlds.get(world_id)
        if world is None:
            journal = Journal(self._journal_limit)
            world = _MemoryWorld(
                key, self._policy, journal, self._bounds, self._numbers, self._common_faults
            )
            self._worlds[world_id] = world
            if len(self._worlds) > self._bounds.worlds:
                self._evict(next(iter(self._used)))
        self._used[world_id] = None
        self._used.move_to_end(world_id)
        return world

    def _evict(self, world_id: str) -> None:
        """Let go of a world with its settings; the next request of its key finds an empty one."""
        del self._used[world_id]
        self._worlds.pop(world_id).end_in(self._gone)
        said = f"world {world_id} was evicted, for more than {self._bounds.worlds} are in use"
        self._notices.once("--max-worlds", said)

    def _chosen(self, world_id: str | None) -> list[_MemoryWorld]:
        if world_id is None:
            return list(self._worlds.values())
        return [self._worlds[world_id]] if world_id in self._worlds else []


def _in_order(rows: list[tuple[int, Row]], world_id: str | None) -> list[tuple[int, Row]]:
    """Rows of several worlds by number; those of one world are in order already."""
    return rows if world_id is not None else sorted(rows, key=lambda row: row[0])
