"""Transactions on worlds in memory: decide, apply, evict. Every store judges through this.

Deciding and applying happen without an `await` between them, so the event loop serialises them.
"""

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from typing import TypeVar

from contracts.worlds.apply import evictions
from contracts.worlds.effects import Effect, WorldCreated, WorldDeleted, WorldEvicted
from contracts.worlds.world import World
from mock_server.store.notices import Notices
from mock_server.store.protocol import Change, UnknownWorldError
from mock_server.store.worlds import Worlds

T = TypeVar("T")


@dataclass(slots=True)
class Applied:
    """Effects of one world that were applied one after the other, and the position of the last."""

    world_id: str | None
    effects: list[Effect]
    position: int


class Decisions:
    """Carries out what is decided in `worlds`. `position` counts the effects.

    With `keeps_log` everything that was applied is there to be taken, in order. Worlds that are
    `reserved` are not evicted.
    """

    def __init__(
        self,
        worlds: Worlds,
        notices: Notices,
        *,
        keeps_log: bool = False,
        reserved: Container[str | None] = (),
    ) -> None:
        self.worlds = worlds
        self.position = 0
        self._notices = notices
        self._keeps_log = keeps_log
        self._reserved = reserved
        self._applied: list[Applied] = []
        self._number = 0

    def next_number(self) -> int:
        """The number of the next request; each is given once."""
        self._number = self.latest_number + 1
        return self._number

    @property
    def latest_number(self) -> int:
        """The highest number that was given out, or that is known."""
        return max(self._number, self.worlds.latest_seq)

    def taken(self) -> list[Applied]:
        """What was applied since this was last asked."""
        applied, self._applied = self._applied, []
        return applied

    def make(self, world_id: str, key_masked: str) -> None:
        """Make the world of a key where it is used for the first time."""
        if self.worlds.get(world_id) is None:
            self._append(world_id, (WorldCreated(key_masked),))
            surplus = self.worlds.surplus(self._reserved)
            if surplus is not None:
                self._append(surplus, (WorldEvicted(),))
                self._notices.world_evicted(surplus, self.worlds.bounds.worlds)

    def known(self, world_id: str | None) -> World:
        """The world with that id; UnknownWorldError where there is none."""
        world = self.worlds.get(world_id)
        if world is None:
            raise UnknownWorldError(world_id)
        return world

    def in_key(self, world_id: str, key_masked: str, decide: Callable[[World], Change[T]]) -> T:
        """Decide in the world of a key, which is made on first use."""
        self.make(world_id, key_masked)
        return self.in_world(world_id, decide)

    def in_world(self, world_id: str | None, decide: Callable[[World], Change[T]]) -> T:
        """Decide in a world; UnknownWorldError where there is none."""
        world = self.known(world_id)
        change = decide(world)
        self._append(world_id, change.effects)
        if world.exceeds_bounds:
            self._append(world_id, evictions(world, change.effects))
            self._notices.evicted(world_id or "", world.evictions)
        for owner, effect in self.worlds.beyond_memory(self._reserved):
            self._append(owner, (effect,))
            self._notices.out_of_memory(self.worlds.bounds.memory)
        return change.result

    def in_all(self, decide: Callable[[World], Change[T]]) -> T:
        """Decide in every world and in what new ones start with; the result is that of the last."""
        shared = decide(self.worlds.shared)
        others = {item: decide(world) for item, world in self.worlds.by_id.items()}
        self._append(None, shared.effects)
        for world_id, change in others.items():
            self._append(world_id, change.effects)
        return shared.result

    def delete(self, world_id: str) -> None:
        """Delete a world; UnknownWorldError where there is none."""
        self.known(world_id)
        self._append(world_id, (WorldDeleted(),))

    def _append(self, world_id: str | None, effects: Iterable[Effect]) -> None:
        before = self.position
        applied: list[Effect] = []
        for effect in effects:
            self.position += 1
            self.worlds.apply(world_id, effect, self.position)
            if self._keeps_log:
                applied.append(effect)
        self.worlds.measure(world_id)
        if self._keeps_log and self.position > before:
            last = self._applied[-1] if self._applied else None
            if last is not None and last.world_id == world_id:
                last.effects += applied
                last.position = self.position
            else:
                self._applied.append(Applied(world_id, applied, self.position))
