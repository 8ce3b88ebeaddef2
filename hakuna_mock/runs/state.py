"""What a state holds, looked at without a server: facts, contradictions, recordings."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from contracts.http.idempotency import KEY_HEADER
from contracts.orders.events import build_event
from contracts.orders.history import EventRecord
from contracts.orders.ledger import Ledger
from contracts.orders.order import Arrival, Order, receive
from contracts.timing.rfc3339 import show
from contracts.worlds.policy import Policy
from contracts.worlds.retention import UNBOUNDED
from contracts.worlds.world import World
from mock_server.store.log.database import Database, Loaded
from mock_server.store.opening import open_database
from mock_server.store.state_target import shown
from mock_server.store.worlds import Worlds

MAX_PROBLEMS = 50
"""Problems of one kind that are listed; the rest is counted."""


@contextmanager
def opened(target: str, *, make: bool = False) -> Iterator[Database]:
    """The database of a state; StartError where it cannot be used."""
    database = open_database(target, make=make)
    try:
        yield database
    finally:
        database.close()


def load(database: Database) -> Loaded:
    """Everything that the state holds, whatever the bounds of a server are."""
    return database.load(lambda: Worlds(Policy(), UNBOUNDED))


def facts(target: str, database: Database, loaded: Loaded) -> dict[str, Any]:
    """What there is to say about a state."""
    rows, parts = database.log_length()
    worlds = loaded.worlds
    size = database.size()
    events = sum(len(world.events) for world in worlds.by_id.values())
    return {
        "state": shown(target),
        "kind": database.kind,
        "id": loaded.head.store_id,
        "position": loaded.position,
        "snapshot_position": loaded.head.snapshot_position,
        "log_rows": rows,
        "snapshot_rows": parts,
        "size_bytes": size,
        "events": events,
        "worlds": [
            {
                "id": world_id,
                "key_masked": worlds.keys_masked[world_id],
                "orders": len(world.placements),
                "events": len(world.events),
                "requests": len(world.journal.rows),
                "open_findings": {
                    str(severity): count for severity, count in world.findings.open_counts.items()
                },
            }
            for world_id, world in worlds.by_id.items()
        ],
    }


def contradictions(worlds: Worlds) -> list[str]:
    """Where what is kept contradicts itself: ids that are not unique, orders that are not what
    their events make of them.
    """
    problems = list(_twice("event", _event_ids(worlds)))
    problems += _twice("request number", _numbers(worlds))
    for world_id, world in worlds.by_id.items():
        problems += [f"world {world_id}: {item}" for item in _of_world(world)]
    hidden = len(problems) - MAX_PROBLEMS
    return [*problems[:MAX_PROBLEMS], *([f"and {hidden} more"] if hidden > 0 else [])]


def _twice(what: str, names: Iterable[Any]) -> Iterator[str]:
    for name, times in Counter(names).items():
        if times > 1:
            yield f"{what} {name} is there {times} times"


def _event_ids(worlds: Worlds) -> Iterator[str]:
    for world in worlds.by_id.values():
        yield from (record.event_id for _, record in world.events)


def _numbers(worlds: Worlds) -> Iterator[int]:
    for world in (worlds.shared, *worlds.by_id.values()):
        yield from (number for number, _ in world.journal.rows)


def _of_world(world: World) -> Iterator[str]:
    by_order: dict[str, list[EventRecord]] = {}
    for _, record in world.events:
        by_order.setdefault(record.order_id, []).append(record)
    for order_id, order in world.orders.items():
        folded = _fold(order_id, by_order.get(order_id, []))
        if _counts(folded) != _counts(order):
            yield f"order {order_id} is {_counts(order)}, its events make {_counts(folded)}"
    for key, reply in world.replies.items():
        if world.event(reply.event_id) is None and not world.evictions.events:
            yield f"idempotency key {key!r} names event {reply.event_id}, which is not there"


def _fold(order_id: str, records: list[EventRecord]) -> Order:
    order = Order(order_id)
    for record in records:
        event = build_event(json.loads(record.body))
        order = receive(order, Arrival(record.event_id, event))[-1].after
    return order


def _counts(order: Order) -> tuple[bool, str | None, dict[str, tuple[int, int, int, int]]]:
    lines = {name: _units(line.ledger) for name, line in order.lines.items()}
    return order.is_placed, order.cancelled_by, lines


def _units(ledger: Ledger) -> tuple[int, int, int, int]:
    return ledger.ordered, ledger.fulfilled, ledger.refunded, ledger.cancelled


def recordings(worlds: Worlds) -> Iterator[dict[str, Any]]:
    """Every request that is kept, oldest first, as a recording that `check` reads: as the journal
    has it, and where the journal has it no more, as the accepted event alone.
    """
    rows: list[tuple[int, str | None, Any]] = []
    for world_id, world in ((None, worlds.shared), *worlds.by_id.items()):
        journal = world.journal.rows
        rows += [(number, world_id, entry) for number, entry in journal]
        rows += [
            (number, world_id, record)
            for number, record in world.events
            if journal.get(number) is None
        ]
    keys = {
        reply.event_id: key
        for world in worlds.by_id.values()
        for key, reply in world.replies.items()
    }
    for _, world_id, row in sorted(rows, key=lambda item: item[0]):
        mask = worlds.keys_masked.get(world_id or "")
        if isinstance(row, EventRecord):
            yield _recorded_event(row, world_id, mask, keys.get(row.event_id))
        else:
            yield {**row.to_json(world_id), "key_masked": mask}


def _recorded_event(
    record: EventRecord, world_id: str | None, mask: str | None, key: str | None
) -> dict[str, Any]:
    headers = [
        ["Authorization", f"Bearer {mask}"],
        ["Content-Type", "application/json"],
        ["Hakuna-Version", "v2.0"],
        *([[KEY_HEADER, key]] if key else []),
    ]
    return {
        "seq": record.seq,
        "world": world_id,
        "key_masked": mask,
        "event_id": record.event_id,
        "received_at": show(record.received_at),
        **({"headers": headers} if key else {}),
        "body": record.body.decode(),
    }
