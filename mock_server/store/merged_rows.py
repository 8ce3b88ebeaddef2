"""Rows of several worlds as one list, by their numbers."""

from collections.abc import Callable, Iterable, Iterator
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import TypeVar

from contracts.numbered_rows import NumberedRows

Row = TypeVar("Row")


def page_of(
    lists: Iterable[tuple[str | None, NumberedRows[Row]]],
    after: int,
    limit: int,
    matches: Callable[[Row], bool] | None,
) -> tuple[list[tuple[int, str | None, Row]], int, bool]:
    """The rows after a number, how many match in all, and whether more follow."""
    lists = list(lists)
    rows = merged_rows(lists, after)
    if matches is None:
        total = sum(len(item) for _, item in lists)
    else:
        total = sum(matches(row) for _, item in lists for _, row in item)
        rows = (row for row in rows if matches(row[2]))
    found = list(islice(rows, limit + 1))
    return found[:limit], total, len(found) > limit


def merged_rows(
    lists: list[tuple[str | None, NumberedRows[Row]]], after: int
) -> Iterator[tuple[int, str | None, Row]]:
    """Rows of several worlds by number."""
    streams = [
        _with_world(item, rows.after(after)) for item, rows in lists if rows.last_number > after
    ]
    return streams[0] if len(streams) == 1 else merge(*streams, key=itemgetter(0))


def newest_first(
    lists: Iterable[tuple[str | None, NumberedRows[Row]]], before: int
) -> Iterator[tuple[int, str | None, Row]]:
    """The same, highest number first."""
    streams = [_with_world(item, rows.before(before)) for item, rows in lists]
    return merge(*streams, key=itemgetter(0), reverse=True)


def _with_world(
    world_id: str | None, rows: Iterable[tuple[int, Row]]
) -> Iterator[tuple[int, str | None, Row]]:
    for number, row in rows:
        yield number, world_id, row
