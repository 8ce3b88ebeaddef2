"""Judging a sequence of events offline, as the server would judge them one after the other."""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from operator import itemgetter
from typing import Any

import click

from contracts.findings.at_stake import AtStake, by_currency
from contracts.findings.finding import OFF, Basis, Finding, Related, Severity, State
from contracts.findings.outside import OUTSIDE
from contracts.http.request import Request
from contracts.judging.judge import judge
from contracts.judging.session import Session
from contracts.judging.verdict import Verdict
from contracts.rules import RULES, Stage
from contracts.scenarios.rule_examples import usual_headers
from contracts.scenarios.runner import dry_run, outcome_of
from contracts.suggestions import hint
from contracts.values import replace
from contracts.worlds.coverage import merged
from contracts.worlds.effects import Exercised, FindingOpened, ReplyRemembered
from contracts.worlds.policy import Policy
from contracts.worlds.rule_levels import with_rule_levels
from contracts.worlds.world import World
from hakuna_mock.reports.model import Judged, Report, counted
from hakuna_mock.runs.expectations import unmet_at_end, unmet_by_step
from hakuna_mock.runs.item import NO_REPLY, Item
from hakuna_mock.runs.orders_seen import OrdersNoted

MAX_CLEAN = 10_000
"""Up to this event the ones without findings are kept for the report, too."""

_OF_THE_REQUEST = frozenset({Stage.REQUEST})
_OF_THE_EVENT = frozenset({Stage.REQUEST, Stage.SCHEMA, Stage.BODY})


def selected(policy: Policy, select: Sequence[str], ignore: Sequence[str]) -> Policy:
    """The policy with only some rules on; a usage error for a rule that does not exist."""
    for rule in (*select, *ignore):
        if rule not in RULES:
            more = hint(rule, RULES, "hakuna-mock rules lists them")
            raise click.UsageError(f"there is no rule {rule!r}{more}")
    off = {rule for rule in RULES if select and rule not in select} | set(ignore)
    return with_rule_levels(policy, dict.fromkeys(off, OFF))


class _Worlds:
    """A session for each key, and one for requests without a good key, which have no world."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._positions = count(1)
        self._of_keys: dict[str, Session] = {}
        self._none = self._opened()

    def _opened(self) -> Session:
        return Session(World(self._policy, keeps_events=False), self._positions)

    def of(self, key: str) -> Session:
        """The session of a key's name."""
        found = self._of_keys.get(key)
        if found is None:
            found = self._of_keys[key] = self._opened()
        return found

    def apply(self, key: str, verdict: Verdict) -> None:
        """Carry out what a verdict says."""
        (self.of(key) if verdict.key else self._none).apply(verdict.effects)

    @property
    def by_key(self) -> dict[str, World]:
        """The worlds that have a key."""
        return {key: session.world for key, session in self._of_keys.items()}

    @property
    def all(self) -> list[World]:
        """Every world."""
        return [self._none.world, *self.by_key.values()]

    @property
    def findings(self) -> list[Finding]:
        """The findings of all worlds in the order in which they were made."""
        rows = [row for world in self.all for row in world.findings.rows]
        return [finding for _, finding in sorted(rows, key=itemgetter(0))]


@dataclass
class _Seen:
    """What a run has counted so far."""

    judged: list[Judged] = field(default_factory=list)
    orders: set[tuple[str, str]] = field(default_factory=set)
    events: int = 0
    unlisted: int = 0
    unread: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    unexplained: int = 0
    unmet: list[Finding] = field(default_factory=list)


def judge_offline(items: Iterable[Item], policy: Policy) -> Report:
    """The findings of the events, as if they had been sent one after the other.

    Each key has a world of its own. What was refused when it was recorded changes no order. Of a
    long run only events with findings are kept, so that memory stays bounded.
    """
    worlds, seen, noted = _Worlds(policy), _Seen(), OrdersNoted()
    monotonic_ns = 0
    for number, item in enumerate(items, start=1):
        request = Request(
            item.method,
            item.path,
            tuple((item.headers or usual_headers(number)).items()),
            item.sent,
            time.time_ns() if item.received_at is None else item.received_at,
            f"evt-00000000-0000-4000-8000-{number:012}",
            f"event-{number}",
            monotonic_ns=monotonic_ns,
            seq=number,
        )
        if item.parsed is not None:
            request.take_as_parsed(item.parsed)
        verdict = _as_recorded(judge(request, worlds.of(item.key).world, policy), item)
        worlds.apply(item.key, verdict)
        monotonic_ns += verdict.delay
        noted.note(item.key, verdict)
        _count(seen, item, verdict)
        unmet = unmet_by_step(item, outcome_of(verdict), request.request_id)
        if item.closes:
            end = dry_run(item.closes, time.time_ns(), policy)
            unmet += unmet_at_end(item.closes, end.open_findings, end.orders, request.request_id)
        seen.unmet += unmet
        if number > MAX_CLEAN and not (verdict.findings or unmet):
            seen.unlisted += 1
            continue
        seen.judged.append(_judged(number, item, verdict, request.request_id))
    refused = {str(status): times for status, times in sorted(seen.refused.items())}
    return Report(
        seen.judged,
        [*worlds.findings, *seen.unmet],
        events=seen.events,
        orders=len(seen.orders),
        notes=_notes(seen),
        about={"refused_when_recorded": refused},
        coverage=merged(world.coverage for world in worlds.all).to_json(),
        orders_seen=noted.orders(worlds.by_key),
        unlisted=seen.unlisted,
        at_stake=by_currency(element for world in worlds.all for element in world.at_stake.items()),
    )


