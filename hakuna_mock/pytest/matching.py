"""What was received against what was hoped for: events that hold some members, with the nearest."""

from collections.abc import Mapping
from typing import Any

from contracts.json_text.pointer import child
from contracts.printable import printable
from contracts.suggestions import hint

_MOST_SHOWN = 80


def difference(wanted: Any, got: Any, place: str = "") -> str | None:
    """Where a value does not hold the wanted one, in words; None where it does.

    Of objects the named members count, of lists each wanted item needs one of its own, in any
    order; all else is equal or not.
    """
    if isinstance(wanted, Mapping) and isinstance(got, Mapping):
        for name, value in wanted.items():
            if name not in got:
                return f"{child(place, name)} is missing{hint(str(name), got)}"
            said = difference(value, got[name], child(place, name))
            if said:
                return said
        return None
    if isinstance(wanted, list | tuple) and isinstance(got, list):
        return _missing_item(wanted, got, place)
    # In JSON true is not 1.
    equal = wanted is got if isinstance(wanted, bool) or isinstance(got, bool) else wanted == got
    return None if equal else f"{place or '/'} is {shown(got)}, not {shown(wanted)}"


def _missing_item(wanted: list[Any] | tuple[Any, ...], got: list[Any], place: str) -> str | None:
    taken: dict[int, int] = {}  # place in `got` -> place in `wanted`

    def seat(one: int, tried: set[int]) -> bool:
        """Find an item for the wanted one, moving others where needed (Kuhn's matching)."""
        for spot, item in enumerate(got):
            if spot in tried or difference(wanted[one], item):
                continue
            tried.add(spot)
            if spot not in taken or seat(taken[spot], tried):
                taken[spot] = one
                return True
        return False

    for one in range(len(wanted)):
        if not seat(one, set()):
            if len(wanted) == len(got) == 1:
                return difference(wanted[0], got[0], child(place, 0))
            return f"{place} has no item for {shown(wanted[one])}"
    return None


def shown(value: Any) -> str:
    """A value as it may stand in a message."""
    return printable(repr(value), _MOST_SHOWN)


def in_words(kind: str, count: int | None, subset: Mapping[str, Any], within: float) -> str:
    """What was hoped for."""
    number = "at least one" if count is None else "no" if count == 0 else str(count)
    having = ", ".join(f"{name}={shown(value)}" for name, value in subset.items())
    return (
        f"expected {number} {kind}"
        + (f" with {having}" if having else "")
        + (f" within {within:g} s" if within else "")
    )
