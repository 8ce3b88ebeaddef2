"""Shipments that arrive after an event that ended their units, although they happened before it.

Queues overtake each other: a refund is received first, the shipment that came before it second.
Each line remembers which events ended units that had not shipped, so that such a shipment can be
told from one of units that never existed. The memory is bounded.
"""

from collections.abc import Iterable
from dataclasses import field

from contracts.timing.rfc3339 import Instant
from contracts.values import dataclass, replace

MAX_ENDINGS = 8
"""How many endings a line remembers; each event costs as much as the first."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Units that an event refunded or cancelled before they shipped; `at` is its own time.

    The id is for people; endings are equal where they count the same.
    """

    event_id: str = field(compare=False)
    at: Instant
    units: int


def remember(endings: Iterable[Ending], ending: Ending) -> tuple[Ending, ...]:
    """The endings with one more, earliest first.

    Beyond the bound the two earliest become one at the earlier time: a shipment may then count as
    excessive that was only late, but never the other way round.
    """
    known = sorted((*endings, ending), key=lambda item: item.at)
    if len(known) > MAX_ENDINGS:
        first, second, *rest = known
        known = [replace(first, units=first.units + second.units), *rest]
    return tuple(known)


def overtaken(
    endings: Iterable[Ending], excess: int, shipped_at: Instant
) -> tuple[tuple[Ending, ...], tuple[Ending, ...]]:
    """The endings that explain an excess of units shipped at that time, and those that are left.

    Only endings later than the shipment explain it, the earliest of them first, each unit once.
    Nothing is explained where they do not suffice for the whole excess.
    """
    known = tuple(endings)
    if not 0 < excess <= sum(item.units for item in known if item.at > shipped_at):
        return (), known
    explaining, left = [], []
    for item in known:
        units = min(excess, item.units) if item.at > shipped_at else 0
        excess -= units
        if units:
            explaining.append(replace(item, units=units))
        if units < item.units:
            left.append(replace(item, units=item.units - units))
    return tuple(explaining), tuple(left)