def _as_recorded(verdict: Verdict, item: Item) -> Verdict:
    """The verdict on a request that was not accepted when it was recorded, or has no body: nothing
    of it is stored, and its findings are those that do not depend on the order.

    A refusal by somebody who looked at the event keeps all its findings: they may explain it.
    """
    if item.body is None:
        return _without_effects(verdict, item, _OF_THE_REQUEST)
    if item.headers is None:
        # The idempotency key was made up: it never comes again, and need not be remembered.
        kept = (effect for effect in verdict.effects if not isinstance(effect, ReplyRemembered))
        verdict = replace(verdict, effects=tuple(kept))
    if item.reply is None or item.reply.accepted or verdict.fault is not None:
        return verdict  # a fault on demand knows what was stored, and remembers the retries
    return _without_effects(
        verdict, item, frozenset(Stage) if item.reply.was_judged else _OF_THE_EVENT
    )


def _without_effects(verdict: Verdict, item: Item, stages: frozenset[Stage]) -> Verdict:
    kept = tuple(
        replace(finding, event_id=None)
        for finding in verdict.findings
        if finding.rule in OUTSIDE
        or (finding.rule in RULES and RULES[finding.rule].stage in stages)
    )
    exercised = [effect for effect in verdict.effects if isinstance(effect, Exercised)]
    return replace(
        verdict,
        status=item.reply.status if item.reply else None,
        findings=kept,
        later_findings=(),
        effects=(*exercised, *map(FindingOpened, kept)),
        event_id=None,
        replayed=False,
    )


def _count(seen: _Seen, item: Item, verdict: Verdict) -> None:
    if item.body is None:
        seen.unread += 1
        return
    seen.events += 1
    if verdict.order_id is not None:
        seen.orders.add((item.key, verdict.order_id))
    if item.reply and not item.reply.accepted:
        seen.refused[item.reply.status] += 1
        explained = any(finding.severity is not Severity.ADVICE for finding in verdict.findings)
        seen.unexplained += item.reply.was_judged and not explained


def _notes(seen: _Seen) -> list[str]:
    """What a reader must know of the recording itself."""
    notes = []
    if seen.refused:
        codes = ", ".join(
            f"{count} × {code or 'no reply'}" for code, count in sorted(seen.refused.items())
        )
        total = counted(seen.refused.total(), "event")
        notes.append(f"{total} not accepted when recorded ({codes}), so they change no order")
    if seen.unexplained:
        refusals = counted(seen.unexplained, "refusal")
        notes.append(f"{refusals} among them that no rule here explains")
    if seen.unread:
        bodies = counted(seen.unread, "request")
        notes.append(f"{bodies} recorded without a body: only the headers were judged")
    return notes


def _judged(number: int, item: Item, verdict: Verdict, request_id: str) -> Judged:
    return Judged(
        number,
        item.source,
        item.label,
        verdict.status or NO_REPLY,
        verdict.event_id,
        request_id,
        verdict.event_type,
        verdict.order_id,
        validation_errors(verdict.body),
        item.key,
        skipped="its body was not recorded" if item.body is None else None,
    )


def finding_of(row: dict[str, Any]) -> Finding:
    """A finding as the control API shows it, as a value again."""
    return Finding(
        rule=row["rule"],
        severity=Severity(row["severity"]),
        basis=Basis(row["basis"]),
        pointer=row["pointer"],
        message=row["message"],
        fix=row["fix"],
        source=row["source"],
        order_id=row["order_id"],
        event_id=row["event_id"],
        request_id=row["request_id"],
        state=State(row["state"]),
        related=tuple(Related(**item) for item in row["related"]),
        stake=AtStake(**row["at_stake"]) if row.get("at_stake") else None,
    )


def validation_errors(body: Any) -> tuple[str, ...]:
    """The `validation_errors` of an error body."""
    error = body.get("error") if isinstance(body, dict) else None
    errors = error.get("validation_errors") if isinstance(error, dict) else None
    return tuple(str(item) for item in errors) if isinstance(errors, list) else ()
