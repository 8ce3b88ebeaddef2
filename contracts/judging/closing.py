"""How a judgement ends: a refusal, a fault in its place, a replay, or an accepted event.

Each gives the verdict with its reply and the effects that store it.
"""

from collections.abc import Iterable
from typing import Any

from contracts.faults.fault import FAULT_HEADER
from contracts.faults.registry import FaultMatch
from contracts.faults.retry_tracking import Retry, remembered, settled
from contracts.findings.finding import Finding, Resolution
from contracts.http.credentials import mask_keys, without_live_keys
from contracts.http.error_code import ErrorCode
from contracts.http.idempotency import KEY_HEADER, EarlierReply
from contracts.json_text.parser import JsonFault
from contracts.judging.case import Case
from contracts.judging.exercised import exercised
from contracts.judging.order_effects import order_effects
from contracts.judging.replies import (
    accepted_body,
    base_headers,
    error_body,
    fault_body,
    finding_headers,
)
from contracts.judging.stakes import stake_changes
from contracts.judging.trail import Trail
from contracts.judging.verdict import Verdict
from contracts.orders.events import Event, type_of
from contracts.orders.history import EventRecord
from contracts.orders.order import Step
from contracts.rules import Stage
from contracts.rules.families.pairing import RULE_OF
from contracts.rules.families.timestamps import times_of
from contracts.values import replace
from contracts.worlds.effects import (
    Effect,
    EventAccepted,
    FaultMatched,
    FindingOpened,
    FindingResolved,
    ReplyRemembered,
    ReplyRepeated,
    RetryExpected,
    RetrySettled,
)

Headers = list[tuple[str, str]]


def refuse(
    case: Case,
    trail: Trail,
    code: ErrorCode,
    errors: Iterable[str],
    match: FaultMatch | None = None,
    *,
    event: Event | None = None,
) -> Verdict:
    """A refusal; `match` is None where it comes before faults are looked at."""
    retry_effects: tuple[Effect, ...] = ()
    if match is not None:
        trail, retry_effects = _retried(case, trail, match, None)
    headers = _headers(case, trail.findings, None)
    if code is ErrorCode.UNAUTHORIZED:
        headers.append(("WWW-Authenticate", "Bearer"))
    body = error_body(code, map(mask_keys, errors))
    status = _status(code.status, match)
    return _verdict(
        case, trail, match, status, body, headers, retry_effects, event=event, error_code=code
    )


def play_instead(case: Case, match: FaultMatch) -> Verdict:
    """A fault in place of a judgement: the event is not stored."""
    fault = match.fault
    assert fault is not None  # noqa: S101 - asked by the caller
    trail, retry_effects = _retried(case, case.trail, match, None)
    effect = fault.effect
    headers = _headers(case, trail.findings, None)
    if effect.retry_after is not None:
        headers.append(("Retry-After", str(effect.retry_after)))
    headers.append((FAULT_HEADER, effect.name))
    status = effect.kind.status or None
    return _verdict(case, trail, match, status, fault_body(effect), headers, retry_effects)


def replay(
    case: Case, trail: Trail, match: FaultMatch, event: Event, key: str, event_id: str
) -> Verdict:
    """The reply that was given to this idempotency key before; nothing is stored again.

    What a replay finds belongs to the event that it repeats.
    """
    trail, retry_effects = _retried(case, trail, match, event_id, replayed=True)
    findings = tuple(replace(finding, event_id=event_id) for finding in trail.findings)
    trail = trail.owning(findings)
    headers = _headers(case, findings, event_id)
    headers.append(("Hakuna-Mock-Replayed", "true"))
    return _verdict(
        case,
        trail,
        match,
        _status(200, match),
        accepted_body(event_id),
        headers,
        (*retry_effects, ReplyRepeated(key)),
        event=event,
        event_id=event_id,
        replayed=True,
    )


