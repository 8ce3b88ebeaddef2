"""Reading what a store holds: pages of lists, single rows, counts.

Each method reads no more than it gives, and gives values that never change. `world_id` None means
all worlds, and the requests of none.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from contracts.drift.drift import Drift
from contracts.drift.drift import merged as merged_drift
from contracts.findings.at_stake import by_currency
from contracts.findings.finding import Finding, Severity
from contracts.numbered_rows import NumberedRows
from contracts.orders.history import EventRecord, order_as_of
from contracts.orders.order import Order
from contracts.worlds.coverage import Coverage, merged
from contracts.worlds.policy import Policy
from contracts.worlds.world import Run, World
from mock_server.store.merged_rows import merged_rows, newest_first, page_of
from mock_server.store.rows import (
    EventRow,
    Evicted,
    OrderRow,
    RequestRow,
    Rows,
    WorldRow,
)
from mock_server.store.worlds import Worlds

Shown = TypeVar("Shown")

NEWEST = 1 << 63
"""Beyond every number."""


class Reader:
    """Questions about all worlds, or one."""

    def __init__(self, worlds: Worlds) -> None:
        self._worlds = worlds

    def knows(self, world_id: str) -> bool:
        """Whether there is a world with that id."""
        return world_id in self._worlds.by_id

    def world_ids(self) -> list[str]:
        """All worlds, oldest first."""
        return list(self._worlds.by_id)

    def worlds(self, world_id: str | None = None) -> Iterator[WorldRow]:
        """All worlds, oldest first, or the one with that id."""
        for item, world in self._chosen(world_id):
            yield WorldRow(
                item,
                self._worlds.keys_masked[item],
                len(world.placements),
                len(world.events),
                dict(world.findings.open_counts),
                world.policy.name or world.policy.key_names.get(item, ""),
            )

    def memory(self) -> tuple[int, int]:
        """How many bytes all worlds take, about, and how many they may take."""
        return self._worlds.bytes, self._worlds.bounds.memory

    def counts(self) -> tuple[int, int]:
        """How many worlds there are, and how many accepted events they keep."""
        worlds = self._worlds.by_id.values()
        return len(worlds), sum(len(world.events) for world in worlds)

    def received(self, world_id: str | None) -> int:
        """How many events and refused requests arrived, evicted ones included; no replays."""
        received = sum(world.journal.received for _, world in self._chosen(world_id))
        if world_id is None:
            received += self._worlds.shared.journal.received + self._worlds.gone.received
        return received

    def evicted(self, world_id: str | None) -> Evicted:
        """How much was evicted."""
        gone = self._worlds.gone if world_id is None else Evicted()
        worlds = [world for _, world in self._with_shared(world_id)]
        kept = [world.evictions for world in worlds]
        return Evicted(
            gone.worlds,
            gone.orders + sum(item.orders for item in kept),
            gone.events + sum(item.events for item in kept),
            gone.keys + sum(item.keys for item in kept),
            gone.requests + sum(world.journal.evicted for world in worlds),
            gone.findings + sum(world.findings.evicted for world in worlds),
        )

    def policy(self, world_id: str | None) -> Policy:
        """The settings of a world; for None and for an unknown one, those of new worlds."""
        return (self._worlds.get(world_id) or self._worlds.shared).policy

    def policies(self, world_id: str | None) -> Iterator[Policy]:
        """The settings of a world; for None those of new worlds and then of each world."""
        if world_id is None:
            yield self._worlds.shared.policy
        for _, world in self._chosen(world_id):
            yield world.policy

    def dry_world(self, world_id: str | None) -> World:
        """A world over this one that takes changes without keeping them: for dry runs."""
        base = self._worlds.get(world_id) if world_id else None
        return World(self.policy(world_id), base=base)

    def world(self, world_id: str) -> World | None:
        """A world to judge over, which nobody may change; None where there is none."""
        return self._worlds.get(world_id)

    def faults(self, world_id: str | None) -> list[tuple[str | None, dict[str, Any]]]:
        """The armed faults of a world, or those of all worlds and then each world's own."""
        return [
            (item, row)
            for item, world in self._with_shared(world_id)
            for row in world.faults.rows()
        ]

    def may_fail(self, world_id: str | None) -> bool:
        """Whether a fault is armed for a world, or an outage set."""
        world = self._worlds.get(world_id) or self._worlds.shared
        return world.faults.any_armed or world.policy.outage is not None

    def events(
        self,
        world_id: str | None,
        *,
        after: int = 0,
        limit: int,
        type: str | None = None,  # noqa: A002 - the field's name
        order_id: str | None = None,
    ) -> Rows[EventRow]:
        """Accepted events, oldest first."""

        def rows_of(world: World) -> NumberedRows[EventRecord]:
            if order_id is None:
                return world.events
            return world.events_of(order_id) or NumberedRows()

        lists = [(item, rows_of(world)) for item, world in self._chosen(world_id)]
        matches = None if type is None else (lambda record: record.type == type)
        rows, total, more = page_of(lists, after, limit, matches)
        shown = [(number, self._event_row(row or "", record)) for number, row, record in rows]
        return Rows(shown, total, self.evicted(world_id).events, more)

    def event(self, world_id: str | None, event_id: str) -> EventRow | None:
        """The event with that id; `latest` is the last one."""
        found: list[tuple[str, EventRecord]] = []
        for item, world in self._chosen(world_id):
            record = world.events.newest if event_id == "latest" else world.event(event_id)
            if record is not None:
                found.append((item, record))
        if not found:
            return None
        return self._event_row(*max(found, key=lambda row: row[1].seq))

    def has_event_after(self, world_id: str | None, after: int) -> bool:
        """Whether an event with a higher number is there: what waiting readers ask."""
        return any(world.events.last_number > after for _, world in self._chosen(world_id))

    def _event_row(self, world_id: str, record: EventRecord) -> EventRow:
        world = self._worlds.by_id[world_id]
        return EventRow(world_id, record, world.findings.of_event(record.event_id))

    def requests(
        self, world_id: str | None, *, after: int = 0, limit: int, status: int | None = None
    ) -> Rows[RequestRow]:
        """Journal entries, oldest first; `status` 0 are those that got no reply."""
        lists = [(item, world.journal.rows) for item, world in self._with_shared(world_id)]
        matches = None if status is None else (lambda entry: (entry.status or 0) == status)
        rows, total, more = page_of(lists, after, limit, matches)
        shown = [(number, RequestRow(row, entry)) for number, row, entry in rows]
        return Rows(shown, total, self.evicted(world_id).requests, more)

    def requests_after(self, world_id: str | None, after: int) -> Iterator[tuple[int, RequestRow]]:
        """Journal entries, oldest first, for whoever follows: nothing else is counted."""
        lists = [(item, world.journal.rows) for item, world in self._with_shared(world_id)]
        for number, merged_row, entry in merged_rows(lists, after):
            yield number, RequestRow(merged_row, entry)

    def requests_before(self, world_id: str | None, before: int = NEWEST) -> Iterator[RequestRow]:
        """Journal entries, newest first, for whoever stops reading when a page is full."""
        lists = [(item, world.journal.rows) for item, world in self._with_shared(world_id)]
        for _, item, entry in newest_first(lists, before):
            yield RequestRow(item, entry)

    def requests_of_no_world(self, before: int = NEWEST) -> Iterator[RequestRow]:
        """The same of requests without a good key."""
        for _, entry in self._worlds.shared.journal.rows.before(before):
            yield RequestRow(None, entry)

    def refusals_of(self, world_id: str, order_id: str) -> Iterator[RequestRow]:
        """Requests about an order that stored no event, newest first, as their findings name it."""
        world = self._worlds.get(world_id)
        for _, entry in world.journal.rows.before(NEWEST) if world else ():
            if entry.event_id is None and any(
                finding.order_id == order_id for finding in entry.findings
            ):
                yield RequestRow(world_id, entry)

    def waiting_orders(self, world_id: str | None) -> Iterator[OrderRow]:
        """Orders that were never placed although events came for them."""
        for item, world in self._chosen(world_id):
            for order_id, order in world.orders.items():
                if not order.is_placed:
                    yield self._order_row(item, order_id)

    def request_counts(self, world_id: str | None) -> tuple[int, int]:
        """How many requests the journals keep: of worlds, and of none."""
        kept = sum(len(world.journal.rows) for _, world in self._chosen(world_id))
        return kept, len(self._worlds.shared.journal.rows)

    def request(self, world_id: str | None, request_id: str) -> RequestRow | None:
        """The journal entry with that id; `latest` is the last one."""
        if request_id == "latest":
            return next(self.requests_before(world_id), None)
        digits = request_id.removeprefix("req-")
        if not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
            # Broken requests of a shared store got their names before their numbers.
            of_none = self.requests_of_no_world() if world_id is None else iter(())
            return next((row for row in of_none if row.entry.id == request_id), None)
        for item, world in self._with_shared(world_id):
            entry = world.journal.rows.get(int(digits))
            if entry is not None and entry.id == request_id:
                return RequestRow(item, entry)
        return None

    def latest_number(self, world_id: str | None) -> int:
        """The number of the last request, 0 where there is none."""
        worlds = (world for _, world in self._with_shared(world_id))
        return max((world.journal.rows.last_number for world in worlds), default=0)

    def oldest_number(self, world_id: str | None) -> int:
        """The number of the oldest request that the journals keep, 0 where there is none."""
        numbers = [
            number
            for _, world in self._with_shared(world_id)
            for number, _ in islice(world.journal.rows, 1)
        ]
        return min(numbers, default=0)

    def orders(self, world_id: str | None, *, after: int = 0, limit: int) -> Rows[OrderRow]:
        """Placed orders, by the number of their placement."""
        lists = [(item, world.placements) for item, world in self._chosen(world_id)]
        rows, total, more = page_of(lists, after, limit, None)
        shown = [(number, self._order_row(row or "", order_id)) for number, row, order_id in rows]
        return Rows(shown, total, self.evicted(world_id).orders, more)

    def orders_before(
        self, world_id: str | None, before: int = NEWEST
    ) -> Iterator[tuple[int, OrderRow]]:
        """Placed orders, newest first, for whoever stops reading when a page is full."""
        lists = [(item, world.placements) for item, world in self._chosen(world_id)]
        for number, item, order_id in newest_first(lists, before):
            yield number, self._order_row(item or "", order_id)

    def orders_named(self, world_id: str | None, order_id: str) -> list[OrderRow]:
        """The orders with that id, waiting ones too; one a world at most."""
        return [
            self._order_row(item, order_id)
            for item, world in self._chosen(world_id)
            if order_id in world.orders
        ]

    def _order_row(self, world_id: str, order_id: str) -> OrderRow:
        world = self._worlds.by_id[world_id]
        return OrderRow(world_id, world.orders[order_id], world.events_received(order_id))

    def order_as_of(self, row: OrderRow, at: int) -> Order:
        """The order as it was after its event with that number."""
        return order_as_of(row.order, self.records_of(row, at))

    def timeline(
        self, row: OrderRow, *, after: int = 0, limit: int, at: int = NEWEST
    ) -> Rows[EventRow]:
        """The events of an order, oldest first; `at` leaves out those with higher numbers."""
        events = self._events_of(row)
        found = list(islice(events.after(after), limit + 1))
        shown = [
            (number, self._event_row(row.world_id, record))
            for number, record in found[:limit]
            if number <= at
        ]
        more = len(found) > limit and found[limit][0] <= at
        return Rows(shown, len(events), 0, more)

    def timeline_before(self, row: OrderRow, before: int = NEWEST) -> Iterator[EventRow]:
        """The same, newest first."""
        for _, record in self._events_of(row).before(before):
            yield self._event_row(row.world_id, record)

    def records_of(self, row: OrderRow, at: int = NEWEST) -> Iterator[EventRecord]:
        """The accepted events of an order up to a number, oldest first, without findings."""
        for number, record in self._events_of(row):
            if number > at:
                return
            yield record

    def records_of_order(self, world_id: str, order_id: str) -> Iterator[EventRecord]:
        """All accepted events of an order, oldest first, those of one never placed included."""
        world = self._worlds.by_id[world_id]
        return (record for _, record in world.events_of(order_id) or NumberedRows[EventRecord]())

    def _events_of(self, row: OrderRow) -> NumberedRows[EventRecord]:
        return self._worlds.by_id[row.world_id].events_of(row.order.order_id) or NumberedRows()

    def findings_of_order(self, row: OrderRow) -> Iterator[Finding]:
        """The findings of an order's events, in the order of the events."""
        world = self._worlds.by_id[row.world_id]
        for _, record in self._events_of(row):
            yield from world.findings.of_event(record.event_id)

    def findings(
        self,
        world_id: str | None,
        *,
        after: int = 0,
        limit: int,
        matches: Callable[[Finding], bool] | None = None,
    ) -> Rows[Finding]:
        """Findings, those of refused requests included, oldest first."""
        lists = [(item, world.findings.rows) for item, world in self._with_shared(world_id)]
        rows, total, more = page_of(lists, after, limit, matches)
        shown = [(number, finding) for number, _, finding in rows]
        return Rows(shown, total, self.evicted(world_id).findings, more)

    def findings_before(self, world_id: str | None) -> Iterator[Finding]:
        """Findings, newest first."""
        lists = [(item, world.findings.rows) for item, world in self._with_shared(world_id)]
        for _, _, finding in newest_first(lists, NEWEST):
            yield finding

    def findings_with_worlds(self, world_id: str | None) -> Iterator[tuple[str | None, Finding]]:
        """The same with the worlds that they are of."""
        lists = [(item, world.findings.rows) for item, world in self._with_shared(world_id)]
        for _, item, finding in newest_first(lists, NEWEST):
            yield item, finding

    def findings_of_request(self, world_id: str | None, request_id: str) -> tuple[Finding, ...]:
        """The findings of a request that stored nothing, as they stand now."""
        world = self._worlds.get(world_id)
        return world.findings.of_event(request_id) if world else ()

    def runs(self, world_id: str | None) -> tuple[Run, ...]:
        """The runs that were started in a world; for None those started in all of them."""
        world = self._worlds.get(world_id)
        return world.runs if world else ()

    def open_counts(self, world_id: str | None) -> Mapping[Severity, int]:
        """How many findings are open, those of evicted orders and worlds included."""
        total: Counter[Severity] = Counter()
        for _, world in self._with_shared(world_id):
            total.update(world.findings.open_counts)
        gone = self._worlds.gone
        earlier = gone.open_counts if world_id is None else gone.open_by_world.get(world_id)
        total.update(earlier or {})
        return {item: total[item] for item in Severity}

    def at_stake(self, world_id: str | None) -> list[dict[str, Any]]:
        """What open findings stake, by currency; evicted orders and worlds count like others."""
        total: Counter[str] = Counter()
        for _, world in self._chosen(world_id):
            total.update(world.at_stake)
        gone = self._worlds.gone
        total.update(gone.at_stake if world_id is None else gone.at_stake_by_world.get(world_id))
        return by_currency(total.items())

    def at_stake_of(self, row: OrderRow) -> list[dict[str, Any]]:
        """What the open findings of an order stake: one currency, or none."""
        stakes = self._worlds.by_id[row.world_id].stakes.get(row.order.order_id)
        return by_currency([(row.order.currency, stakes.total)]) if stakes else []

    def coverages(self, world_id: str | None) -> list[Coverage]:
        """What the requests exercised of the contract, world by world, refused ones included."""
        parts = [world.coverage for _, world in self._with_shared(world_id)]
        return parts if world_id else [*parts, self._worlds.gone.coverage]

    def coverage(self, world_id: str | None) -> Coverage:
        """All of them together."""
        return merged(self.coverages(world_id))

    def drift(self, world_id: str | None) -> Drift:
        """What the provider's replies said about our assumptions."""
        parts = [world.drift for _, world in self._with_shared(world_id)]
        return merged_drift(parts if world_id else [*parts, self._worlds.gone.drift])

    def _chosen(self, world_id: str | None) -> list[tuple[str, World]]:
        if world_id is None:
            return list(self._worlds.by_id.items())
        world = self._worlds.by_id.get(world_id)
        return [(world_id, world)] if world else []

    def _with_shared(self, world_id: str | None) -> list[tuple[str | None, World]]:
        chosen: list[tuple[str | None, World]] = list(self._chosen(world_id))
        return chosen if world_id else [(None, self._worlds.shared), *chosen]
