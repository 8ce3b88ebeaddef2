"""`apply`: the only code that changes a world. It computes nothing that an effect could say."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from contracts.faults.retry_tracking import MAX_REMEMBERED
from contracts.findings.evictions import Evictions
from contracts.orders.events import build_event
from contracts.orders.history import EventRecord
from contracts.orders.order import Arrival, Line, Order, Outcome, Status, opened
from contracts.values import replace
from contracts.worlds.coverage import Coverage
from contracts.worlds.drift_state import drift_of
from contracts.worlds.effects import (
    CountsRestored,
    DriftRestored,
    Effect,
    EventAccepted,
    EventReplayed,
    ExchangeCompared,
    Exercised,
    FaultArmed,
    FaultMatched,
    FaultsRemoved,
    FindingOpened,
    FindingResolved,
    JournalEvicted,
    KeyEvicted,
    OrderChanged,
    OrderEvicted,
    OrderOpened,
    PolicyChanged,
    ReplyRemembered,
    ReplyRepeated,
    RequestRecorded,
    RetryExpected,
    RetrySettled,
    RunStarted,
    StakeChanged,
    StakesRestored,
    WorldReset,
)
from contracts.worlds.stake_state import restore_stakes
from contracts.worlds.world import MAX_RUNS, OrderHistory, Run, World

ENDED = (Status.CLOSED, Status.CANCELLED)


def apply(world: World, effect: Effect, position: int) -> None:
    """Carry out one effect; `position` is its number in the log, by which findings are listed."""
    _APPLIED[type(effect)](world, effect, position)


def evictions(world: World, accepted: Iterable[Effect]) -> Iterator[Effect]:
    """What must leave the world after these effects; each is applied before the next is made."""
    for effect in accepted:
        if isinstance(effect, EventAccepted):
            for order_id in world.kept.surplus(effect.record.order_id):
                yield OrderEvicted(order_id)
        elif isinstance(effect, ReplyRemembered) and len(world.replies) > world.bounds.keys:
            yield KeyEvicted(next(iter(world.replies)))


def _event_accepted(world: World, effect: EventAccepted, _position: int) -> None:
    record = effect.record
    order_id = record.order_id
    history = world.histories.get(order_id)
    if history is None:
        history = world.histories[order_id] = OrderHistory()
    history.received += 1
    if world.keeps_events:
        world.events.add(record.seq, record)
        for item in _ids(record):
            world.event_numbers[item] = record.seq
        history.events.add(record.seq, record)
    if effect.fingerprint:
        history.first_by_fingerprint.setdefault(effect.fingerprint, record.event_id)
    world.kept.touch(order_id, len(record.body))
    if record.outcome is Outcome.WAITING:
        order = world.order(order_id) or Order(order_id)
        arrival = Arrival(record.event_id, build_event(json.loads(record.body)))
        world.orders[order_id] = replace(order, waiting=(*order.waiting, arrival))


def _ids(record: EventRecord) -> Iterator[str]:
    """The ids under which an event is found: ours, and the provider's where it has one."""
    yield record.event_id
    if record.provider and record.provider.event_id:
        yield record.provider.event_id


def _event_replayed(world: World, effect: EventReplayed, _position: int) -> None:
    record = world.event(effect.event_id)
    if record is not None:  # a dry run does not change the events of the world below it
        after = replace(record, outcome=effect.outcome, moved=effect.moved)
        world.events.replace(record.seq, after)
        world.histories[record.order_id].events.replace(record.seq, after)


def _order_opened(world: World, effect: OrderOpened, _position: int) -> None:
    placed = effect.order or opened(
        Order(effect.order_id),
        effect.event_id,
        effect.placed_at,
        effect.outline,
        effect.lines,
        effect.currency,
    )
    world.orders[effect.order_id] = placed
    world.products.add(placed)
    number = world.event_numbers.get(effect.event_id)
    if number is not None:
        world.placements.add(number, effect.order_id)


def _order_changed(world: World, effect: OrderChanged, _position: int) -> None:
    changed = effect.order or _changed(world, effect)
    world.orders[effect.order_id] = changed
    if changed.status in ENDED:
        world.kept.end(effect.order_id)


def _changed(world: World, effect: OrderChanged) -> Order:
    order = world.order(effect.order_id)
    assert order is not None  # noqa: S101 - it was opened before it was changed
    lines = dict(order.lines)
    for line_id, ledger in effect.ledgers:
        lines[line_id] = Line(lines[line_id].item, ledger)
    groups = order.groups
    if effect.groups:
        groups = {**groups, **{group.reference: group for group in effect.groups}}
    return order.changed(lines, groups, effect.latest_applied_at, effect.cancelled_by)


def _finding_opened(world: World, effect: FindingOpened, position: int) -> None:
    finding = effect.finding
    world.findings.add(finding, position, of_replay=effect.of_replay)
    if finding.claims:
        stakes = world.own_stakes(finding.order_id or "")
        for claim in finding.claims:
            stakes.add(claim, (finding.owner, finding.rule, claim.subject))


def _finding_resolved(world: World, effect: FindingResolved, _position: int) -> None:
    resolution = effect.resolution
    owner = (resolution.owner, resolution.rule, resolution.subject)
    for finding in world.findings.resolve(resolution):
        stakes = world.stakes.get(finding.order_id or "")
        freed = stakes.release(owner) if stakes else 0
        if freed and finding.at_stake:
            world.findings.stake(owner, -freed, finding.at_stake.currency)


