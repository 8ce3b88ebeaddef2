"""What a store's lists hold, and pages of them."""

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from contracts.findings.finding import Finding, Severity
from contracts.orders.history import EventRecord
from contracts.orders.order import Order
from contracts.values import dataclass
from contracts.worlds.journal import Entry

Row_co = TypeVar("Row_co", covariant=True)


@dataclass(frozen=True)
class Rows(Generic[Row_co]):
    """One page of a list: numbered rows, oldest first, and what there is to say of all of it.

    `total` counts the rows that match, `evicted` those that are gone, `more` whether rows follow.
    """

    rows: Sequence[tuple[int, Row_co]]
    total: int
    evicted: int = 0
    more: bool = False


@dataclass(frozen=True, slots=True)
class EventRow:
    """An accepted event with its world and its findings as they stand now."""

    world_id: str
    record: EventRecord
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request with the world it belongs to, None for those of no world."""

    world_id: str | None
    entry: Entry


@dataclass(frozen=True, slots=True)
class WorldRow:
    """One world in a list; `findings` counts open ones, `name` is "" where nobody gave one."""

    id: str
    key_masked: str
    orders: int
    events: int
    findings: Mapping[Severity, int]
    name: str = ""

    @property
    def title(self) -> str:
        """What people call it: its name, else its key; short keys look alike without its id."""
        if self.name:
            return self.name
        return (
            f"{self.key_masked} {self.id[2:8]}" if self.key_masked[-1:] == "…" else self.key_masked
        )


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order with its world; `events` counts those that were accepted."""

    world_id: str
    order: Order
    events: int


@dataclass(frozen=True)
class Evicted:
    """How much left to stay within the bounds; `worlds` only where all of them are asked for."""

    worlds: int = 0
    orders: int = 0
    events: int = 0
    keys: int = 0
    requests: int = 0
    findings: int = 0
