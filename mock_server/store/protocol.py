"""What the handlers ask of a store; memory is the first one, files and databases follow it.

A store keeps worlds apart, judges inside its own transaction and commits all of a verdict or
nothing. State is a fold over accepted events, so a store may keep those and rebuild.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from contracts.faults.registry import FaultBook
from contracts.findings.finding import Finding, Severity
from contracts.judging.coverage import Coverage
from contracts.judging.judge import Address, Verdict, World
from contracts.judging.policy import Policy
from contracts.orders.order import Order
from contracts.timing.rfc3339 import Instant
from mock_server.store.journal import Entry
from mock_server.store.retention import Evicted


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One accepted event; `body` is what was sent."""

    seq: int
    world_id: str
    event_id: str
    type: str
    order_id: str
    received_at: Instant
    body: bytes


@dataclass(frozen=True, slots=True)
class WorldRow:
    """One world in a list; `findings` counts open ones, `requests` all, evicted ones too."""

    id: str
    key_masked: str
    orders: int
    events: int
    findings: Mapping[Severity, int]
    requests: int


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order with its accepted events and their findings, as of some point."""

    world_id: str
    order: Order
    events: Sequence[EventRecord]
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One request with the world it belongs to, None for those of no world."""

    world_id: str | None
    entry: Entry


Row_co = TypeVar("Row_co", covariant=True)


@dataclass(frozen=True)
class Listing(Generic[Row_co]):
    """A list as the store has it: matching rows with their numbers, oldest first, and how many
    earlier ones are gone.
    """

    rows: Sequence[tuple[int, Row_co]]
    evicted: int = 0


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a store keeps of a request beside the verdict: its number, its time, its bytes."""

    seq: int
    received_at: Instant
    body: bytes


class Store(Protocol):
    """A keeper of worlds. `world_id` None means all of them, and the requests of none."""

    async def decide(
        self, address: Address, arrived: Arrived, decide: Callable[[World, Policy], Verdict]
    ) -> Verdict:
        """Judge in the addressed world (an empty one where there is no key) and commit."""

    async def journal(self, key: str | None, entry: Entry) -> None:
        """Keep a request in its world's journal, or among those of no world."""

    async def policy(self, world_id: str | None) -> Policy:
        """What a world is told; for None what new worlds are told."""

    async def set_policy(self, key: str | None, world_id: str | None, policy: Policy) -> bool:
        """Tell a world, which is made if the key is new; for None all, and the new ones.

        False where there is no world of that id (any more).
        """

    async def faults(self, key: str | None, world_id: str | None) -> FaultBook | None:
        """The faults of a world, which is made if the key is new; for None those of all worlds.

        None where there is no world of that id (any more).
        """

    async def fault_books(self, world_id: str | None) -> Sequence[tuple[str | None, FaultBook]]:
        """The faults of one world, or those of all worlds and then each world's own."""

    async def worlds(self) -> Sequence[WorldRow]:
        """All worlds, oldest first."""

    async def world(self, world_id: str | None) -> World:
        """A world for reading; an unknown one is empty."""

    async def counts(self) -> tuple[int, int]:
        """How many worlds there are, and how many accepted events they keep."""

    async def evicted(self, world_id: str | None) -> Evicted:
        """How much was let go of to stay within the bounds; `worlds` only for all of them."""

    async def events(self, world_id: str | None) -> Listing[EventRecord]:
        """Accepted events."""

    async def event(self, world_id: str | None, event_id: str) -> EventRecord | None:
        """The event with that id; `latest` is the last one."""

    async def findings_of(self, record: EventRecord) -> Sequence[Finding]:
        """The findings of one event."""

    async def requests(self, world_id: str | None, after: int = 0) -> Listing[JournalRow]:
        """Journal entries numbered beyond `after`, each with its world.

        A live page asks for the newest ones again and again: these must be cheap to find.
        """

    async def orders(self, world_id: str | None) -> Listing[OrderView]:
        """Placed orders, by the number of their placement."""

    async def order(self, world_id: str | None, order_id: str) -> Sequence[OrderView]:
        """The orders with that id, waiting ones too; one a world at most."""

    async def findings(self, world_id: str | None) -> Listing[Finding]:
        """Findings, those of refused requests included."""

    async def open_counts(self, world_id: str | None) -> Mapping[Severity, int]:
        """How many findings are open, evicted ones included."""

    async def coverage(self, world_id: str | None) -> Coverage:
        """What the requests exercised of the contract, those of refused ones included."""

    async def reset(self, world_id: str | None) -> None:
        """Forget everything but the settings."""

    async def delete(self, world_id: str) -> bool:
        """Forget a world with its settings; False where there is none."""
