"""The smallest sequence that still fails: delta debugging over recorded things.

Hypothesis shrinks the choices behind a sequence, which costs thousands of requests; dropping
recorded events costs dozens and ends at the same one to three steps.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def minimize(
    things: Sequence[T], fails: Callable[[Sequence[T]], bool], most_tries: int = 400
) -> list[T]:
    """A part of the sequence that still fails and of which nothing can be left out.

    `fails` says whether a part fails in the same way; it is asked at most `most_tries` times, the
    best so far counts then. The whole is taken to fail.
    """
    kept = list(things)
    tries = 0
    size = max(1, len(kept) // 2)
    while True:
        start, shorter = 0, False
        while start < len(kept) and tries < most_tries:
            part = kept[:start] + kept[start + size :]
            tries += 1
            if part and fails(part):
                kept, shorter = part, True
            else:
                start += size
        if tries >= most_tries or (size == 1 and not shorter):
            return kept
        size = max(1, size // 2) if not shorter or size > 1 else 1


def simplify(
    thing: T, simpler: Callable[[T], Sequence[T]], fails: Callable[[T], bool], most_tries: int = 100
) -> T:
    """The simplest form of one thing that still fails, by taking simpler ones while they do."""
    tries = 0
    found = True
    while found and tries < most_tries:
        found = False
        for candidate in simpler(thing):
            tries += 1
            if fails(candidate):
                thing, found = candidate, True
                break
            if tries >= most_tries:
                break
    return thing
