"""The faults of one world, and how often each has matched and played.

Chance is an argument, so the same requests meet the same faults. Only `apply` changes a registry.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

from contracts.faults.catalogue import FaultError
from contracts.faults.fault import Fault
from contracts.values import dataclass

MAX_ARMED = 100
"""So many faults a world may hold."""

MAX_COUNTED = 10_000
"""Faults that orders ask for themselves are counted for so many orders; the oldest go first."""


@dataclass(frozen=True, slots=True)
class FaultMatch:
    """Which faults a request matched: the one that plays, and all that were tried.

    `own` are those that it asked for itself, `armed` and `common` those of its world and of all
    worlds.
    """

    fault: Fault | None = None
    own: tuple[str, ...] = ()
    armed: tuple[str, ...] = ()
    common: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.own or self.armed or self.common)


NO_MATCH = FaultMatch()


class FaultRegistry:
    """Armed faults by id, over those of all worlds (`common`)."""

    def __init__(self, common: "FaultRegistry | None" = None) -> None:
        self.armed: dict[str, Fault] = {}
        self.counted: dict[str, tuple[int, int]] = {}
        self._common = common
        self._own: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._named = 0

    def new_id(self) -> str:
        """An id that no fault of this registry has."""
        number = self._named + 1
        while f"fault-{number}" in self.armed:
            number += 1
        return f"fault-{number}"

    def room_for(self, fault: Fault) -> str | None:
        """The id of a spent fault that must go first; None where there is room.

        FaultError where all of them may still play.
        """
        if fault.id in self.armed or len(self.armed) < MAX_ARMED:
            return None
        spent = next((item.id for item in self.armed.values() if self._is_spent(item)), None)
        if spent is None:
            raise FaultError(f"{MAX_ARMED} faults are armed already; delete some")
        return spent

    def _is_spent(self, fault: Fault) -> bool:
        return fault.times is not None and self.counts(fault.id)[1] >= fault.times

    def add(self, fault: Fault) -> None:
        """Arm a fault; one of the same id is replaced."""
        prefix, _, number = fault.id.partition("-")
        if prefix == "fault" and number.isascii() and number.isdigit() and len(number) < 10:
            self._named = max(self._named, int(number))
        self.armed[fault.id] = fault
        self.counted[fault.id] = (0, 0)

    def remove(self, fault_id: str) -> None:
        """Disarm a fault."""
        self.counted.pop(fault_id, None)
        self.armed.pop(fault_id, None)

    def clear(self) -> None:
        """Disarm all, and forget what was counted."""
        self.armed.clear()
        self.counted.clear()
        self._own.clear()

    def match(
        self, own: Iterable[Fault], event_type: str | None, order_id: str | None, chance: float
    ) -> FaultMatch:
        """What a request meets, the strongest first: what it asks for itself (`own`), then the
        world's faults, then those of all worlds. Nothing is counted yet.
        """
        fault, tried, chance = _first(own, self._own, event_type, order_id, chance)
        if fault:
            return FaultMatch(fault, own=tried)
        if not self.armed and not (self._common and self._common.armed):
            return FaultMatch(own=tried) if tried else NO_MATCH
        common: tuple[str, ...] = ()
        fault, armed, chance = _first(
            self.armed.values(), self.counted, event_type, order_id, chance
        )
        if not fault and self._common:
            over = self._common
            fault, common, _ = _first(
                over.armed.values(), over.counted, event_type, order_id, chance
            )
        return FaultMatch(fault, tried, armed, common)

    @property
    def any_armed(self) -> bool:
        """Whether a fault is armed, here or for all worlds."""
        return bool(self.armed or (self._common and self._common.armed))

    def count(self, match: FaultMatch) -> None:
        """Remember what a request matched."""
        playing = match.fault.id if match.fault else ""
        # The one that plays is the last of the last group that is not empty.
        for item in match.own:
            _count(self._own, item, plays=item == playing and not match.armed + match.common)
            self._own.move_to_end(item)
        while len(self._own) > MAX_COUNTED:
            self._own.popitem(last=False)
        for item in match.armed:
            if item in self.armed:
                _count(self.counted, item, plays=item == playing and not match.common)
        if self._common:
            for item in match.common:
                if item in self._common.armed:
                    _count(self._common.counted, item, plays=item == playing)

    def restore(
        self,
        armed: Iterable[tuple[str, int, int]],
        own: Iterable[tuple[str, int, int]],
        named: int,
    ) -> None:
        """Take over what was counted before a log was compacted: `counted_ones` gives it."""
        self.counted.update({item: (seen, played) for item, seen, played in armed})
        self._own.update({item: (seen, played) for item, seen, played in own})
        self._named = max(self._named, named)

    def counted_ones(
        self,
    ) -> tuple[tuple[tuple[str, int, int], ...], tuple[tuple[str, int, int], ...], int]:
        """What was counted: of armed faults, of those that orders ask for themselves, and the
        highest number that was given to one.
        """
        armed = tuple((item, *counts) for item, counts in self.counted.items())
        return armed, tuple((item, *counts) for item, counts in self._own.items()), self._named

    def counts(self, fault_id: str) -> tuple[int, int]:
        """How many requests an armed fault has seen, and how many it has played."""
        return self.counted.get(fault_id, (0, 0))

    def row(self, fault: Fault) -> dict[str, Any]:
        """An armed fault with how many requests it saw and played."""
        seen, played = self.counts(fault.id)
        return {**fault.to_json(), "seen": seen, "played": played}

    def rows(self) -> list[dict[str, Any]]:
        """The armed faults, oldest first."""
        return [self.row(fault) for fault in self.armed.values()]


def _first(
    faults: Iterable[Fault],
    counts: Mapping[str, tuple[int, int]],
    event_type: str | None,
    order_id: str | None,
    chance: float,
) -> tuple[Fault | None, tuple[str, ...], float]:
    """The first fault that plays, the ids of all that were tried, and the chance for later ones.

    A number that was too high for one fault says something of the next one's chance, too: what is
    left of it is stretched from 0 to 1 again.
    """
    tried: list[str] = []
    for fault in faults:
        if not fault.matches(event_type, order_id):
            continue
        tried.append(fault.id)
        seen_and_played = counts.get(fault.id, (0, 0))
        if fault.plays(*seen_and_played, chance):
            return fault, tuple(tried), chance
        if fault.rate is not None and fault.plays(*seen_and_played, 0):
            chance = (chance - fault.rate) / (1 - fault.rate)
    return None, tuple(tried), chance


def _count(counts: dict[str, tuple[int, int]], fault_id: str, *, plays: bool) -> None:
    seen, played = counts.get(fault_id, (0, 0))
    counts[fault_id] = (seen + 1, played + plays)
