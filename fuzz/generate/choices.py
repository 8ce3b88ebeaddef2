"""Small choices: rolled from a number, or drawn by Hypothesis. Everything generated asks for them.

One interface for both means that the fast plans of the fuzzer and the public strategies make the
same events.
"""

import random
from collections.abc import Callable, Hashable, Sequence
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


class Deck:
    """Choices dealt like cards over a whole run: each comes once before any comes again.

    Of many equal choices chance alone needs several times as many tries to make each.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._left: dict[Hashable, list[int]] = {}

    def deal(self, name: Hashable, count: int) -> int:
        """A number from 0 to `count` - 1, those of a name and count one after the other."""
        left = self._left.get((name, count))
        if not left:
            left = self._left[name, count] = list(range(count))
            self._random.shuffle(left)
        return left.pop()


class Dealt:
    """Dice whose n-th choice is dealt: for moves that always ask for the same things."""

    def __init__(self, deck: Deck, name: Hashable) -> None:
        self._deck = deck
        self._name = name
        self._picks = 0

    def pick(self, count: int) -> int:
        self._picks += 1
        return self._deck.deal((self._name, self._picks), count)


def dealt(deck: Deck | None, dice: Dice, name: Hashable) -> Dice:
    """Dice that deal the choices which go by that name, where there is a deck; else the dice."""
    return dice if deck is None else Dealt(deck, name)


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
