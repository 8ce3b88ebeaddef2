"""All worlds of a server in memory, as their effects made them. Every store keeps one of these.

It is a projection: applied in the order of the log, the same effects always give the same worlds.
"""

from collections import Counter, OrderedDict
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import Any

from contracts.drift.drift import Drift
from contracts.findings.finding import Severity
from contracts.worlds.apply import apply
from contracts.worlds.coverage import Coverage
from contracts.worlds.drift_state import drift_of, drift_restored
from contracts.worlds.effects import (
    DriftRestored,
    Effect,
    EventAccepted,
    JournalEvicted,
    PolicyChanged,
    RequestRecorded,
    WorldCreated,
    WorldDeleted,
    WorldEvicted,
    WorldReset,
)
from contracts.worlds.policy import Policy
from contracts.worlds.retention import Bounds
from contracts.worlds.world import World

MAX_REMEMBERED = 100_000
"""Open findings of evicted worlds are counted per world for so many of them."""


@dataclass
class Gone:
    """What evicted worlds held.

    `open_counts`, `at_stake`, `coverage` and `drift` still count for all worlds.
    """

    worlds: int = 0
    orders: int = 0
    events: int = 0
    keys: int = 0
    requests: int = 0
    findings: int = 0
    received: int = 0
    open_counts: Counter[Severity] = field(default_factory=Counter)
    open_by_world: OrderedDict[str, Counter[Severity]] = field(default_factory=OrderedDict)
    at_stake: Counter[str] = field(default_factory=Counter)
    at_stake_by_world: dict[str, Counter[str]] = field(default_factory=dict)
    coverage: Coverage = field(default_factory=Coverage)
    drift: Drift = field(default_factory=Drift)

    def add(self, world_id: str, world: World) -> None:
        """Count all that a world held."""
        self.worlds += 1
        self.orders += world.evictions.orders + len(world.orders)
        self.events += world.evictions.events + len(world.events)
        self.keys += world.evictions.keys + len(world.replies)
        self.requests += world.journal.evicted + len(world.journal.rows)
        self.findings += world.findings.evicted + len(world.findings.rows)
        self.received += world.journal.received
        self.open_counts.update(world.findings.open_counts)
        self.open_by_world.setdefault(world_id, Counter()).update(world.findings.open_counts)
        self.at_stake.update(world.at_stake)
        self.at_stake_by_world.setdefault(world_id, Counter()).update(world.at_stake)
        while len(self.open_by_world) > MAX_REMEMBERED:
            oldest, _ = self.open_by_world.popitem(last=False)
            self.at_stake_by_world.pop(oldest, None)
        self.coverage.merge(world.coverage)
        self.drift.merge(world.drift)

    def to_json(self) -> dict[str, Any]:
        """All of it, for a compacted log."""
        from contracts.worlds.effect_codec import encode  # noqa: PLC0415 - an extra

        return {
            **{name: getattr(self, name) for name in _COUNTS},
            "open_counts": dict(self.open_counts),
            "open_by_world": [[item, dict(open_)] for item, open_ in self.open_by_world.items()],
            "at_stake": dict(self.at_stake),
            "at_stake_by_world": {
                item: dict(sums) for item, sums in self.at_stake_by_world.items()
            },
            "coverage": [
                {name: dict(items) for name, items in self.coverage.counts().items()},
                dict(self.coverage.fired()),
            ],
            "drift": encode([drift_restored(self.drift)]),
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Gone":
        """What `to_json` wrote."""
        from contracts.worlds.effect_codec import decode  # noqa: PLC0415 - an extra

        (drift,) = decode(document["drift"])
        if not isinstance(drift, DriftRestored):
            raise TypeError("this is not what was seen of a provider")
        by_world = ((item, _severities(counts)) for item, counts in document["open_by_world"])
        staked = document["at_stake_by_world"]
        found = cls(
            open_counts=_severities(document["open_counts"]),
            open_by_world=OrderedDict(by_world),
            at_stake=Counter(document["at_stake"]),
            at_stake_by_world={item: Counter(sums) for item, sums in staked.items()},
            coverage=Coverage(*document["coverage"]),
            drift=drift_of(drift),
        )
        for name in _COUNTS:
            setattr(found, name, int(document[name]))
        return found

    def forget(self, world_id: str) -> None:
        """A world was reset or deleted: what it left open before no longer counts."""
        self.open_counts.subtract(self.open_by_world.pop(world_id, Counter()))
        self.at_stake.subtract(self.at_stake_by_world.pop(world_id, Counter()))


_COUNTS = ("worlds", "orders", "events", "keys", "requests", "findings", "received")


def _severities(counts: dict[str, int]) -> Counter[Severity]:
    return Counter({Severity(item): int(count) for item, count in counts.items()})


_NOTED = frozenset(
    {
        WorldCreated,
        WorldDeleted,
        WorldEvicted,
        WorldReset,
        RequestRecorded,
        EventAccepted,
        PolicyChanged,
    }
)
"""The effects that all worlds together take note of; the others concern their own world alone."""


class Worlds:
    """Worlds by id, the least recently used first to go.

    `shared` holds what belongs to no key: refused requests, the faults of all worlds, the settings
    of new ones. Its id is None.
    """

    def __init__(self, policy: Policy, bounds: Bounds) -> None:
        self.bounds = bounds
        self.shared = World(policy, bounds)
        self.by_id: dict[str, World] = {}
        self.keys_masked: dict[str, str] = {}
        self.gone = Gone()
        self._used: OrderedDict[str, None] = OrderedDict()
        self._sizes: dict[str | None, int] = {}
        self.bytes = 0
        self.latest_seq = 0
        """The highest number that a request has got."""
        self.with_policy: set[str | None] = set()
        """The worlds whose settings were changed; the others have those of new worlds."""

    def get(self, world_id: str | None) -> World | None:
        """The world with that id."""
        return self.shared if world_id is None else self.by_id.get(world_id)

    @property
    def by_use(self) -> list[str]:
        """The ids of all worlds, the least recently used first."""
        return list(self._used)

    def use(self, world_id: str) -> None:
        """A request came for that world: it is the last one to be evicted now."""
        self._used[world_id] = None
        self._used.move_to_end(world_id)

    def surplus(self, reserved: Container[str | None] = ()) -> str | None:
        """The world to evict, where there are too many; none that is reserved."""
        if len(self.by_id) <= self.bounds.worlds:
            return None
        return next((item for item in self._used if item not in reserved), None)

    def measure(self, world_id: str | None) -> None:
        """Take note of how much memory a world takes now."""
        world = self.get(world_id)
        size = world.bytes if world else 0
        self.bytes += size - self._sizes.get(world_id, 0)
        if world:
            self._sizes[world_id] = size
        else:
            self._sizes.pop(world_id, None)

    def beyond_memory(
        self, reserved: Container[str | None] = ()
    ) -> Iterator[tuple[str | None, Effect]]:
        """What must go so that all worlds fit into the memory, one after the other.

        Journals go first, then worlds, the least recently used ones first; the world that was used
        last loses its journal at most, and reserved ones nothing. Each must be carried out before
        the next is asked for.
        """
        if self.bytes <= self.bounds.memory:
            return
        for world_id in (*list(self._used), None):
            world = self.get(world_id)
            if world and len(world.journal.rows) and world_id not in reserved:
                yield world_id, JournalEvicted()
                if self.bytes <= self.bounds.memory:
                    return
        for world_id in [item for item in list(self._used)[:-1] if item not in reserved]:
            yield world_id, WorldEvicted()
            if self.bytes <= self.bounds.memory:
                return

    def apply(self, world_id: str | None, effect: Effect, position: int) -> None:
        """Carry out an effect of one world; what is meant for a world that is gone is dropped."""
        kind = type(effect)
        if kind not in _NOTED:
            world = self.get(world_id)
            if world is not None:
                apply(world, effect, position)
            return
        if isinstance(effect, WorldCreated):
            assert world_id is not None  # noqa: S101 - the shared one is always there
            self.by_id[world_id] = World(self.shared.policy, self.bounds, common=self.shared.faults)
            self.keys_masked[world_id] = effect.key_masked
            self.use(world_id)
            return
        if isinstance(effect, WorldDeleted | WorldEvicted):
            self._remove(world_id or "", evicted=isinstance(effect, WorldEvicted))
            return
        if isinstance(effect, RequestRecorded):
            self.latest_seq = max(self.latest_seq, effect.entry.seq)
        world = self.get(world_id)
        if world is None:
            return
        if world_id is not None and isinstance(effect, RequestRecorded):
            self.use(world_id)
        elif isinstance(effect, EventAccepted):
            self.latest_seq = max(self.latest_seq, effect.record.seq)
        if isinstance(effect, WorldReset):
            self._forget_gone(world_id)
        elif isinstance(effect, PolicyChanged):
            self.with_policy.add(world_id)
        apply(world, effect, position)

    def _remove(self, world_id: str, *, evicted: bool) -> None:
        world = self.by_id.pop(world_id, None)
        self._used.pop(world_id, None)
        self.keys_masked.pop(world_id, None)
        self.with_policy.discard(world_id)
        if world is not None and evicted:
            self.gone.add(world_id, world)
        if not evicted:
            self.gone.forget(world_id)

    def _forget_gone(self, world_id: str | None) -> None:
        if world_id is None:
            self.gone = Gone()
        else:
            self.gone.forget(world_id)
