"""How much a world keeps, and what is evicted first when there is more.

Everything that grows with the number of requests has a bound; what is evicted is counted, so that
no list, verdict or finding pretends that it never was.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

MAX_EVENT_BYTES = 64 * 1024 * 1024
"""Bodies of accepted events that one world keeps; orders are evicted when there are more."""

EVENT_OVERHEAD = 1000
"""Bytes that an accepted event takes beside its body, roughly."""


@dataclass(frozen=True)
class Bounds:
    """How many of each are kept: worlds, and per world orders, idempotency keys, findings, journal
    entries, and bytes of events.
    """

    worlds: int = 1000
    orders: int = 10_000
    keys: int = 50_000
    findings: int = 20_000
    journal: int = 10_000
    event_bytes: int = MAX_EVENT_BYTES


UNBOUNDED = Bounds(*[10**15] * 6)
"""For sequences that are judged once and then forgotten: `check`, scenarios, dry runs."""


class KeptOrders:
    """In which order a world's orders are evicted: ended ones first, each group by its latest
    event.

    The order whose event has just arrived goes last, where it is too large all by itself.
    """

    def __init__(self, limit: int, byte_limit: int = MAX_EVENT_BYTES) -> None:
        self._limit = limit
        self._byte_limit = byte_limit
        self._bytes = 0
        # Sizes by order id, the least recently used first.
        self._live: OrderedDict[str, int] = OrderedDict()
        self._ended: OrderedDict[str, int] = OrderedDict()

    def touch(self, order_id: str, size: int) -> None:
        """An event with a body of `size` bytes was accepted for that order."""
        size += EVENT_OVERHEAD
        self._bytes += size
        group = self._ended if order_id in self._ended else self._live
        group[order_id] = size + group.pop(order_id, 0)

    def end(self, order_id: str) -> None:
        """The order is closed or cancelled."""
        size = self._live.pop(order_id, None)
        if size is not None:
            self._ended[order_id] = size

    def remove(self, order_id: str) -> None:
        """The order was evicted."""
        self._bytes -= self._live.pop(order_id, 0) + self._ended.pop(order_id, 0)

    def surplus(self, current: str) -> Iterator[str]:
        """The orders to evict one after the other; each must be removed before the next is asked
        for.
        """
        while self._live or self._ended:
            if (
                len(self._live) + len(self._ended) <= self._limit
                and self._bytes <= self._byte_limit
            ):
                return
            yield self._first(current)

    def _first(self, current: str) -> str:
        for group in (self._ended, self._live):
            for order_id in group:
                if order_id != current:
                    return order_id
        return current
