"""The faults of one world, and how often each has been met. Chance is an argument, so the same
requests meet the same faults.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.faults.catalogue import FaultError
from contracts.faults.fault import Fault

MOST_ARMED = 100
"""So many faults a world may hold."""

MOST_COUNTED = 10_000
"""Of so many orders the faults are counted that they ask for themselves; the oldest go first."""


@dataclass(frozen=True)
class Met:
    """What faults say of one request: the one that plays, and all that it was put to.

    `own` are those it asked for itself, `armed` and `common` those of its world and of all worlds.
    """

    fault: Fault | None = None
    own: tuple[str, ...] = ()
    armed: tuple[str, ...] = ()
    common: tuple[str, ...] = ()


class FaultBook:
    """Armed faults by id, over those of all worlds (`common`)."""

    def __init__(self, common: "FaultBook | None" = None) -> None:
        self.armed: dict[str, Fault] = {}
        self._common = common
        self.counted: dict[str, tuple[int, int]] = {}
        self._own: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._made = 0

    def new_id(self) -> str:
        """An id that no fault of this book has."""
        self._made += 1
        made = f"fault-{self._made}"
        return self.new_id() if made in self.armed else made

    def add(self, fault: Fault) -> None:
        """Arm a fault; one of the same id is replaced. FaultError where there are too many.

        The oldest one that has played as often as it was to makes room.
        """
        if fault.id not in self.armed and len(self.armed) >= MOST_ARMED:
            spent = next((one.id for one in self.armed.values() if self._is_spent(one)), None)
            if spent is None:
                raise FaultError(f"{MOST_ARMED} faults are armed already; delete some")
            self.remove(spent)
        self.armed[fault.id] = fault
        self.counted[fault.id] = (0, 0)

    def _is_spent(self, fault: Fault) -> bool:
        return fault.times is not None and self.counts(fault.id)[1] >= fault.times

    def remove(self, fault_id: str) -> bool:
        """Disarm a fault; False where there is none."""
        self.counted.pop(fault_id, None)
        return self.armed.pop(fault_id, None) is not None

    def clear(self) -> None:
        """Disarm all, and forget what was counted."""
        self.armed.clear()
        self.counted.clear()
        self._own.clear()

    def meet(
        self, own: Iterable[Fault], kind: str | None, order_id: str | None, dice: float
    ) -> Met:
        """What a request meets, the strongest first: what it asks for itself (`own`), then the
        world's faults, then those of all worlds. Nothing is counted yet.
        """
        fault, asked, dice = _first(own, self._own, kind, order_id, dice)
        if fault:
            return Met(fault, own=asked)
        common: tuple[str, ...] = ()
        fault, armed, dice = _first(self.armed.values(), self.counted, kind, order_id, dice)
        if not fault and self._common:
            over = self._common
            fault, common, _ = _first(over.armed.values(), over.counted, kind, order_id, dice)
        return Met(fault, asked, armed, common)

    def count(self, met: Met) -> None:
        """Remember what a request met."""
        playing = met.fault.id if met.fault else ""
        # The one that plays stands last in the last group that is not empty.
        for one in met.own:
            _count(self._own, one, plays=one == playing and not met.armed + met.common)
            self._own.move_to_end(one)
        while len(self._own) > MOST_COUNTED:
            self._own.popitem(last=False)
        for one in met.armed:
            _count(self.counted, one, plays=one == playing and not met.common)
        if self._common:
            for one in met.common:
                _count(self._common.counted, one, plays=one == playing)

    def counts(self, fault_id: str) -> tuple[int, int]:
        """How many requests an armed fault has seen, and how many it has played."""
        return self.counted.get(fault_id, (0, 0))

    def rows(self) -> list[dict[str, Any]]:
        """The armed faults with how many requests they saw and played."""
        rows = []
        for fault in self.armed.values():
            seen, played = self.counts(fault.id)
            rows.append({**fault.to_json(), "seen": seen, "played": played})
        return rows


def _first(
    faults: Iterable[Fault],
    counts: Mapping[str, tuple[int, int]],
    kind: str | None,
    order_id: str | None,
    dice: float,
) -> tuple[Fault | None, tuple[str, ...], float]:
    """The first fault that plays, the ids of all that were asked up to it, and the dice for more.

    A throw that was too high for one fault says something of the next one's chance, too: what is
    left of it is stretched from 0 to 1 again.
    """
    asked: list[str] = []
    for fault in faults:
        if not fault.matches(kind, order_id):
            continue
        asked.append(fault.id)
        seen_and_played = counts.get(fault.id, (0, 0))
        if fault.plays(*seen_and_played, dice):
            return fault, tuple(asked), dice
        if fault.rate is not None and fault.plays(*seen_and_played, 0):
            dice = (dice - fault.rate) / (1 - fault.rate)
    return None, tuple(asked), dice


def _count(counts: dict[str, tuple[int, int]], fault_id: str, *, plays: bool) -> None:
    seen, played = counts.get(fault_id, (0, 0))
    counts[fault_id] = (seen + 1, played + plays)
