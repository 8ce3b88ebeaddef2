"""Rows under rising numbers: what lists, pages and live views read without walking the past."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from typing import Generic, TypeVar

Row = TypeVar("Row")


class NumberedRows(Generic[Row]):
    """Rows in the order of their numbers; a new one is nearly always the highest.

    Finding a place costs the same however many rows there are.
    """

    __slots__ = ("_numbers", "_rows", "_start")

    def __init__(self) -> None:
        # Numbers of rows that were removed stay until they are as many as the others; those before
        # `_start` are gone, so that the oldest row is found at once.
        self._numbers: list[int] = []
        self._start = 0
        self._rows: dict[int, Row] = {}

    def add(self, number: int, row: Row) -> None:
        """Add a row, at the end unless it comes late."""
        if self._numbers and number < self._numbers[-1]:
            insort(self._numbers, number, self._start)
        else:
            self._numbers.append(number)
        self._rows[number] = row

    def replace(self, number: int, row: Row) -> None:
        """Put another row in the place of one that is there."""
        self._rows[number] = row

    def discard(self, number: int) -> None:
        """Remove a row, if it is there."""
        if number not in self._rows:
            return
        del self._rows[number]
        while self._start < len(self._numbers) and self._numbers[self._start] not in self._rows:
            self._start += 1
        if len(self._numbers) > 2 * len(self._rows) + 64:
            self._numbers = [item for item in self._numbers[self._start :] if item in self._rows]
            self._start = 0

    def pop_oldest(self) -> tuple[int, Row]:
        """Remove the first row."""
        number = self._numbers[self._start]
        row = self._rows[number]
        self.discard(number)
        return number, row

    def get(self, number: int) -> Row | None:
        """The row with that number."""
        return self._rows.get(number)

    def after(self, number: int) -> Iterator[tuple[int, Row]]:
        """The rows with higher numbers, lowest first."""
        for place in range(bisect_right(self._numbers, number, self._start), len(self._numbers)):
            item = self._numbers[place]
            if item in self._rows:
                yield item, self._rows[item]

    def before(self, number: int) -> Iterator[tuple[int, Row]]:
        """The rows with lower numbers, highest first."""
        for place in range(bisect_left(self._numbers, number) - 1, self._start - 1, -1):
            item = self._numbers[place]
            if item in self._rows:
                yield item, self._rows[item]

    @property
    def newest(self) -> Row | None:
        """The last row."""
        return next((row for _, row in self.before(1 << 63)), None)

    def unordered(self) -> list[tuple[int, Row]]:
        """All rows with their numbers, in no particular order: the fastest way to hold them all."""
        return list(self._rows.items())

    @property
    def last_number(self) -> int:
        """No row has a higher number than this; 0 where there was none."""
        return self._numbers[-1] if self._numbers else 0

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        return self.after(-1)

    def __len__(self) -> int:
        return len(self._rows)
