"""What the HTML report shows: rules with their findings, orders with their events, coverage."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from contracts.findings.finding import Finding, Severity, State
from contracts.findings.sources import PAGES
from contracts.rules import RULES
from contracts.values import dataclass
from hakuna_mock.reports.excerpt import Row, excerpt
from hakuna_mock.reports.location import place_of
from hakuna_mock.reports.model import Judged, Report

MAX_OF_A_RULE = 25
MAX_ORDERS = 200
MAX_OF_AN_ORDER = 50
"""Events, and lines, of one order."""
MAX_OF_AN_EVENT = 20
"""Findings of one event in its order's timeline; all of them are listed under their rules."""
MAX_COVERED = 200
"""Items of one kind of coverage."""
_RESOLVED, _NOTHING = len(Severity), len(Severity) + 1
"""Ranks behind those of open findings."""


@dataclass(frozen=True)
class Occurrence:
    """One finding with its place; `event` is the number to link to, None if that is not shown."""

    finding: Finding
    judged: Judged
    line: int
    column: int
    rows: Sequence[Row]
    event: int | None
    fix: str

    @property
    def resolved(self) -> bool:
        """Whether a later event settled it."""
        return not _is_open(self.finding)


@dataclass(frozen=True)
class RuleShown:
    """A rule and its findings, open ones first; of a rule we do not know only what they say."""

    id: str
    anchor: str
    severity: Severity
    basis: str
    title: str
    why: Sequence[str]
    fix: str
    sources: Sequence[tuple[str, str]]
    open: int
    resolved: int
    shown: Sequence[Occurrence]

    @property
    def left_out(self) -> int:
        """How many of its findings the page does not show."""
        return self.open + self.resolved - len(self.shown)


@dataclass(frozen=True)
class EventShown:
    """One event in its order's timeline."""

    judged: Judged
    findings: Sequence[Finding]
    left_out: int

    @property
    def number(self) -> int:
        """The number of the event in the run."""
        return self.judged.number

    @property
    def place(self) -> str:
        """Its file and, where a line holds one event, its line."""
        source = self.judged.source
        on_one_line = not source.pointer and "\n" not in source.text
        return f"{source.name}:{source.first_line}" if on_one_line else source.name


@dataclass(frozen=True)
class OrderShown:
    """An order with its events; `order_id` None stands for requests that name no order."""

    order_id: str | None
    key: str
    status: str
    lines: Sequence[Mapping[str, Any]]
    lines_left_out: int
    events: Sequence[EventShown]
    events_left_out: int
    counts: Mapping[Severity, int]
    resolved: int


@dataclass(frozen=True)
class Covered:
    """One kind of thing that a run can exercise."""

    title: str
    index: int
    score: int
    items: Sequence[tuple[str, int]]
    left_out: int


def rules_shown(report: Report, events: set[int]) -> list[RuleShown]:
    """The findings by rule, the worst rules first; `events` are the numbers that are shown."""
    by_rule: dict[str, list[Finding]] = {}
    for finding in report.findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    found = [
        _rule(rule, number, sorted(group, key=_is_open, reverse=True), report, events)
        for number, (rule, group) in enumerate(by_rule.items(), start=1)
    ]
    return sorted(found, key=lambda item: (item.open == 0, item.severity.rank, -item.open))


def _is_open(finding: Finding) -> bool:
    return finding.state is State.OPEN


def _rule(
    rule_id: str, number: int, group: list[Finding], report: Report, events: set[int]
) -> RuleShown:
    rule = RULES.get(rule_id)
    resolved = sum(not _is_open(item) for item in group)
    usual = rule.fix if rule else ""
    shown = [_occurrence(item, usual, report, events) for item in group[:MAX_OF_A_RULE]]
    return RuleShown(
        id=rule_id,
        anchor=f"rule-{rule_id if rule else number}",
        severity=min((item.severity for item in group), key=lambda item: item.rank),
        basis=str(group[0].basis),
        title=rule.title if rule else "a rule that this version does not know",
        why=rule.why.split("\n\n") if rule else (),
        fix=usual,
        sources=[PAGES[code] for code in rule.sources] if rule else [(group[0].source, "")],
        open=len(group) - resolved,
        resolved=resolved,
        shown=shown,
    )


