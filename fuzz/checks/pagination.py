"""The lists of a hakuna-mock's control API must agree with themselves: pages, filters, totals."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from fuzz.checks.reply import CheckFailure
from fuzz.client.control_client import MAX_PAGE_SIZE, Row
from fuzz.client.http_client import Reply
from fuzz.client.target_session import TargetSession

DEFAULT_PAGE_SIZE = 100

T = TypeVar("T")


class ListReader:
    """Reads one world's lists. Reading every page size and filter each time would take long.

    `turn` is a number that differs from one reading to the next: it selects one page size and one
    filter, so that many readings cover all of them. None reads all at once.
    """

    def __init__(self, session: TargetSession, world: str, turn: int | None) -> None:
        self._control = session.control
        self._world = world
        self._turn = turn

    def get(self, path: str) -> Reply:
        """Make one call."""
        return self._control.call("GET", path, self._world)

    def selected(self, options: Sequence[T]) -> Sequence[T]:
        """Which of several possibilities this turn reads."""
        if self._turn is None or not options:
            return options
        return (options[self._turn % len(options)],)

    def all(self, path: str) -> tuple[Reply, list[Row]]:
        """A whole list: without a limit every second time, where the default page holds it."""
        default = self._turn is None or (self._turn % 2 and self._turn <= DEFAULT_PAGE_SIZE // 4)
        reply = self.get(path if default else f"{path}?limit={MAX_PAGE_SIZE}")
        if self._turn is None and "hakuna-mock-next" in reply.headers:
            reply = self.get(f"{path}?limit={MAX_PAGE_SIZE}")
        return reply, rows_of(reply)

    def page_failures(
        self, path: str, rows: list[Row], name: str, check: str
    ) -> Iterator[CheckFailure]:
        """The pages together must be the list, and each page must name the next."""
        for size in self.selected(range(1, len(rows) + 1)):
            yield from self._failures_in_pages(size, path, rows, name, check)

    def _failures_in_pages(
        self, size: int, path: str, rows: list[Row], name: str, check: str
    ) -> Iterator[CheckFailure]:
        paged: list[Any] = []
        after: str | None = None
        for _ in range(len(rows) + 1):
            reply = self.get(f"{path}?limit={size}" + (f"&after={after}" if after else ""))
            page = rows_of(reply)
            paged += [row.get(name) for row in page]
            after = reply.headers.get("hakuna-mock-next")
            yield from total_failures(reply, path, len(rows))
            if len(page) > size or (after is not None and len(page) < size):
                yield CheckFailure(check, f"pages of {size} rows", len(page))
                return
            if after is None or len(paged) > len(rows):
                break
        expected = [row.get(name) for row in rows]
        if paged != expected:
            text = f"pages of {size} rows that make up {path}: {expected}"
            yield CheckFailure(check, text, paged)

    def filter_failures(
        self, path: str, rows: list[Row], names: Sequence[str], check: str
    ) -> Iterator[CheckFailure]:
        """A filtered list must be what the filter leaves of the list."""
        for name in self.selected(names):
            values = [row.get(name) for row in self.selected(rows)]
            for value in dict.fromkeys(value for value in values if value is not None):
                yield from self._failures_when_filtered(path, rows, name, value, check)

    def _failures_when_filtered(
        self, path: str, rows: list[Row], name: str, value: Any, check: str
    ) -> Iterator[CheckFailure]:
        reply = self.get(f"{path}?{name}={quote(str(value), safe='')}&limit={MAX_PAGE_SIZE}")
        expected = [row for row in rows if row.get(name) == value]
        if rows_of(reply) != expected:
            actual = [row.get(name) for row in rows_of(reply)]
            text = f"{len(expected)} of {path} where {name} is {value}"
            yield CheckFailure(check, text, actual)
            return
        yield from total_failures(reply, path, len(expected))


def rows_of(reply: Reply) -> list[Row]:
    """The rows of a list; none if it is not a list."""
    rows = reply.json() if reply.status == 200 else []
    return rows if isinstance(rows, list) else []


def total_failures(reply: Reply, path: str, count: int) -> Iterator[CheckFailure]:
    """The header must count the whole list."""
    total = reply.headers.get("hakuna-mock-total")
    if total != str(count):
        yield CheckFailure("counts", f"Hakuna-Mock-Total: {count} of {path}", total)
