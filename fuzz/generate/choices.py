"""Small choices, from a seed or drawn by Hypothesis. Whatever is generated follows from them.

With one interface for both, the fast plans of the fuzzer and the public strategies make the same
events.
"""

import random
from collections.abc import Callable, Hashable, Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Choices(Protocol):
    """A source of choices."""

    def pick(self, count: int) -> int:
        """A number from 0 to `count` - 1; small numbers are the simple options."""


class SeededChoices:
    """Choices that follow from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random  # noqa: S311 - repeatable on purpose

    def pick(self, count: int) -> int:
        return int(self._random() * count)


class DrawnChoices:
    """Choices drawn one by one; `draw` maps a count to a number below it."""

    def __init__(self, draw: Callable[[int], int]) -> None:
        self._draw = draw

    def pick(self, count: int) -> int:
        return self._draw(count) if count > 1 else 0


class Shuffler:
    """Shuffled numbers for a whole run: each comes once before any comes again.

    Chance alone would need several times as many tries to reach each of many equal options.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._remaining: dict[Hashable, list[int]] = {}

    def next(self, name: Hashable, count: int) -> int:
        """A number from 0 to `count` - 1; each name and count has its own sequence."""
        remaining = self._remaining.get((name, count))
        if not remaining:
            remaining = self._remaining[name, count] = list(range(count))
            self._random.shuffle(remaining)
        return remaining.pop()


class ShuffledChoices:
    """Choices whose n-th number is shuffled: for actions that always choose the same things."""

    def __init__(self, shuffler: Shuffler, name: Hashable) -> None:
        self._shuffler = shuffler
        self._name = name
        self._picks = 0

    def pick(self, count: int) -> int:
        self._picks += 1
        return self._shuffler.next((self._name, self._picks), count)


def shuffled(shuffler: Shuffler | None, choices: Choices, name: Hashable) -> Choices:
    """Shuffled choices under that name; without a shuffler the choices themselves."""
    return choices if shuffler is None else ShuffledChoices(shuffler, name)


def one_of(choices: Choices, options: Sequence[T]) -> T:
    """One of several options; the first is the simplest."""
    return options[choices.pick(len(options))]


def chance(choices: Choices, one_in: int) -> bool:
    """True about once in so many times; False is the simple choice."""
    return choices.pick(one_in) == one_in - 1


def some(choices: Choices, options: Sequence[T]) -> list[T]:
    """At least one of them, in their order."""
    mask = choices.pick((1 << len(options)) - 1) + 1
    return [option for place, option in enumerate(options) if mask >> place & 1]
