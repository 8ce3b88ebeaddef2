"""How much the memory keeps, and what goes first when there is more.

Everything that grows with the number of requests has a bound; what is let go is counted, so that
no list, verdict or finding pretends that it never was.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from contracts.findings.finding import Severity
from contracts.judging.coverage import Coverage

BYTES_OF_EVENTS = 64 * 1024 * 1024
"""Bodies of accepted events that one world keeps; orders go when there are more."""

BYTES_OF_AN_EVENT = 1000
"""What an accepted event takes beside its body, roughly."""


@dataclass(frozen=True)
class Bounds:
    """How many of each are kept: worlds, and per world orders, idempotency keys and findings."""

    worlds: int = 1000
    orders: int = 10_000
    keys: int = 50_000
    findings: int = 20_000


class KeptOrders:
    """In which order a world's orders go: ended ones first, each group by its latest event.

    The order that an event came for just now goes last, where it is too large all by itself.
    """

    def __init__(self, most: int, most_bytes: int = BYTES_OF_EVENTS) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        # Sizes by order id, the least recently used first.
        self._live: OrderedDict[str, int] = OrderedDict()
        self._ended: OrderedDict[str, int] = OrderedDict()

    def touch(self, order_id: str, size: int, *, ended: bool) -> None:
        """An event of `size` bytes came for that order, which has ended or not."""
        size += BYTES_OF_AN_EVENT
        self._bytes += size
        size += self._live.pop(order_id, 0) + self._ended.pop(order_id, 0)
        (self._ended if ended else self._live)[order_id] = size

    def surplus(self, current: str) -> Iterator[str]:
        """The orders that must go, forgotten here as they are named."""
        while len(self._live) + len(self._ended) > self._most or self._bytes > self._most_bytes:
            gone = self._first(current)
            size = self._ended.pop(gone, None)
            self._bytes -= self._live.pop(gone) if size is None else size
            yield gone

    def _first(self, current: str) -> str:
        """The next to go."""
        for group in (self._ended, self._live):
            for order_id in group:
                if order_id != current:
                    return order_id
        return current


@dataclass
class Evicted:
    """How much was let go. `open_counts` and `coverage` still hold what evicted worlds showed."""

    worlds: int = 0
    orders: int = 0
    events: int = 0
    keys: int = 0
    requests: int = 0
    findings: int = 0
    open_counts: Counter[Severity] = field(default_factory=Counter)
    coverage: Coverage = field(default_factory=Coverage)


class Notices:
    """Says each thing once."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._said: set[str] = set()

    def once(self, flag: str, what: str) -> None:
        """Say that a bound was reached, and which flag raises it."""
        if flag not in self._said:
            self._said.add(flag)
            self._say(f"{what}; {flag} keeps more (this is said once, the counts go on)")
