"""A world in memory: what was stored of one API key. Only `apply` changes it."""

from collections import Counter, OrderedDict
from collections.abc import Iterator
from dataclasses import field

from contracts.drift.drift import Drift
from contracts.faults.registry import FaultRegistry
from contracts.faults.retry_tracking import Unanswered
from contracts.findings.at_stake import OrderStakes
from contracts.findings.evictions import Evictions
from contracts.findings.finding_log import FindingLog
from contracts.http.idempotency import EarlierReply
from contracts.numbered_rows import NumberedRows
from contracts.orders.history import EventRecord
from contracts.orders.order import Order
from contracts.orders.product_index import MAX_ORDERS_NAMED, ProductIndex
from contracts.timing.rfc3339 import Instant
from contracts.values import dataclass
from contracts.worlds.coverage import Coverage
from contracts.worlds.journal import Journal
from contracts.worlds.policy import Policy
from contracts.worlds.retention import UNBOUNDED, Bounds, KeptOrders

EMPTY_COST, REPLY_COST, RETRY_COST = 12_000, 400, 1_500
"""Bytes of an empty world, of an idempotency key, and of an event that waits for its retry."""


@dataclass(slots=True)
class OrderHistory:
    """The accepted events of one order, oldest first, and the first one of each fingerprint."""

    received: int = 0
    events: NumberedRows[EventRecord] = field(default_factory=NumberedRows)
    first_by_fingerprint: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """A run of somebody's tests: the requests after a number, up to the next run."""

    after: int
    started_at: Instant


MAX_RUNS = 20


class World:
    """The state of one API key: what `judge` reads, and what people look at.

    With a `base` it is a world over another one that stays as it is: for dry runs. `common` are the
    faults of all worlds. Without `keeps_events` only what judging needs is kept: `check` reads
    files that are larger than the memory.
    """

    def __init__(
        self,
        policy: Policy | None = None,
        bounds: Bounds = UNBOUNDED,
        *,
        common: FaultRegistry | None = None,
        base: "World | None" = None,
        keeps_events: bool = True,
    ) -> None:
        self.policy: Policy = policy or (base.policy if base else Policy())
        self.bounds = bounds
        self.faults = FaultRegistry(common)
        self.base = base
        self.keeps_events = keeps_events
        self.clear()

    def clear(self) -> None:
        """Forget everything but the settings."""
        self.orders: dict[str, Order] = {}
        self.histories: dict[str, OrderHistory] = {}
        self.events = NumberedRows[EventRecord]()
        self.event_numbers: dict[str, int] = {}
        self.placements = NumberedRows[str]()
        self.products = ProductIndex()
        self.replies: OrderedDict[str, EarlierReply] = OrderedDict()
        self.retries: OrderedDict[str, Unanswered | None] = OrderedDict()
        self.findings = FindingLog(self.bounds.findings)
        self.stakes: dict[str, OrderStakes] = {}
        self.at_stake: Counter[str] = Counter()
        self.runs: tuple[Run, ...] = ()
        self.journal = Journal(self.bounds.journal)
        self.coverage = Coverage()
        self.drift = Drift()
        self.kept = KeptOrders(self.bounds.orders, self.bounds.event_bytes)
        self.evictions: Evictions = self.base.evictions if self.base else Evictions()
        self.faults.clear()

    @property
    def bytes(self) -> int:
        """About how many bytes it takes in memory."""
        others = REPLY_COST * len(self.replies) + RETRY_COST * len(self.retries)
        kept = self.kept.bytes + self.journal.bytes + self.findings.bytes
        return kept + self.drift.bytes + others + EMPTY_COST

    @property
    def exceeds_bounds(self) -> bool:
        """Whether it holds more orders, events or idempotency keys than it may."""
        return self.kept.exceeds or len(self.replies) > self.bounds.keys

    def order(self, order_id: str) -> Order | None:
        """The order with this id, also one that only has waiting events; None if never heard of."""
        found = self.orders.get(order_id)
        return found or (self.base.order(order_id) if self.base else None)

    def events_received(self, order_id: str) -> int:
        """How many events of that order were accepted."""
        own = self.histories.get(order_id)
        earlier = self.base.events_received(order_id) if self.base else 0
        return earlier + (own.received if own else 0)

    def first_event(self, order_id: str, fingerprint: str) -> str | None:
        """The first accepted event of that order with an equal body."""
        if self.base and (found := self.base.first_event(order_id, fingerprint)):
            return found
        own = self.histories.get(order_id)
        return own.first_by_fingerprint.get(fingerprint) if own else None

    def orders_with_product(self, product_id: str) -> list[str]:
        """The latest orders that have a line of this product, plans aside."""
        earlier = self.base.orders_with_product(product_id) if self.base else []
        return [*earlier, *self.products.orders_with_product(product_id)][-MAX_ORDERS_NAMED:]

    def order_with_protection(self, product_id: str) -> str | None:
        """The latest order in which a line of this product protected another product."""
        found = self.products.order_with_protection(product_id)
        return found or (self.base.order_with_protection(product_id) if self.base else None)

    def reply(self, key: str) -> EarlierReply | None:
        """The accepted request that this idempotency key names."""
        found = self.replies.get(key)
        return found or (self.base.reply(key) if self.base else None)

    @property
    def has_unanswered(self) -> bool:
        """Whether any event got no answer."""
        return bool(self.retries) or (self.base is not None and self.base.has_unanswered)

    def unanswered(self, fingerprint: str) -> Unanswered | None:
        """What is remembered of an event with that fingerprint that got no answer."""
        if fingerprint in self.retries:
            return self.retries[fingerprint]
        return self.base.unanswered(fingerprint) if self.base else None

    def order_stakes(self, order_id: str) -> OrderStakes | None:
        """What the open findings of an order stake; None where none ever did."""
        found = self.stakes.get(order_id)
        return found or (self.base.order_stakes(order_id) if self.base else None)

    def own_stakes(self, order_id: str) -> OrderStakes:
        """The same, to be changed: those of a world below stay as they are."""
        if order_id not in self.stakes:
            earlier = self.base.order_stakes(order_id) if self.base else None
            self.stakes[order_id] = earlier.copy() if earlier else OrderStakes()
        return self.stakes[order_id]

    def event(self, event_id: str) -> EventRecord | None:
        """The accepted event with that id."""
        return self.events.get(self.event_numbers.get(event_id, -1))

    def events_of(self, order_id: str) -> NumberedRows[EventRecord] | None:
        """The accepted events of an order."""
        history = self.histories.get(order_id)
        return history.events if history else None

    @property
    def placed_orders(self) -> Iterator[Order]:
        """The orders that were placed, in the order of their first events."""
        return (order for order in self.orders.values() if order.is_placed)
