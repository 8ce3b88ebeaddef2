"""The lists of a hakuna-mock's control API, which must agree with themselves: pages and filters."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from fuzz.checks.reply import Problem
from fuzz.client.http_client import Reply
from fuzz.client.target_session import Line

MOST = 1000
"""Rows of one page at most (design section 6)."""

Row = dict[str, Any]
T = TypeVar("T")


class Lists:
    """One world's lists. `turn` is a number that differs from look to look: each look reads one
    page size and one filter, so that many looks read all of them; None reads all at once.
    """

    def __init__(self, line: Line, world: str, turn: int | None) -> None:
        self._line = line
        self._world = world
        self._turn = turn

    def get(self, path: str) -> Reply:
        """One call."""
        return self._line.control.call("GET", path, self._world)

    def chosen(self, choices: Sequence[T]) -> Sequence[T]:
        """What this look reads of several possibilities."""
        if self._turn is None or not choices:
            return choices
        return (choices[self._turn % len(choices)],)

    def all(self, path: str) -> tuple[Reply, list[Row]]:
        """A whole list: every second look asks for no limit, where the usual one suffices."""
        usual = self._turn is None or (self._turn % 2 and self._turn <= 25)
        reply = self.get(path if usual else f"{path}?limit={MOST}")
        if self._turn is None and "hakuna-mock-next" in reply.headers:
            reply = self.get(f"{path}?limit={MOST}")
        return reply, rows_of(reply)

    def pages(self, path: str, rows: list[Row], name: str, check: str) -> Iterator[Problem]:
        """The list in pages is the list, and each page names the next."""
        for size in self.chosen(range(1, len(rows) + 1)):
            yield from self._in_pages(size, path, rows, name, check)

    def _in_pages(
        self, size: int, path: str, rows: list[Row], name: str, check: str
    ) -> Iterator[Problem]:
        paged: list[Any] = []
        after: str | None = None
        for _ in range(len(rows) + 1):
            reply = self.get(f"{path}?limit={size}" + (f"&after={after}" if after else ""))
            page = rows_of(reply)
            paged += [row.get(name) for row in page]
            after = reply.headers.get("hakuna-mock-next")
            yield from total_problem(reply, path, len(rows))
            if len(page) > size or (after is not None and len(page) < size):
                yield Problem(check, f"pages of {size} rows", len(page))
                return
            if after is None or len(paged) > len(rows):
                break
        must = [row.get(name) for row in rows]
        if paged != must:
            yield Problem(check, f"pages of {size} rows that make up {path}: {must}", paged)

    def filters(
        self, path: str, rows: list[Row], names: Sequence[str], check: str
    ) -> Iterator[Problem]:
        """A list under a filter is what the filter leaves of the list."""
        for name in self.chosen(names):
            values = [row.get(name) for row in self.chosen(rows)]
            for value in dict.fromkeys(one for one in values if one is not None):
                yield from self._filtered(path, rows, name, value, check)

    def _filtered(
        self, path: str, rows: list[Row], name: str, value: Any, check: str
    ) -> Iterator[Problem]:
        reply = self.get(f"{path}?{name}={quote(str(value), safe='')}&limit={MOST}")
        must = [row for row in rows if row.get(name) == value]
        if rows_of(reply) != must:
            got = [row.get(name) for row in rows_of(reply)]
            yield Problem(check, f"{len(must)} of {path} where {name} is {value}", got)
            return
        yield from total_problem(reply, path, len(must))


def rows_of(reply: Reply) -> list[Row]:
    """The rows of a list, none where it is no list."""
    rows = reply.json() if reply.status == 200 else []
    return rows if isinstance(rows, list) else []


def total_problem(reply: Reply, path: str, count: int) -> Iterator[Problem]:
    """The header that counts the whole list."""
    total = reply.headers.get("hakuna-mock-total")
    if total != str(count):
        yield Problem("counts", f"Hakuna-Mock-Total: {count} of {path}", total)
