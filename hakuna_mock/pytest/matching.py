"""What was received against what was expected: events with some members, and the nearest miss."""

from collections.abc import Mapping
from typing import Any

from contracts.json_text.pointer import child
from contracts.printable import printable
from contracts.suggestions import hint

MAX_SHOWN = 80


def difference(expected: Any, actual: Any, pointer: str = "") -> str | None:
    """Where a value does not contain the expected one, in words; None where it does.

    Of objects only the expected members count; each expected item of a list needs an item of its
    own, in any order; everything else is equal or not.
    """
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for name, value in expected.items():
            if name not in actual:
                return f"{child(pointer, name)} is missing{hint(str(name), actual)}"
            problem = difference(value, actual[name], child(pointer, name))
            if problem:
                return problem
        return None
    if isinstance(expected, list | tuple) and isinstance(actual, list):
        return _missing_item(expected, actual, pointer)
    # In JSON true is not 1.
    has_boolean = isinstance(expected, bool) or isinstance(actual, bool)
    equal = expected is actual if has_boolean else expected == actual
    return None if equal else f"{pointer or '/'} is {rendered(actual)}, not {rendered(expected)}"


def _missing_item(
    expected: list[Any] | tuple[Any, ...], actual: list[Any], pointer: str
) -> str | None:
    taken: dict[int, int] = {}  # index in `actual` -> index in `expected`

    def assign(index: int, tried: set[int]) -> bool:
        """Find an item for an expected one, reassigning others where needed (Kuhn's matching)."""
        for place, item in enumerate(actual):
            if place in tried or difference(expected[index], item):
                continue
            tried.add(place)
            if place not in taken or assign(taken[place], tried):
                taken[place] = index
                return True
        return False

    for index, item in enumerate(expected):
        if not assign(index, set()):
            if len(expected) == len(actual) == 1:
                return difference(item, actual[0], child(pointer, 0))
            return f"{pointer} has no item for {rendered(item)}"
    return None


def rendered(value: Any) -> str:
    """A value, made safe and short for a message."""
    return printable(repr(value), MAX_SHOWN)


def in_words(event_type: str, count: int | None, subset: Mapping[str, Any], within: float) -> str:
    """What was expected."""
    number = "at least one" if count is None else "no" if count == 0 else str(count)
    having = ", ".join(f"{name}={rendered(value)}" for name, value in subset.items())
    return (
        f"expected {number} {event_type}"
        + (f" with {having}" if having else "")
        + (f" within {within:g} s" if within else "")
    )