def _stake_changed(world: World, effect: StakeChanged, _position: int) -> None:
    stakes = world.own_stakes(effect.order_id)
    before = stakes.totals.get(effect.place, 0)
    stakes.totals[effect.place] = effect.total
    world.at_stake[effect.currency] += effect.total - before
    for claim, amount in effect.claims:
        for owner, change in stakes.reprice(claim, amount):
            world.findings.stake(owner, change, effect.currency)


def _reply_remembered(world: World, effect: ReplyRemembered, _position: int) -> None:
    world.replies[effect.key] = effect.reply


def _reply_repeated(world: World, effect: ReplyRepeated, _position: int) -> None:
    if effect.key in world.replies:
        world.replies.move_to_end(effect.key)


def _fault_matched(world: World, effect: FaultMatched, _position: int) -> None:
    world.faults.count(effect.match)


def _retry_expected(world: World, effect: RetryExpected, _position: int) -> None:
    world.retries[effect.fingerprint] = effect.unanswered
    world.retries.move_to_end(effect.fingerprint)
    while len(world.retries) > MAX_REMEMBERED:
        world.retries.popitem(last=False)


def _retry_settled(world: World, effect: RetrySettled, _position: int) -> None:
    if world.base:
        world.retries[effect.fingerprint] = None
    else:
        world.retries.pop(effect.fingerprint, None)


def _exercised(world: World, effect: Exercised, _position: int) -> None:
    world.coverage.add(effect)


def _request_recorded(world: World, effect: RequestRecorded, _position: int) -> None:
    world.journal.add(effect.entry)


def _exchange_compared(world: World, effect: ExchangeCompared, _position: int) -> None:
    world.drift.add(effect.comparison)


def _policy_changed(world: World, effect: PolicyChanged, _position: int) -> None:
    now = world.policy
    world.policy = replace(
        effect.policy,
        auth=now.auth,
        api_keys=now.api_keys,
        key_names=now.key_names,
        max_order_events=now.max_order_events,
        provider_contract=now.provider_contract,
    )


def _fault_armed(world: World, effect: FaultArmed, _position: int) -> None:
    world.faults.add(effect.fault)


def _faults_removed(world: World, effect: FaultsRemoved, _position: int) -> None:
    if effect.ids is None:
        world.faults.clear()
    else:
        for item in effect.ids:
            world.faults.remove(item)


def _order_evicted(world: World, effect: OrderEvicted, _position: int) -> None:
    order = world.orders.pop(effect.order_id, None)
    if order and order.placed_by:
        world.products.remove(order)
        world.placements.discard(world.event_numbers.get(order.placed_by, -1))
    world.stakes.pop(effect.order_id, None)  # what it stakes still counts in the sum
    history = world.histories.pop(effect.order_id, OrderHistory())
    records = history.events.unordered()
    for number, record in records:
        world.events.discard(number)
        for item in _ids(record):
            world.event_numbers.pop(item, None)
    world.findings.forget_events(record.event_id for _, record in records)
    world.kept.remove(effect.order_id)
    before = world.evictions
    world.evictions = replace(before, orders=before.orders + 1, events=before.events + len(records))


def _key_evicted(world: World, effect: KeyEvicted, _position: int) -> None:
    world.replies.pop(effect.key, None)
    world.evictions = replace(world.evictions, keys=world.evictions.keys + 1)


def _journal_evicted(world: World, _effect: JournalEvicted, _position: int) -> None:
    world.journal.evict_all()


def _counts_restored(world: World, effect: CountsRestored, _position: int) -> None:
    world.coverage = Coverage(effect.coverage, effect.coverage_fired)
    world.evictions = effect.evictions
    world.journal.restore(effect.received, effect.requests_evicted)
    world.findings.restore(effect.findings_added, effect.findings_evicted, effect.findings_open)
    world.faults.restore(effect.faults, effect.own_faults, effect.fault_number)


def _drift_restored(world: World, effect: DriftRestored, _position: int) -> None:
    world.drift = drift_of(effect)


def _stakes_restored(world: World, effect: StakesRestored, _position: int) -> None:
    restore_stakes(world, effect)


def _run_started(world: World, effect: RunStarted, _position: int) -> None:
    started = Run(effect.after, effect.started_at)
    world.runs = (*world.runs, started)[-MAX_RUNS:]


def _world_reset(world: World, _effect: WorldReset, _position: int) -> None:
    world.clear()


_APPLIED: dict[type[Effect], Callable[[World, Any, int], None]] = {
    EventAccepted: _event_accepted,
    EventReplayed: _event_replayed,
    OrderOpened: _order_opened,
    OrderChanged: _order_changed,
    FindingOpened: _finding_opened,
    FindingResolved: _finding_resolved,
    StakeChanged: _stake_changed,
    ReplyRemembered: _reply_remembered,
    ReplyRepeated: _reply_repeated,
    FaultMatched: _fault_matched,
    RetryExpected: _retry_expected,
    RetrySettled: _retry_settled,
    Exercised: _exercised,
    RequestRecorded: _request_recorded,
    ExchangeCompared: _exchange_compared,
    PolicyChanged: _policy_changed,
    FaultArmed: _fault_armed,
    FaultsRemoved: _faults_removed,
    OrderEvicted: _order_evicted,
    KeyEvicted: _key_evicted,
    JournalEvicted: _journal_evicted,
    CountsRestored: _counts_restored,
    DriftRestored: _drift_restored,
    StakesRestored: _stakes_restored,
    RunStarted: _run_started,
    WorldReset: _world_reset,
}

__all__ = ["Evictions", "apply", "evictions"]
