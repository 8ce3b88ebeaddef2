"""Drawing through one small door, from Hypothesis or from a plain random source."""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


class Chooser:
    """Draws through a function that gives a number below its argument."""

    def __init__(self, below: Callable[[int], int]) -> None:
        self.below = below

    def of(self, options: Sequence[T]) -> T:
        """One of them, the first the simplest."""
        return options[self.below(len(options))]

    def chance(self, one_in: int) -> bool:
        """True once in so many times; shrinks to False."""
        return self.below(one_in) == one_in - 1

    def some(self, least: int, most: int) -> int:
        """A number in these bounds."""
        return least + self.below(most - least + 1)
