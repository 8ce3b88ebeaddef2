"""The store that lives as long as the process: nothing but the worlds themselves.

Deciding and applying happen without an `await` between them, so the event loop serialises them.
"""

import hashlib
from collections.abc import Callable, Iterable
from typing import TypeVar

from contracts.http.credentials import mask
from contracts.judging.apply import evictions
from contracts.judging.effects import Effect, WorldCreated, WorldDeleted, WorldEvicted
from contracts.judging.policy import Policy
from contracts.judging.retention import Bounds
from contracts.judging.world import World
from mock_server.store.notices import Notices
from mock_server.store.protocol import Change, UnknownWorldError
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

    async def change_key(self, key: str | None, decide: Callable[[World], Change[T]]) -> T:
        if key is None:
            return await self.change(None, decide)
        world_id = world_id_of(key)
        if self._worlds.get(world_id) is None:
            self._append(world_id, (WorldCreated(mask(key)),))
            surplus = self._worlds.surplus()
            if surplus is not None:
                self._append(surplus, (WorldEvicted(),))
                self._notices.world_evicted(surplus, self._worlds.bounds.worlds)
        return await self.change(world_id, decide)

    async def change(self, world_id: str | None, decide: Callable[[World], Change[T]]) -> T:
        world = self._worlds.get(world_id)
        if world is None:
            raise UnknownWorldError(world_id)
        if world_id is not None:
            self._worlds.use(world_id)
        change = decide(world)
        self._append(world_id, change.effects)
        evicted = world.evictions
        self._append(world_id, evictions(world, change.effects))
        if world.evictions is not evicted:
            self._notices.evicted(world_id or "", world.evictions)
        return change.result

    async def change_all(self, decide: Callable[[World], Change[T]]) -> T:
        shared = decide(self._worlds.shared)
        others = {one: decide(world) for one, world in self._worlds.by_id.items()}
        self._append(None, shared.effects)
        for world_id, change in others.items():
            self._append(world_id, change.effects)
        return shared.result

    async def delete(self, world_id: str) -> None:
        if self._worlds.get(world_id) is None:
            raise UnknownWorldError(world_id)
        self._append(world_id, (WorldDeleted(),))

    async def read(self) -> Reader:
        return self._reader

    def _append(self, world_id: str | None, effects: Iterable[Effect]) -> None:
        for one in effects:
            self.position += 1
            self._worlds.apply(world_id, one, self.position)
