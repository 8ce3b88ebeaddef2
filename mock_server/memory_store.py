"""The store that lives as long as the process: everything in dictionaries, no locks.

Judging and committing happen without an `await` between them, so the event loop serialises them.
"""

import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from contracts.coverage import Coverage, merged
from contracts.credentials import mask
from contracts.fault_book import FaultBook
from contracts.findings import Finding, Severity
from contracts.judge import Address, Verdict, World
from contracts.order import Order
from contracts.policy import Policy
from contracts.scratch import FindingLog, ScratchWorld
from mock_server.journal import Entry, Journal
from mock_server.store import Arrived, EventRecord, JournalRow, Listing, OrderView, WorldRow


def world_id_of(key: str) -> str:
    """The public name of a key's world; the key cannot be read from it."""
    return f"w-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


Row = TypeVar("Row")


class _MemoryWorld:
    """One key's orders, idempotency keys, events, findings and journal."""

    def __init__(
        self,
        key: str,
        policy: Policy,
        journal_limit: int,
        numbers: Iterator[int],
        faults: FaultBook,
    ) -> None:
        self.id = world_id_of(key)
        self.key_masked = mask(key)
        self.policy = policy
        self.journal = Journal(journal_limit)
        self._numbers = numbers
        self._common_faults = faults
        self.reset()

    def reset(self) -> None:
        self.state = ScratchWorld(faults=FaultBook(self._common_faults))
        self.events: dict[str, EventRecord] = {}
        self.events_of_order: dict[str, list[str]] = {}
        self.findings = FindingLog(numbers=self._numbers)
        self.coverage = Coverage()
        self.journal.clear()

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

    @property
    def placed(self) -> Iterator[Order]:
        return (order for order in self.state.orders.values() if order.is_placed)

    def view(self, order: Order) -> OrderView:
        ids = self.events_of_order.get(order.order_id, [])
        findings = [finding for one in ids for finding in self.findings.of_event(one)]
        return OrderView(self.id, order, [self.events[one] for one in ids], findings)


class MemoryStore:
    """Worlds by key, in memory; see `mock_server.store.Store` for what each method does."""

    def __init__(self, policy: Policy, journal_limit: int) -> None:
        self._policy = policy
        self._journal_limit = journal_limit
        self._worlds: dict[str, _MemoryWorld] = {}
        self._strangers = Journal(journal_limit)
        self._numbers = itertools.count(1)
        self._stranger_findings = FindingLog(numbers=self._numbers)
        self._stranger_coverage = Coverage()
        self._common_faults = FaultBook()

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
            )
            for world in self._worlds.values()
        ]

    async def world(self, world_id: str | None) -> World:
        world = self._worlds.get(world_id) if world_id else None
        return world.state if world else ScratchWorld()

    async def event_count(self) -> int:
        return sum(len(world.events) for world in self._worlds.values())

    async def events(self, world_id: str | None) -> Listing[EventRecord]:
        rows = [
            (record.seq, record)
            for world in self._chosen(world_id)
            for record in world.events.values()
        ]
        return Listing(_in_order(rows, world_id))

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
        return Listing(_in_order(rows, world_id), sum(one.evicted for _, one in journals))

    async def orders(self, world_id: str | None) -> Listing[OrderView]:
        rows = []
        for world in self._chosen(world_id):
            for order in world.placed:
                view = world.view(order)
                seq = next(one.seq for one in view.events if one.event_id == order.placed_by)
                rows.append((seq, view))
        return Listing(sorted(rows, key=lambda row: row[0]))

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
        return Listing(_in_order(rows, world_id), sum(log.evicted for log in logs))

    async def open_counts(self, world_id: str | None) -> Mapping[Severity, int]:
        logs = [world.findings for world in self._chosen(world_id)]
        if world_id is None:
            logs.append(self._stranger_findings)
        return {one: sum(log.open_counts[one] for log in logs) for one in Severity}

    async def coverage(self, world_id: str | None) -> Coverage:
        parts = [world.coverage for world in self._chosen(world_id)]
        return merged(parts if world_id else [*parts, self._stranger_coverage])

    async def reset(self, world_id: str | None) -> None:
        for world in self._chosen(world_id):
            world.reset()
        if world_id is None:
            self._common_faults.clear()
            self._strangers.clear()
            self._stranger_findings = FindingLog(numbers=self._numbers)
            self._stranger_coverage = Coverage()

    async def delete(self, world_id: str) -> bool:
        return self._worlds.pop(world_id, None) is not None

    def _world_of(self, key: str) -> _MemoryWorld:
        """The world of a key, made on first use."""
        world_id = world_id_of(key)
        world = self._worlds.get(world_id)
        if world is None:
            world = self._worlds[world_id] = _MemoryWorld(
                key, self._policy, self._journal_limit, self._numbers, self._common_faults
            )
        return world

    def _chosen(self, world_id: str | None) -> list[_MemoryWorld]:
        if world_id is None:
            return list(self._worlds.values())
        return [self._worlds[world_id]] if world_id in self._worlds else []


def _in_order(rows: list[tuple[int, Row]], world_id: str | None) -> list[tuple[int, Row]]:
    """Rows of several worlds by number; those of one world are in order already."""
    return rows if world_id is not None else sorted(rows, key=lambda row: row[0])