def accept(
    case: Case,
    trail: Trail,
    match: FaultMatch,
    event: Event,
    steps: tuple[Step, ...],
    key: str | None,
) -> Verdict:
    """An accepted event: its reply, what it did to its order, and what it settles."""
    request = case.request
    event_id = request.event_id
    trail, retry_effects = _retried(case, trail, match, event_id)
    later: tuple[Finding, ...] = ()
    for step in steps[1:]:
        context = case.order_context(step)
        later += trail.evaluated(Stage.STATE, context, step.arrival.event_id)
        trail = trail.noting(Stage.STATE, type_of(step.arrival.event))
    own = steps[0]
    record = EventRecord(
        seq=request.seq,
        event_id=event_id,
        type=type_of(event),
        order_id=event.order_id,
        received_at=request.received_at,
        happened_at=min(time for _, time in times_of(event)),
        body=without_live_keys(request.body),
        outcome=own.outcome,
        moved=tuple(own.taken.items()),
    )
    effects: list[Effect] = [EventAccepted(record, case.fingerprint)]
    effects += order_effects(steps)
    effects += [FindingOpened(item) for item in later]
    resolved = [resolution for step in steps for resolution in _resolutions(step)]
    effects += map(FindingResolved, resolved)
    known = case.world.order_stakes(case.order_id or "")
    found = (*trail.findings, *later)
    effects += stake_changes(known, steps, found, resolved, case.order_id or "")
    if key:
        reply = EarlierReply(case.fingerprint, event_id, case.order_id or "")
        effects.append(ReplyRemembered(key, reply))
    return _verdict(
        case,
        trail,
        match,
        _status(200, match),
        accepted_body(event_id),
        _headers(case, trail.findings, event_id),
        (*effects, *retry_effects),
        event=event,
        event_id=event_id,
        steps=steps,
        later=later,
    )


def _status(status: int, match: FaultMatch | None) -> int | None:
    """The status of the reply; None where a fault swallows it after the event was stored."""
    fault = match.fault if match else None
    return None if fault and fault.effect.is_silent else status


def _headers(case: Case, findings: tuple[Finding, ...], event_id: str | None) -> Headers:
    return base_headers(case.request.request_id) + finding_headers(findings, event_id)


def _verdict(  # noqa: PLR0913 - a verdict's parts are a list of named facts
    case: Case,
    trail: Trail,
    match: FaultMatch | None,
    status: int | None,
    body: dict[str, Any],
    headers: Headers,
    effects: tuple[Effect, ...],
    *,
    event: Event | None = None,
    event_id: str | None = None,
    replayed: bool = False,
    steps: tuple[Step, ...] = (),
    later: tuple[Finding, ...] = (),
    error_code: ErrorCode | None = None,
) -> Verdict:
    """The verdict; where there is no event, its findings belong to the request."""
    findings = trail.findings
    if event_id is None and findings:
        findings = tuple(finding.costing_nothing() for finding in findings)
    opened = tuple(FindingOpened(finding, replayed) for finding in findings)
    seen = exercised(
        trail.asked,
        findings,
        later=later,
        named_type=case.named_type,
        event=event if steps else None,
        steps=steps,
        error_code=error_code,
        off=case.policy.off,
    )
    matched = (FaultMatched(match),) if match else ()
    return Verdict(
        status=status,
        body=body,
        headers=tuple(headers),
        effects=(*opened, *effects, *matched, seen),
        findings=findings,
        later_findings=later,
        key=case.key,
        event_id=event_id,
        order_id=case.order_id,
        replayed=replayed,
        named_type=case.named_type,
        event_type=type_of(event) if event else None,
        fault=match.fault if match else None,
    )


def _retried(
    case: Case, trail: Trail, match: FaultMatch, event_id: str | None, *, replayed: bool = False
) -> tuple[Trail, tuple[Effect, ...]]:
    """What a client without an answer does, as the rules see it, and what is remembered of it."""
    request = case.request
    if isinstance(request.parsed, JsonFault):
        return trail, ()
    # The fingerprint of a large body takes a while, and hardly any world waits for a retry.
    earlier = case.world.unanswered(case.fingerprint) if case.world.has_unanswered else None
    if earlier is None and match.fault is None:
        return trail, ()
    before = len(trail.findings)
    retry = Retry(
        request.moment,
        request.request_id,
        match.fault,
        earlier,
        event_id,
        replayed,
        request.header(KEY_HEADER) or None,
        case.policy.retries_per_second,
    )
    trail = trail.ask(Stage.RETRY, retry)
    fired = {finding.rule for finding in trail.findings[before:]}
    unanswered = remembered(retry, fired)
    effects: list[Effect] = [FindingResolved(item) for item in settled(retry, fired)]
    if unanswered:
        effects.append(RetryExpected(case.fingerprint, unanswered))
    elif earlier:
        effects.append(RetrySettled(case.fingerprint))
    return trail, tuple(effects)


def _resolutions(step: Step) -> Iterable[Resolution]:
    """The open findings that a step settles."""
    if step.replayed:
        message = f"the placement came ({step.replayed})"
        yield Resolution(step.arrival.event_id, "unknown-order", "", step.replayed, message)
    for pair in step.pairs:
        for item in pair.resolved:
            by = step.arrival.event_id
            message = f"the rest of the pair ended ({by})"
            yield Resolution(item.event_id, RULE_OF[item.kind], pair.group.reference, by, message)
