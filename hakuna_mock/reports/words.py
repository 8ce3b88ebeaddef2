"""Findings and rules for people: code frames, sources, fixes."""

import textwrap
from typing import Any

from contracts.catalogue import in_words
from contracts.findings import Finding, Severity, State
from contracts.positions import locate
from contracts.printable import printable
from contracts.rules import RULES, Rule
from hakuna_mock.reports.model import Judged, Report

_COLOURS = {Severity.VIOLATION: "31;1", Severity.WARNING: "33;1", Severity.ADVICE: "36"}
_DIM, _BOLD = "2", "1"
_WIDTH = 96
_CONTEXT = 2
_INSIDE = 3


def paint(text: str, how: Severity | str, *, coloured: bool) -> str:
    """Text in the colour of a severity, or in an ANSI style."""
    style = _COLOURS[how] if isinstance(how, Severity) else how
    return f"\x1b[{style}m{text}\x1b[0m" if coloured else text


def text_report(
    report: Report,
    *,
    fail_on: str,
    coloured: bool,
    quiet: bool = False,
    verbose: bool = False,
    most: int | None = None,
) -> str:
    """The whole run: what was answered, each finding with its frame, and the sum.

    Of more than `most` findings the rest is only counted.
    """
    failing = report.failing(fail_on)
    shown = failing if quiet else list(report.findings)
    parts = [frame(report, one, coloured=coloured, verbose=verbose) for one in shown[:most]]
    if len(parts) < len(shown):
        parts.append(f"… and {counted(len(shown) - len(parts), 'more finding')}")
    parts.append(_sum(report, failing, fail_on, coloured=coloured))
    return "\n\n".join(parts)


def steps(report: Report, *, coloured: bool) -> str:
    """One line per event: what was played, what was answered, which rules fired."""
    width = max((len(one.label) for one in report.judged), default=0)
    rules: dict[int, dict[str, Finding]] = {}
    for finding in sorted(report.findings, key=lambda one: one.severity.rank):
        rules.setdefault(report.judged_of(finding).number, {}).setdefault(finding.rule, finding)
    lines = []
    for one in report.judged:
        fired = [
            paint(rule + _resolved(finding), finding.severity, coloured=coloured)
            for rule, finding in rules.get(one.number, {}).items()
        ]
        answered = one.event_id or "refused"
        lines.append(f"{one.label:{width}}  {one.status} {answered}  {' '.join(fired)}".rstrip())
    return "\n".join(lines)


def _resolved(finding: Finding) -> str:
    return " (resolved)" if finding.state is State.RESOLVED else ""


def frame(report: Report, finding: Finding, *, coloured: bool, verbose: bool) -> str:
    """One finding: rule and basis, file and line, the JSON with a caret, source, fix."""
    judged = report.judged_of(finding)
    severity = paint(f"{finding.severity}", finding.severity, coloured=coloured)
    rule = paint(finding.rule, _BOLD, coloured=coloured)
    head = f"{severity} {rule} ({finding.basis}){_resolved(finding)}"
    position = locate(judged.source.text, judged.source.pointer + finding.pointer)
    line = judged.source.first_line + position.line - 1
    about = f"{judged.event_type or 'request'} {printable(judged.order_id or '', 100)}".rstrip()
    where = f"  --> {judged.source.name}:{line}:{position.column}  {about}"
    lines = [head, where, *_excerpt(judged, position.line, position.column, position.width)]
    lines.append(f"  {printable(finding.message)}")
    lines.append(f"  fix:    {printable(finding.fix)}")
    lines.append(paint(f"  source: {finding.source}", _DIM, coloured=coloured))
    lines += [f"  see:    {one.event_id}: {one.message}" for one in finding.related]
    if verbose and finding.rule in RULES:
        lines += textwrap.indent(_filled(RULES[finding.rule].why), "  why:    ").splitlines()
    return "\n".join(lines)


def _excerpt(judged: Judged, line: int, column: int, width: int) -> list[str]:
    """The lines around the place, numbered, with a caret; long lines are cut to a window."""
    rows = judged.source.text.split("\n")
    first = judged.source.first_line
    start = max(0, line - 1 - _CONTEXT)
    gutter = len(str(first + line))
    shift = max(0, column - 1 - _WIDTH // 3) if len(rows[line - 1]) > _WIDTH else 0
    found = [f"  {'':{gutter}} |"]
    for number in range(start, min(line, len(rows))):
        row = rows[number][shift : shift + _WIDTH] if number == line - 1 else rows[number][:_WIDTH]
        found.append(f"  {first + number:{gutter}} | {printable(row)}".rstrip())
    carets = "^" * max(1, min(width, _WIDTH - (column - 1 - shift)))
    found.append(f"  {'':{gutter}} | {' ' * (column - 1 - shift)}{carets}")
    if rows[line - 1][column - 1 :].strip() in ("{", "["):
        inside = rows[line : line + _INSIDE]
        found += [
            f"  {first + number:{gutter}} | {printable(row[:_WIDTH])}".rstrip()
            for number, row in enumerate(inside, start=line)
        ]
    return found


def _sum(report: Report, failing: list[Finding], fail_on: str, *, coloured: bool) -> str:
    counts = ", ".join(counted(count, severity) for severity, count in report.counts.items())
    settled = len(report.findings) - len(report.open)
    verdict = "FAILED" if failing else "passed"
    style = Severity.VIOLATION if failing else "32;1"
    return (
        f"{paint(verdict, style, coloured=coloured)}: {counted(report.events, 'event')} "
        f"of {counted(report.orders, 'order')}; "
        f"open: {counts}; resolved: {settled} (fails on {fail_on})"
    )


def counted(count: int, noun: str) -> str:
    """A number with its noun: `1 order`, `2 orders`; advice has no plural."""
    return f"{count} {noun}" if count == 1 or noun == "advice" else f"{count} {noun}s"


def explained(rule: Rule[Any], *, coloured: bool) -> str:
    """Everything about a rule."""
    severity = paint(rule.severity, rule.severity, coloured=coloured)
    lines = [
        f"{paint(rule.id, _BOLD, coloured=coloured)}: {rule.title}",
        f"{severity} · {rule.basis} · family {rule.family}"
        + (f" · {rule.variants}" if rule.variants else "")
        + (" · always refused" if rule.always_refuses else ""),
        "",
        _filled(rule.why),
        "",
        f"fix:      {rule.fix}",
        f"source:   {rule.source}",
        f"events:   {', '.join(rule.events)}",
        *(f"passes:   {in_words(example)}" for example in rule.passes),
        *(f"violates: {in_words(example)}" for example in rule.violates),
    ]
    return "\n".join(lines)


def _filled(text: str) -> str:
    return "\n\n".join(textwrap.fill(part, 88) for part in text.split("\n\n"))
