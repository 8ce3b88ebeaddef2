"""The smallest sequence that still fails: delta debugging over recorded items.

Hypothesis shrinks the choices behind a sequence, which costs thousands of requests. Dropping
recorded items costs dozens, and ends at the same one to three steps.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def minimize(
    items: Sequence[T], fails: Callable[[Sequence[T]], bool], max_tries: int = 400
) -> list[T]:
    """A part of the sequence that still fails, and of which nothing can be left out.

    `fails` tells whether a part fails in the same way. It is called at most `max_tries` times; then
    the smallest part so far counts. The whole sequence is assumed to fail.
    """
    kept = list(items)
    tries = 0
    size = max(1, len(kept) // 2)
    while True:
        start, shorter = 0, False
        while start < len(kept) and tries < max_tries:
            part = kept[:start] + kept[start + size :]
            tries += 1
            if part and fails(part):
                kept, shorter = part, True
            else:
                start += size
        if tries >= max_tries or (size == 1 and not shorter):
            return kept
        size = max(1, size // 2) if not shorter or size > 1 else 1


def simplify(
    item: T, simpler: Callable[[T], Sequence[T]], fails: Callable[[T], bool], max_tries: int = 100
) -> T:
    """The simplest form of one item that still fails; `simpler` gives the forms to try next."""
    tries = 0
    found = True
    while found and tries < max_tries:
        found = False
        for candidate in simpler(item):
            tries += 1
            if fails(candidate):
                item, found = candidate, True
                break
            if tries >= max_tries:
                break
    return item
