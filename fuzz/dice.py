"""Small choices: rolled from a number, or drawn by Hypothesis. Everything generated asks for them.

One interface for both means that the fast plans of the fuzzer and the public strategies make the
same events.
"""

import random
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Dice(Protocol):
    """A source of choices."""

    def pick(self, count: int) -> int:
        """A number from 0 to `count` - 1; small ones are the simple choices."""


class Rolled:
    """Choices that follow from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose

    def pick(self, count: int) -> int:
        return int(self._random.random() * count)


class Drawn:
    """Choices drawn one by one; `draw` maps a count to a number below it."""

    def __init__(self, draw: Callable[[int], int]) -> None:
        self._draw = draw

    def pick(self, count: int) -> int:
        return self._draw(count) if count > 1 else 0


def one_of(dice: Dice, choices: Sequence[T]) -> T:
    """One of several things; the first is the simplest."""
    return choices[dice.pick(len(choices))]


def chance(dice: Dice, one_in: int) -> bool:
    """True about once in so many times; False is the simple choice."""
    return dice.pick(one_in) == one_in - 1


def some(dice: Dice, things: Sequence[T]) -> list[T]:
    """At least one of them, in their order."""
    mask = dice.pick((1 << len(things)) - 1) + 1
    return [thing for place, thing in enumerate(things) if mask >> place & 1]
