"""What `judge` reads of a world, and the verdict that it gives: a delivery, and effects."""

from typing import Any, Protocol

from contracts.faults.fault import Fault
from contracts.faults.registry import FaultRegistry
from contracts.faults.retry_tracking import Unanswered
from contracts.findings.at_stake import OrderStakes
from contracts.findings.evictions import Evictions
from contracts.findings.finding import Finding
from contracts.http.idempotency import EarlierReply
from contracts.judging.delivery import Delivery, delivery
from contracts.orders.order import Order
from contracts.orders.product_index import ProductHistory
from contracts.timing.rfc3339 import SECOND
from contracts.values import dataclass
from contracts.worlds.effects import Effect, EventAccepted


class WorldView(ProductHistory, Protocol):
    """What a judgement reads of the stored state of one API key. It changes nothing."""

    def order(self, order_id: str) -> Order | None:
        """The order with this id, also one that only has waiting events; None if never heard of."""

    def events_received(self, order_id: str) -> int:
        """How many events of that order were accepted."""

    def first_event(self, order_id: str, fingerprint: str) -> str | None:
        """The id of the first accepted event of that order with an equal body."""

    def reply(self, key: str) -> EarlierReply | None:
        """The accepted request that this idempotency key names."""

    @property
    def has_unanswered(self) -> bool:
        """Whether any event got no answer."""

    def unanswered(self, fingerprint: str) -> Unanswered | None:
        """What is remembered of an event with that fingerprint that got no answer."""

    def order_stakes(self, order_id: str) -> OrderStakes | None:
        """What the open findings of an order stake; None where none ever did."""

    @property
    def evictions(self) -> Evictions:
        """How much was evicted: what is not found may be among it."""

    @property
    def faults(self) -> FaultRegistry:
        """The faults that are armed."""


@dataclass(frozen=True)
class Verdict:
    """The judgement of one request.

    `status` (None where a fault swallows the reply), `headers` and `body` are the reply; `effects`
    all that changes, to be applied whole or not at all.

    `findings` speak of this request's own event only, `later_findings` of waiting events that it
    released. `key` is the world that the request belongs to: None without a good key. `event_id` is
    the id in the body: None for refusals, the earlier event's for an idempotent replay.
    `named_type` is the event type that the body names, of refused ones too: None where it names
    none of the five, or was not read; `event_type` is that of a well-formed event. `fault` plays.
    """

    status: int | None
    body: dict[str, Any]
    headers: tuple[tuple[str, str], ...]
    effects: tuple[Effect, ...]
    findings: tuple[Finding, ...] = ()
    later_findings: tuple[Finding, ...] = ()
    key: str | None = None
    event_id: str | None = None
    order_id: str | None = None
    replayed: bool = False
    named_type: str | None = None
    event_type: str | None = None
    fault: Fault | None = None

    @property
    def accepted(self) -> EventAccepted | None:
        """The event that is stored, if one is."""
        return next((effect for effect in self.effects if isinstance(effect, EventAccepted)), None)

    @property
    def delivery(self) -> Delivery:
        """How the reply leaves."""
        return delivery(self.status, self.headers, self.body, self.fault)

    @property
    def delay(self) -> int:
        """By how many nanoseconds a fault delays the reply."""
        return self.fault.effect.delay_ms * (SECOND // 1000) if self.fault else 0
