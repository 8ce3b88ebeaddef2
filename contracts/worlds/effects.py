"""Everything that can change a world, as data.

A verdict holds effects, the control API makes them, a store appends them to its log, and `apply` is
the only code that carries them out. They say what happened, never what to compute: a world that is
rebuilt from its effects equals the world that wrote them. `effect_codec.py` writes and reads them.
"""

from collections.abc import Mapping
from dataclasses import field

from contracts.drift.comparison import Comparison, Refusal
from contracts.drift.drift import Counted
from contracts.faults.fault import Fault
from contracts.faults.registry import FaultMatch
from contracts.faults.retry_tracking import Unanswered
from contracts.findings.at_stake import Claim
from contracts.findings.evictions import Evictions
from contracts.findings.finding import Finding, Resolution, Severity
from contracts.http.idempotency import EarlierReply
from contracts.orders.events import LineItem
from contracts.orders.history import EventRecord
from contracts.orders.ledger import Ledger, Taken
from contracts.orders.order import Order, Outcome
from contracts.orders.pairing import Group
from contracts.timing.rfc3339 import Instant
from contracts.values import dataclass
from contracts.worlds.journal import Entry
from contracts.worlds.policy import Policy


@dataclass(frozen=True, slots=True)
class EventAccepted:
    """An event was accepted; `fingerprint` tells equal bodies.

    In a compacted log it is empty where the order has an earlier event with the same one.
    """

    record: EventRecord
    fingerprint: str


@dataclass(frozen=True, slots=True)
class EventReplayed:
    """An event that waited for its order was applied, when the placement came."""

    event_id: str
    outcome: Outcome
    moved: tuple[tuple[str, Taken], ...]


@dataclass(frozen=True, slots=True)
class OrderOpened:
    """An order was placed with these lines; `outline` tells other placements from this one.

    `order` is what they make, where the judge made it already: no part of the data, and made anew
    from a log.
    """

    order_id: str
    event_id: str
    placed_at: Instant
    outline: bytes
    lines: tuple[LineItem, ...]
    currency: str = ""
    order: Order | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """Lines and pairs of a placed order as they are now; those not named stay as they were.

    `order` is the whole of it, as in `OrderOpened`.
    """

    order_id: str
    ledgers: tuple[tuple[str, Ledger], ...] = ()
    groups: tuple[Group, ...] = ()
    latest_applied_at: Instant | None = None
    cancelled_by: str | None = None
    order: Order | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class FindingOpened:
    """A rule found something; `of_replay` findings belong to the request, not to the event."""

    finding: Finding
    of_replay: bool = False


@dataclass(frozen=True, slots=True)
class FindingResolved:
    """A later event settled earlier findings."""

    resolution: Resolution


