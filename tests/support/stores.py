"""Stores of every kind for tests, and all that one shows, to be compared."""

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from postgres_cluster import Cluster, postgres_programs
from server_entries import entry
from server_mock import KEY, encoded

from contracts.http.request import Request
from contracts.judging.judge import judge
from contracts.judging.replies import ENDPOINT
from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies
from contracts.timing.rfc3339 import parse_instant
from contracts.worlds.effects import PolicyChanged, RequestRecorded
from contracts.worlds.policy import Policy
from contracts.worlds.retention import Bounds
from mock_server.store.opening import open_store
from mock_server.store.protocol import Change
from mock_server.store.reader import Reader

NOW = parse_instant("2026-01-01T00:00:00Z")
KINDS = ("memory", "sqlite", "postgresql")
DURABLE = KINDS[1:]
ALL = {"after": 0, "limit": 10_000}


class Keeper:
    """A store, and requests that are judged in it."""

    def __init__(self, store) -> None:
        self.store = store
        self.seq = 0

    async def decide(self, body, key=KEY, with_judge=judge):
        self.seq += 1
        headers = tuple(usual_headers(self.seq, key).items())
        event_id = f"evt-00000000-0000-4000-8000-{self.seq:012}"
        raw = encoded(body)
        name = f"req-{self.seq}"
        asked = Request("POST", ENDPOINT, headers, raw, NOW, event_id, name, seq=self.seq)

        def decide(world):
            verdict = with_judge(asked, world, world.policy)
            return Change(verdict, verdict.effects)

        return await self.store.change_key(key, decide)

    async def play(self, shorthand, key=KEY):
        return [await self.decide(body, key) for body in bodies(shorthand)]

    async def record(self, key, number):
        change = Change(None, (RequestRecorded(entry(number)),))
        await self.store.change_key(key, lambda _: change)

    async def tell(self, world_id, policy):
        change = Change(None, (PolicyChanged(policy),))
        await self.store.change(world_id, lambda _: change)

    async def held(self):
        """All that is held, as text to be compared."""
        reader = await self.store.read()
        return repr(
            [
                list(reader.worlds()),
                reader.events(None, **ALL),
                reader.orders(None, **ALL),
                reader.findings(None, **ALL),
                reader.open_counts(None),
            ]
        )


def programs_or_skip() -> Path:
    """Where PostgreSQL is; without it the test is skipped, or fails in CI."""
    programs = postgres_programs()
    if programs is None:
        message = "there is no PostgreSQL: apt-get install postgresql"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return programs


def cluster_or_skip() -> Cluster:
    """A PostgreSQL of our own."""
    return Cluster(programs_or_skip())


class States:
    """Where states are kept, and the stores that were opened, to be closed at the end."""

    def __init__(self, folder: Path, cluster: Any) -> None:
        self._folder = folder
        self._cluster = cluster
        self._count = 0
        self._opened: list[Any] = []

    def new(self, kind: str) -> str | None:
        """A place for a state that is not there yet, as `--state` names it."""
        self._count += 1
        if kind == "memory":
            return None
        if kind == "sqlite":
            return str(self._folder / f"state-{self._count}.db")
        return self._cluster().database()

    def open(self, state: str | None, bounds: Bounds | None = None, notice=lambda _: None) -> Any:
        """A store over that state."""
        store = open_store(state, Policy(), bounds or Bounds(), notice)
        self._opened.append(store)
        return store

    async def close(self) -> None:
        for store in self._opened:
            with suppress(Exception):
                await store.close()


def shown(reader: Reader) -> dict[str, Any]:
    """All that a store shows, but how long each request took."""
    return {
        "worlds": list(reader.worlds()),
        "events": reader.events(None, **ALL),
        "orders": reader.orders(None, **ALL),
        "requests": [
            (number, row.world_id, replace(row.entry, duration_ms=0))
            for number, row in reader.requests(None, **ALL).rows
        ],
        "findings": reader.findings(None, **ALL),
        "open": {item: reader.open_counts(item) for item in (None, *reader.world_ids())},
        "coverage": reader.coverage(None).to_json(),
        "policies": [reader.policy(item) for item in (None, *reader.world_ids())],
        "faults": reader.faults(None),
        "evicted": reader.evicted(None),
        "received": reader.received(None),
        "memory": reader.memory(),
    }
