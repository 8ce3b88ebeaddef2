"""What `judge` asks of a world, and what it answers: the verdict with all that is to be stored."""

from dataclasses import dataclass
from typing import Any, Protocol

from contracts.faults.fault import Fault
from contracts.faults.registry import FaultBook, Met
from contracts.faults.retry_tracking import Unanswered
from contracts.findings.evictions import Forgotten
from contracts.findings.finding import Finding, Resolution
from contracts.http.idempotency import EarlierReply
from contracts.orders.events import Event, type_of
from contracts.orders.order import Order, Step
from contracts.orders.product_index import ProductHistory
from contracts.rules import Stage
from contracts.timing.rfc3339 import SECOND


class World(ProductHistory, Protocol):
    """What a judgement asks of the stored state of one API key."""

    def order(self, order_id: str) -> Order | None:
        """The order with this id, also one that only has waiting events; None if never heard of."""

    def reply(self, key: str) -> EarlierReply | None:
        """The accepted request that this idempotency key names."""

    @property
    def forgotten(self) -> Forgotten:
        """How much was evicted: what is not found may be among it."""

    def unanswered(self, print_: str) -> Unanswered | None:
        """What is remembered of an event with that fingerprint that got no answer."""

    @property
    def faults(self) -> FaultBook:
        """The faults that are armed."""


@dataclass(frozen=True)
class Accepted:
    """What to store of an accepted event, all of it or nothing.

    `steps` are what the event did to its order, and after a placement what the waiting ones did.
    `later` are findings of those; they carry the waiting events' ids.
    """

    event_id: str
    steps: tuple[Step, ...]
    later: tuple[Finding, ...] = ()
    resolutions: tuple[Resolution, ...] = ()
    idempotency: tuple[str, EarlierReply] | None = None

    @property
    def order(self) -> Order:
        """The order after the event."""
        return self.steps[-1].after


@dataclass(frozen=True)
class Verdict:
    """The answer to one request.

    `findings` speak of this request's own event only. `event_id` is the id in the body: None for
    refusals, the earlier event's for an idempotent replay. `accepted` is None where nothing is to
    be stored. `key` is the world the request belongs to: None where no good key was sent.
    `named_type` is the event type that the body names, of refused ones too: None where it names
    none of the five, or was not read. `asked` are the stages whose rules were asked, each with the
    type of the event they saw.

    `status` is 0 where no reply is sent. `met` are the faults that saw the request, `watch` is what
    to remember (None: no longer) of the event with that fingerprint, `settled` are findings that a
    retry settles.
    """

    status: int
    body: dict[str, Any]
    headers: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    key: str | None = None
    event_id: str | None = None
    event: Event | None = None
    order_id: str | None = None
    replayed: bool = False
    accepted: Accepted | None = None
    named_type: str | None = None
    asked: tuple[tuple[Stage, str | None], ...] = ()
    met: Met | None = None
    watch: tuple[str, Unanswered | None] | None = None
    settled: tuple[Resolution, ...] = ()

    @property
    def fault(self) -> Fault | None:
        """The fault that plays."""
        return self.met.fault if self.met else None

    @property
    def delay(self) -> int:
        """By how many nanoseconds a fault delays the reply."""
        return self.fault.effect.delay_ms * (SECOND // 1000) if self.fault else 0

    @property
    def event_type(self) -> str | None:
        """The type of a well-formed event."""
        return type_of(self.event) if self.event else None


@dataclass(frozen=True)
class Address:
    """Which records a judgement will ask for, so that a store can fetch them beforehand."""

    key: str | None
    order_id: str | None = None
    idempotency_key: str | None = None
