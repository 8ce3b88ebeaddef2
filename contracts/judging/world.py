"""Findings with their states, and a world in memory that judges a sequence without a server.

`FindingLog` is what every keeper of findings uses: it adds, resolves and counts.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import count

from contracts.faults.registry import FaultBook
from contracts.faults.retry_tracking import MOST_REMEMBERED, Unanswered
from contracts.findings.evictions import Forgotten
from contracts.findings.finding import Finding, Resolution, Severity, State
from contracts.http.idempotency import EarlierReply
from contracts.judging.judge import Verdict, World
from contracts.orders.events import OrderPlaced
from contracts.orders.order import Order, Outcome
from contracts.orders.product_index import MAX_ORDERS_NAMED, ProductIndex

BYTES_OF_FINDINGS = 64 * 1024 * 1024
"""How much text one log keeps; a finding may quote an id of 100 kB."""


class FindingLog:
    """The findings of one world, oldest first, of which later events resolve some.

    At most `limit` are kept, and no more than `byte_limit`, but always the newest; the oldest go
    first and are counted in `evicted`. What `open_counts` says includes them, so that a verdict
    never forgets a violation; one that was evicted can no longer be resolved. The length is how
    many were ever added. `numbers` gives each finding its own; logs that are listed together
    share it.
    """

    def __init__(
        self,
        limit: int = 100_000,
        numbers: Iterator[int] | None = None,
        byte_limit: int = BYTES_OF_FINDINGS,
    ) -> None:
        self.open_counts = dict.fromkeys(Severity, 0)
        self.evicted = 0
        self._limit = limit
        self._byte_limit = byte_limit
        self._bytes = 0
        self._added = 0
        self._numbers = numbers or count(1)
        # Ordered: of a plain one the first is found slowly, behind the places of those that went.
        self._kept: OrderedDict[int, tuple[int, Finding]] = OrderedDict()
        self._by_event: dict[str, list[int]] = {}

    def add(self, findings: Iterable[Finding], seq: int, *, of_replay: bool = False) -> None:
        """Keep findings of the request with that number; those of a replay change no event."""
        for finding in findings:
            number = next(self._numbers)
            self._added += 1
            self._bytes += _size(finding)
            self._kept[number] = (seq, finding)
            self.open_counts[finding.severity] += finding.state is State.OPEN
            if not of_replay:
                self._by_event.setdefault(finding.owner, []).append(number)
        while len(self._kept) > self._limit or (
            self._bytes > self._byte_limit and len(self._kept) > 1
        ):
            oldest, (_, gone) = self._kept.popitem(last=False)
            self._bytes -= _size(gone)
            self.evicted += 1
            numbers = self._by_event.get(gone.owner, [])
            if oldest in numbers:
                numbers.remove(oldest)
                if not numbers:
                    del self._by_event[gone.owner]

    def resolve(self, resolutions: Iterable[Resolution]) -> None:
        """Mark what later events settled."""
        for one in resolutions:
            for number in self._by_event.get(one.event_id, ()):
                if one.settles(self._kept[number][1]):
                    seq, finding = self._kept[number]
                    self._kept[number] = (seq, finding.resolved(one.resolved_by, one.message))
                    self.open_counts[finding.severity] -= 1

    def forget(self, event_ids: Iterable[str]) -> None:
        """Let go of events that nobody asks for any more; their findings stay in the list."""
        for one in event_ids:
            self._by_event.pop(one, None)

    def record(self, verdict: Verdict, seq: int) -> None:
        """Keep what a verdict says."""
        self.add(verdict.findings, seq, of_replay=verdict.replayed)
        if verdict.accepted:
            self.add(verdict.accepted.later, seq)
            self.resolve(verdict.accepted.resolutions)
        self.resolve(verdict.settled)

    def of_event(self, event_id: str) -> list[Finding]:
        """The findings of one event; what its replays caused belongs to their requests."""
        return [self._kept[number][1] for number in self._by_event.get(event_id, ())]

    def rows(self) -> Iterator[tuple[int, Finding]]:
        """Every kept finding with its own number, oldest first."""
        for number, (_, finding) in self._kept.items():
            yield number, finding

    def __iter__(self) -> Iterator[Finding]:
        return (finding for _, finding in self._kept.values())

    def __len__(self) -> int:
        return self._added


def _size(finding: Finding) -> int:
    """About how many bytes it holds, the same before and after it is resolved."""
    texts = finding.message, finding.fix, finding.pointer, finding.subject, finding.order_id or ""
    return sum(map(len, texts)) + 700


class ScratchWorld:
    """A world that lives as long as the caller keeps it, over another one if that is given."""

    def __init__(self, base: World | None = None, faults: FaultBook | None = None) -> None:
        self.orders: dict[str, Order] = {}
        self.replies: OrderedDict[str, EarlierReply] = OrderedDict()
        self.faults = faults or FaultBook()
        self._unanswered: dict[str, Unanswered] = {}
        self._products = ProductIndex()
        self.forgotten = base.forgotten if base else Forgotten()
        self._base = base

    def order(self, order_id: str) -> Order | None:
        found = self.orders.get(order_id)
        return found or (self._base.order(order_id) if self._base else None)

    def reply(self, key: str) -> EarlierReply | None:
        found = self.replies.get(key)
        return found or (self._base.reply(key) if self._base else None)

    def unanswered(self, print_: str) -> Unanswered | None:
        found = self._unanswered.get(print_)
        return found or (self._base.unanswered(print_) if self._base else None)

    def orders_with_product(self, product_id: str) -> list[str]:
        older = self._base.orders_with_product(product_id) if self._base else ()
        return [*older, *self._products.orders_with_product(product_id)][-MAX_ORDERS_NAMED:]

    def order_with_protection(self, product_id: str) -> str | None:
        found = self._products.order_with_protection(product_id)
        return found or (self._base.order_with_protection(product_id) if self._base else None)

    def evict(self, order_id: str) -> None:
        """Drop an order, and what is known of its products."""
        self._products.remove(self.orders.pop(order_id))

    def commit(self, verdict: Verdict) -> None:
        """Store what a verdict says."""
        accepted = verdict.accepted
        if accepted:
            for step in accepted.steps:
                if isinstance(step.arrival.event, OrderPlaced) and step.outcome is Outcome.APPLIED:
                    self._products.add(step.after)
            self.orders[accepted.order.order_id] = accepted.order
            if accepted.idempotency:
                key, earlier = accepted.idempotency
                self.replies[key] = earlier
        if verdict.met:
            self.faults.count(verdict.met)
        if verdict.watch:
            print_, unanswered = verdict.watch
            self._unanswered.pop(print_, None)
            if unanswered:
                self._unanswered[print_] = unanswered
            while len(self._unanswered) > MOST_REMEMBERED:
                del self._unanswered[next(iter(self._unanswered))]
