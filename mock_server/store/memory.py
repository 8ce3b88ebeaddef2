"""The store that lives as long as the process: nothing but the worlds themselves.

Deciding and applying happen without an `await` between them, so the event loop serialises them.
What is decided aside reserves its world: whatever else would change it waits.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from contracts.http.credentials import mask
from contracts.worlds.apply import evictions
from contracts.worlds.effects import Effect, WorldCreated, WorldDeleted, WorldEvicted
from contracts.worlds.policy import Policy
from contracts.worlds.retention import Bounds
from contracts.worlds.world import World
from mock_server.store.notices import Notices
from mock_server.store.protocol import Aside, Change, UnknownWorldError
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

    def __init__(
        self,
        policy: Policy,
        bounds: Bounds | None = None,
        notice: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._worlds = Worlds(policy, bounds or Bounds())
        self._notices = Notices(notice)
        self._reader = Reader(self._worlds)
        self.position = 0
        self._reserved: dict[str | None, asyncio.Event] = {}

    async def change_key(
        self, key: str | None, decide: Callable[[World], Change[T]], aside: Aside | None = None
    ) -> T:
        if key is None:
            return await self.change(None, decide, aside)
        world_id = world_id_of(key)
        if self._worlds.get(world_id) is None:
            self._append(world_id, (WorldCreated(mask(key)),))
            surplus = self._worlds.surplus(self._reserved)
            if surplus is not None:
                self._append(surplus, (WorldEvicted(),))
                self._notices.world_evicted(surplus, self._worlds.bounds.worlds)
        return await self.change(world_id, decide, aside)

    async def change(
        self, world_id: str | None, decide: Callable[[World], Change[T]], aside: Aside | None = None
    ) -> T:
        while reserved := self._reserved.get(world_id):
            await reserved.wait()
        world = self._worlds.get(world_id)
        if world is None:
            raise UnknownWorldError(world_id)
        if world_id is not None:
            self._worlds.use(world_id)
        if aside is None:
            change = decide(world)
        else:
            with self._reservation(world_id):
                change = await aside(lambda: decide(world))
        self._append(world_id, change.effects)
        evicted = world.evictions
        self._append(world_id, evictions(world, change.effects))
        if world.evictions is not evicted:
            self._notices.evicted(world_id or "", world.evictions)
        for owner, effect in self._worlds.beyond_memory(self._reserved):
            self._append(owner, (effect,))
            self._notices.out_of_memory(self._worlds.bounds.memory)
        return change.result

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
        shared = decide(self._worlds.shared)
        others = {one: decide(world) for one, world in self._worlds.by_id.items()}
        self._append(None, shared.effects)
        for world_id, change in others.items():
            self._append(world_id, change.effects)
        return shared.result

    async def delete(self, world_id: str) -> None:
        while reserved := self._reserved.get(world_id):
            await reserved.wait()
        if self._worlds.get(world_id) is None:
            raise UnknownWorldError(world_id)
        self._append(world_id, (WorldDeleted(),))

    async def read(self) -> Reader:
        return self._reader

    def _append(self, world_id: str | None, effects: Iterable[Effect]) -> None:
        for one in effects:
            self.position += 1
            self._worlds.apply(world_id, one, self.position)
        self._worlds.measure(world_id)