@dataclass(frozen=True, slots=True)
class StakeChanged:
    """What the open findings about one place of an order stake, as the order is now.

    `place` is its kind and name, `total` the sum in which each unit counts once. `claims` are those
    whose findings stake another amount than before.
    """

    order_id: str
    currency: str
    place: tuple[str, str]
    total: int
    claims: tuple[tuple[Claim, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ReplyRemembered:
    """The event that an idempotency key names from now on."""

    key: str
    reply: EarlierReply


@dataclass(frozen=True, slots=True)
class ReplyRepeated:
    """A retry used this idempotency key."""

    key: str


@dataclass(frozen=True, slots=True)
class FaultMatched:
    """A request matched these faults, of which one may have played."""

    match: FaultMatch


@dataclass(frozen=True, slots=True)
class RetryExpected:
    """An event got no usable answer; it is expected again."""

    fingerprint: str
    unanswered: Unanswered


@dataclass(frozen=True, slots=True)
class RetrySettled:
    """An event that had no answer has one now."""

    fingerprint: str


@dataclass(frozen=True, slots=True)
class Exercised:
    """What a request exercised of the contract, as coverage counts it.

    `asked` are the stages whose rules were evaluated, each with the event type that they saw;
    `fired` are cells (event type, rule) in which a rule fired although it was asked there, `extra`
    those in which it was not; `off` are cells whose rule is switched off.
    """

    event_type: str | None = None
    asked: tuple[tuple[int, str | None], ...] = ()
    fired: tuple[tuple[str | None, str], ...] = ()
    extra: tuple[tuple[str | None, str], ...] = ()
    off: tuple[tuple[str | None, str], ...] = ()
    fields: tuple[str, ...] = ()
    transitions: tuple[str, ...] = ()
    error_code: str | None = None


@dataclass(frozen=True, slots=True)
class RequestRecorded:
    """A request and its reply, for the journal."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class ExchangeCompared:
    """A request was sent on to the provider, and its reply held against what we assume."""

    comparison: Comparison


@dataclass(frozen=True, slots=True)
class PolicyChanged:
    """The settings of a world, its clock and its outage included.

    Which keys exist and how they are sent belongs to the server and stays as it is.
    """

    policy: Policy


@dataclass(frozen=True, slots=True)
class FaultArmed:
    """A fault was armed; one of the same id is replaced."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class FaultsRemoved:
    """Faults were disarmed: these, or all for None."""

    ids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class OrderEvicted:
    """An order left the world with its events, to keep the world within its bounds."""

    order_id: str


@dataclass(frozen=True, slots=True)
class KeyEvicted:
    """An idempotency key was forgotten, to keep the world within its bounds."""

    key: str


@dataclass(frozen=True, slots=True)
class JournalEvicted:
    """The journal of a world was dropped, to keep the server within its memory."""


@dataclass(frozen=True, slots=True)
class CountsRestored:
    """In a compacted log: what was counted of all that the log no longer tells.

    `faults` and `own_faults` are how many requests each armed fault, and each one that orders ask
    for themselves, has seen and played; `fault_number` is the highest that was given to one.
    """

    coverage: Mapping[str, Mapping[str, int]]
    coverage_fired: Mapping[str, int]
    evictions: Evictions
    received: int
    requests_evicted: int
    findings_added: int
    findings_evicted: int
    findings_open: Mapping[Severity, int]
    faults: tuple[tuple[str, int, int], ...] = ()
    own_faults: tuple[tuple[str, int, int], ...] = ()
    fault_number: int = 0


@dataclass(frozen=True, slots=True)
class OrderStaked:
    """What the open findings of an order stake.

    `totals` are the sums of its places (kind, name, amount), `claims` the claims, each with its
    findings (owner, rule, subject, amount).
    """

    order_id: str
    totals: tuple[tuple[str, str, int], ...]
    claims: tuple[tuple[Claim, tuple[tuple[str, str, str, int], ...]], ...]


@dataclass(frozen=True, slots=True)
class StakesRestored:
    """In a compacted log: what all open findings stake, and the sums by currency."""

    orders: tuple[OrderStaked, ...]
    sums: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class DriftRestored:
    """In a compacted log: what exchanges with the provider have said so far; see `Drift`."""

    upstreams: tuple[str, ...] = ()
    exchanges: int = 0
    tested: tuple[tuple[str, Counted, Counted], ...] = ()
    refusals: tuple[tuple[Refusal, Counted], ...] = ()
    failures: tuple[tuple[str, Counted], ...] = ()
    more: int = 0
    refused_keys: tuple[str, ...] = ()
    unknown_here: tuple[tuple[str, str], ...] = ()
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run of somebody's tests begins: requests with higher numbers than `after` belong to it."""

    after: int
    started_at: Instant


@dataclass(frozen=True, slots=True)
class WorldReset:
    """Everything but the settings was cleared."""


@dataclass(frozen=True, slots=True)
class WorldCreated:
    """A key was used for the first time; `key_masked` is how people see it."""

    key_masked: str


@dataclass(frozen=True, slots=True)
class WorldDeleted:
    """A world was deleted with its settings."""


@dataclass(frozen=True, slots=True)
class WorldEvicted:
    """A world left with its settings, to keep the server within its bounds."""


Effect = (
    EventAccepted
    | EventReplayed
    | OrderOpened
    | OrderChanged
    | FindingOpened
    | FindingResolved
    | StakeChanged
    | ReplyRemembered
    | ReplyRepeated
    | FaultMatched
    | RetryExpected
    | RetrySettled
    | Exercised
    | RequestRecorded
    | ExchangeCompared
    | PolicyChanged
    | FaultArmed
    | FaultsRemoved
    | OrderEvicted
    | KeyEvicted
    | JournalEvicted
    | CountsRestored
    | DriftRestored
    | StakesRestored
    | RunStarted
    | WorldReset
    | WorldCreated
    | WorldDeleted
    | WorldEvicted
)
