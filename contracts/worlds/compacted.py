"""A world as the shortest log that makes it: what its own log became after all evictions.

The log of a world that lived long tells of much that is gone. The compacted one tells only what is
there, in the same effects, and ends with what was counted of the rest.
"""

from collections.abc import Iterator, Mapping

from contracts.faults.fault import Fault
from contracts.faults.retry_tracking import Unanswered
from contracts.findings.finding import Finding, Severity
from contracts.http.idempotency import EarlierReply
from contracts.orders.history import EventRecord
from contracts.orders.ledger import Ledger
from contracts.orders.order import Order
from contracts.values import dataclass
from contracts.worlds.drift_state import drift_restored
from contracts.worlds.effects import (
    CountsRestored,
    DriftRestored,
    Effect,
    EventAccepted,
    FaultArmed,
    FindingOpened,
    OrderChanged,
    OrderOpened,
    PolicyChanged,
    ReplyRemembered,
    RequestRecorded,
    RetryExpected,
    RunStarted,
    StakesRestored,
)
from contracts.worlds.journal import Entry
from contracts.worlds.policy import Policy
from contracts.worlds.stake_state import stakes_restored
from contracts.worlds.world import Run, World


@dataclass(frozen=True)
class HeldWorld:
    """All that is in a world at one moment, taken hold of at once and without copying values: they
    never change, so the world may go on while this is written.
    """

    policy: Policy | None
    faults: list[Fault]
    fingerprints: list[Mapping[str, str]]
    events: list[tuple[int, EventRecord]]
    orders: dict[str, Order]
    ended: list[str]
    replies: list[tuple[str, EarlierReply]]
    retries: list[tuple[str, Unanswered | None]]
    requests: list[tuple[int, Entry]]
    findings: list[tuple[int, Finding]]
    unlisted: frozenset[int]
    counts: CountsRestored
    drift: DriftRestored | None
    stakes: StakesRestored
    runs: tuple[Run, ...]

    def effects(self) -> Iterator[tuple[int, Effect]]:
        """The effects that make an empty world this one, each with its position in the log (0 where
        nothing is listed by it).
        """
        yield from ((0, effect) for effect in self._effects())
        for position, finding in sorted(self.findings, key=_number):
            yield position, FindingOpened(finding, of_replay=position in self.unlisted)
        yield 0, self.stakes
        yield 0, self.counts
        if self.drift is not None:
            yield 0, self.drift

    def _effects(self) -> Iterator[Effect]:
        if self.policy is not None:
            yield PolicyChanged(self.policy)
        yield from map(FaultArmed, self.faults)
        first = {event_id: item for known in self.fingerprints for item, event_id in known.items()}
        for _, record in sorted(self.events, key=_number):
            yield EventAccepted(record, first.get(record.event_id, ""))
            order = self.orders.get(record.order_id)
            if order is not None and order.placed_by == record.event_id:
                yield _opened(order)
        going = set(self.ended)
        for order_id in (*(item for item in self.orders if item not in going), *self.ended):
            yield from _changed(self.orders[order_id])
        for key, reply in self.replies:
            yield ReplyRemembered(key, reply)
        for fingerprint, unanswered in self.retries:
            if unanswered is not None:
                yield RetryExpected(fingerprint, unanswered)
        for run in self.runs:
            yield RunStarted(run.after, run.started_at)
        for _, entry in sorted(self.requests, key=_number):
            yield RequestRecorded(entry)


def hold(world: World, *, with_policy: bool) -> HeldWorld:
    """Take hold of a world. `with_policy` says that its settings differ from those of new ones."""
    findings = world.findings.rows.unordered()
    return HeldWorld(
        policy=world.policy if with_policy else None,
        faults=list(world.faults.armed.values()),
        fingerprints=[dict(history.first_by_fingerprint) for history in world.histories.values()],
        events=world.events.unordered(),
        orders=dict(world.orders),
        ended=world.kept.ended,
        replies=list(world.replies.items()),
        retries=list(world.retries.items()),
        requests=world.journal.rows.unordered(),
        findings=findings,
        unlisted=frozenset(
            number
            for number, finding in findings
            if not world.findings.is_of_event(finding, number)
        ),
        counts=_counts(world),
        drift=drift_restored(world.drift) if world.drift.exchanges else None,
        stakes=stakes_restored(world),
        runs=world.runs,
    )


def _number(row: tuple[int, object]) -> int:
    return row[0]


def _opened(order: Order) -> OrderOpened:
    assert order.placed_at is not None  # noqa: S101 - it is placed
    assert order.placed_by is not None  # noqa: S101
    items = tuple(line.item for line in order.lines.values())
    return OrderOpened(
        order.order_id, order.placed_by, order.placed_at, order.outline, items, order.currency
    )


def _changed(order: Order) -> Iterator[OrderChanged]:
    """What later events made of a placed order, where they made something of it."""
    if not order.is_placed:
        return
    ledgers = tuple(
        (line_id, line.ledger)
        for line_id, line in order.lines.items()
        if line.ledger != Ledger(line.item.quantity)
    )
    latest, cancelled_by = order.latest_applied_at, order.cancelled_by
    groups = tuple(
        group for group in order.groups.values() if group.standalone_cancelled or group.unbalanced
    )
    if ledgers or groups or latest is not None or cancelled_by is not None:
        yield OrderChanged(order.order_id, ledgers, groups, latest, cancelled_by)


def _counts(world: World) -> CountsRestored:
    faults, own_faults, number = world.faults.counted_ones()
    counts = {
        name: {item: times for item, times in items.items() if times}
        for name, items in world.coverage.counts().items()
    }
    return CountsRestored(
        coverage=counts,
        coverage_fired=dict(world.coverage.fired()),
        evictions=world.evictions,
        received=world.journal.received,
        requests_evicted=world.journal.evicted,
        findings_added=len(world.findings),
        findings_evicted=world.findings.evicted,
        findings_open={element: world.findings.open_counts[element] for element in Severity},
        faults=faults,
        own_faults=own_faults,
        fault_number=number,
    )