def _occurrence(finding: Finding, usual: str, report: Report, events: set[int]) -> Occurrence:
    judged = report.judged_of(finding)
    line, column = place_of(judged.source, finding.pointer)
    return Occurrence(
        finding,
        judged,
        line,
        column,
        excerpt(judged.source, finding.pointer),
        judged.number if judged.number in events else None,
        "" if finding.fix == usual else finding.fix,
    )


def orders_shown(report: Report) -> tuple[list[OrderShown], int]:
    """The orders with the worst open findings first, else as they came, and how many more.

    Requests that name no order count as one together.
    """
    found: dict[int, list[Finding]] = {}
    for finding in report.findings:
        found.setdefault(report.judged_of(finding).number, []).append(finding)
    events: dict[tuple[str, str | None], list[Judged]] = {}
    worst: dict[tuple[str, str | None], int] = {}
    for item in report.judged:
        of = (item.key, item.order_id)
        events.setdefault(of, []).append(item)
        worst[of] = min(worst.get(of, _NOTHING), _worst(found.get(item.number, ())))
    chosen = sorted(events, key=worst.__getitem__)[:MAX_ORDERS]
    known = {(item["key"], item["order_id"]): item for item in report.orders_seen}
    shown = [_order(of, events[of], found, known.get(of, {})) for of in chosen]
    return shown, len(events) - len(chosen)


def _order(
    of: tuple[str, str | None],
    judged: list[Judged],
    found: Mapping[int, list[Finding]],
    view: Mapping[str, Any],
) -> OrderShown:
    key, order_id = of
    findings = [finding for item in judged for finding in found.get(item.number, ())]
    open_ones = [item for item in findings if _is_open(item)]
    lines = view.get("lines", ())
    kept = _worth_showing(judged, found)
    return OrderShown(
        order_id=order_id,
        key=key,
        status=view.get("status", ""),
        lines=lines[:MAX_OF_AN_ORDER],
        lines_left_out=max(0, len(lines) - MAX_OF_AN_ORDER),
        events=[_event(item, found.get(item.number, [])) for item in kept],
        events_left_out=len(judged) - len(kept),
        counts={
            severity: sum(item.severity is severity for item in open_ones) for severity in Severity
        },
        resolved=len(findings) - len(open_ones),
    )


def _worth_showing(judged: list[Judged], found: Mapping[int, list[Finding]]) -> list[Judged]:
    """The events with the worst findings and the first others, as many as are shown, in order."""
    worst_first = sorted(judged, key=lambda item: _worst(found.get(item.number, ())))
    return sorted(worst_first[:MAX_OF_AN_ORDER], key=lambda item: item.number)


def _worst(findings: Iterable[Finding]) -> int:
    """The rank of the worst open finding; with resolved ones only, or none, ranks behind it."""
    ranks = [finding.severity.rank if _is_open(finding) else _RESOLVED for finding in findings]
    return min(ranks, default=_NOTHING)


def _event(judged: Judged, findings: list[Finding]) -> EventShown:
    worst = sorted(findings, key=lambda item: (not _is_open(item), item.severity.rank))
    return EventShown(judged, worst[:MAX_OF_AN_EVENT], max(0, len(findings) - MAX_OF_AN_EVENT))


def coverage_sections(coverage: Mapping[str, Any] | None) -> list[Covered]:
    """Each kind of coverage, what was not exercised first."""
    return [_covered(kind, item) for kind, item in (coverage or {}).items()]


def _covered(kind: str, element: Mapping[str, Any]) -> Covered:
    items = sorted(element["items"].items(), key=lambda item: (item[1] > 0, item[0]))
    return Covered(
        kind.replace("_", " ").capitalize(),
        element["index"],
        element["score"],
        items[:MAX_COVERED],
        max(0, len(items) - MAX_COVERED),
    )
