"""The store that lives as long as the process: nothing but the worlds themselves.

Deciding and applying happen without an `await` between them, so the event loop serialises them.
What is decided aside reserves its world: whatever else would change it waits.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from contracts.http.credentials import mask
from contracts.worlds.policy import Policy
from contracts.worlds.retention import Bounds
from contracts.worlds.world import World
from mock_server.store.decisions import Decisions
from mock_server.store.notices import Notices
from mock_server.store.protocol import Aside, Change
from mock_server.store.reader import Reader
from mock_server.store.worlds import Worlds

T = TypeVar("T")


def world_id_of(key: str) -> str:
    """The public name of a key's world; the key cannot be read from it."""
    return f"w-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


class MemoryStore:
    """Worlds in memory; `Store` says what each method does."""

    kind = "memory"
    durable = False
    shared = False
    problem: str | None = None

    def __init__(
        self,
        policy: Policy,
        bounds: Bounds | None = None,
        notice: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._worlds = Worlds(policy, bounds or Bounds())
        self._reserved: dict[str | None, asyncio.Event] = {}
        self._decisions = Decisions(self._worlds, Notices(notice), reserved=self._reserved)
        self._reader = Reader(self._worlds)
        self.identity = secrets.token_hex(6)

    @property
    def judges_at_once(self) -> bool:
        return not self._reserved

    @property
    def position(self) -> int:
        return self._decisions.position

    @property
    def latest_number(self) -> int:
        return self._decisions.latest_number

    def next_number(self) -> int:
        return self._decisions.next_number()

    def start(self, on_change: Callable[[bool], None]) -> None:
        del on_change  # nobody else changes anything

    async def close(self) -> None:
        pass

    async def change_key(
        self, key: str | None, decide: Callable[[World], Change[T]], aside: Aside | None = None
    ) -> T:
        if key is None:
            return await self.change(None, decide, aside)
        world_id = world_id_of(key)
        if self._worlds.get(world_id) is None:
            self._decisions.make(world_id, mask(key))
        return await self.change(world_id, decide, aside)

    async def change(
        self, world_id: str | None, decide: Callable[[World], Change[T]], aside: Aside | None = None
    ) -> T:
        while reserved := self._reserved.get(world_id):
            await reserved.wait()
        if aside is None:
            return self._decisions.in_world(world_id, decide)
        world = self._decisions.known(world_id)
        with self._reservation(world_id):
            change = await aside(lambda: decide(world))
        return self._decisions.in_world(world_id, lambda _: change)

    @contextmanager
    def _reservation(self, world_id: str | None) -> Iterator[None]:
        released = self._reserved[world_id] = asyncio.Event()
        try:
            yield
        finally:
            del self._reserved[world_id]
            released.set()

    async def change_all(self, decide: Callable[[World], Change[T]]) -> T:
        while self._reserved:
            await next(iter(self._reserved.values())).wait()
        return self._decisions.in_all(decide)

    async def delete(self, world_id: str) -> None:
        while reserved := self._reserved.get(world_id):
            await reserved.wait()
        self._decisions.delete(world_id)

    async def read(self) -> Reader:
        return self._reader
