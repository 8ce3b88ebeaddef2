"""Findings and rules for people: code frames, sources, fixes."""

import re
import textwrap
from typing import Any

from contracts.findings.finding import Finding, Severity, State
from contracts.http.masking import mask_secrets
from contracts.money import sums
from contracts.printable import printable
from contracts.reference.rule_docs import in_words
from contracts.rules import RULES, Rule
from fuzz.checks.catalogue import Check
from hakuna_mock.reports.coverage import in_one_line
from hakuna_mock.reports.excerpt import excerpt
from hakuna_mock.reports.location import place_of
from hakuna_mock.reports.model import Judged, Rendering, Report, counted
from hakuna_mock.reports.safe_text import log_safe

_COLOURS = {Severity.VIOLATION: "31;1", Severity.WARNING: "33;1", Severity.ADVICE: "36"}
_DIM, _BOLD = "2", "1"


def paint(text: str, how: Severity | str, *, coloured: bool) -> str:
    """Text in the colour of a severity, or in an ANSI style."""
    style = _COLOURS[how] if isinstance(how, Severity) else how
    return f"\x1b[{style}m{text}\x1b[0m" if coloured else text


_URL = re.compile(r"https?://[^\s()<>]+[^\s()<>.,;:]")


def linked(text: str, *, links: bool) -> str:
    """The text with its web addresses as links of the terminal (OSC 8), where it has such."""
    if not links:
        return text
    return _URL.sub(lambda url: f"\x1b]8;;{url[0]}\x1b\\{url[0]}\x1b]8;;\x1b\\", text)


def render(report: Report, how: Rendering) -> str:
    """The whole run; of a play, first a line for each event."""
    text = text_report(
        report,
        fail_on=how.fail_on,
        coloured=how.coloured,
        links=how.links,
        quiet=how.quiet,
        verbose=how.verbose,
    )
    if how.play and not how.quiet:
        text = f"{steps(report, coloured=how.coloured)}\n\n{text}"
    return log_safe(text)


def text_report(  # noqa: PLR0913 - as many as there are ways to show it
    report: Report,
    *,
    fail_on: str,
    coloured: bool,
    links: bool = False,
    quiet: bool = False,
    verbose: bool = False,
    most: int | None = None,
) -> str:
    """The whole run: what was answered, each finding with its frame, and the sum.

    Of more than `most` findings the rest is only counted.
    """
    failing = report.failing(fail_on)
    shown = failing if quiet else list(report.findings)
    parts = [
        frame(report, item, coloured=coloured, links=links, verbose=verbose)
        for item in shown[:most]
    ]
    if len(parts) < len(shown):
        parts.append(f"… and {counted(len(shown) - len(parts), 'more finding')}")
    last = [] if quiet else [*map(printable, report.notes), *_covered(report, coloured=coloured)]
    last = [*map(printable, report.minimal), *last]
    parts.append("\n".join([*last, _sum(report, failing, fail_on, coloured=coloured)]))
    return "\n\n".join(parts)


def _covered(report: Report, *, coloured: bool) -> list[str]:
    if report.coverage is None:
        return []
    return [paint(in_one_line(report.coverage), _DIM, coloured=coloured)]


def steps(report: Report, *, coloured: bool) -> str:
    """One line per event: what was played, what was answered, which rules fired."""
    width = max((len(item.label) for item in report.judged), default=0)
    rules: dict[int, dict[str, Finding]] = {}
    for finding in sorted(report.findings, key=lambda item: item.severity.rank):
        rules.setdefault(report.judged_of(finding).number, {}).setdefault(finding.rule, finding)
    lines = []
    for item in report.judged:
        fired = [
            paint(rule + _resolved(finding), finding.severity, coloured=coloured)
            for rule, finding in rules.get(item.number, {}).items()
        ]
        reply = printable(item.event_id or ("refused" if item.status else "not stored"), 60)
        status = item.status or "cut"
        label = f"{printable(item.label):{width}}"
        lines.append(f"{label}  {status} {reply}  {' '.join(fired)}".rstrip())
    return "\n".join(lines)


def _resolved(finding: Finding) -> str:
    return " (resolved)" if finding.state is State.RESOLVED else ""


def frame(
    report: Report, finding: Finding, *, coloured: bool, verbose: bool, links: bool = False
) -> str:
    """One finding: rule and basis, file and line, the JSON with a caret, source, fix."""
    judged = report.judged_of(finding)
    severity = paint(f"{finding.severity}", finding.severity, coloured=coloured)
    rule = paint(printable(finding.rule), _BOLD, coloured=coloured)
    head = f"{severity} {rule} ({finding.basis}){_resolved(finding)}"
    line, column = place_of(judged.source, finding.pointer)
    order = printable(mask_secrets(judged.order_id or ""), 100)
    about = f"{judged.event_type or 'request'} {order}".rstrip()
    where = f"  --> {printable(judged.source.name)}:{line}:{column}  {about}"
    # Details say more than the lines of a file that a program wrote.
    lines = [head, where, *([] if judged.details else _excerpt(judged, finding.pointer))]
    lines.append(f"  {printable(finding.message)}")
    if finding.at_stake:
        lines.append(f"  stake:  {finding.at_stake.in_words}")
    lines.append(f"  fix:    {printable(finding.fix)}")
    source = linked(f"  source: {printable(finding.source)}", links=links)
    lines.append(paint(source, _DIM, coloured=coloured))
    lines += [
        f"  see:    {printable(str(item.event_id))}: {printable(item.message)}"
        for item in finding.related
    ]
    lines += [f"  {line}".rstrip() for line in judged.details]
    if verbose and finding.rule in RULES:
        lines += textwrap.indent(_filled(RULES[finding.rule].why), "  why:    ").splitlines()
    return "\n".join(lines)


def _excerpt(judged: Judged, pointer: str) -> list[str]:
    """The rows around the place, numbered, with a caret below the one that is meant."""
    rows = excerpt(judged.source, pointer)
    gutter = len(str(rows[-1].number))
    found = [f"  {'':{gutter}} |"]
    for row in rows:
        found.append(f"  {row.number:{gutter}} | {row.text}".rstrip())
        if row.marked:
            start, end = row.marked
            found.append(f"  {'':{gutter}} | {' ' * start}{'^' * (end - start)}")
    return found


def _sum(report: Report, failing: list[Finding], fail_on: str, *, coloured: bool) -> str:
    counts = ", ".join(counted(count, severity) for severity, count in report.counts.items())
    settled = len(report.findings) - len(report.open)
    verdict = "FAILED" if failing else "passed"
    style = Severity.VIOLATION if failing else "32;1"
    stake = f"; at stake: {sums(report.at_stake)}" if report.at_stake else ""
    return (
        f"{paint(verdict, style, coloured=coloured)}: {report.what}; "
        f"open: {counts}; resolved: {settled}{stake} (fails on {fail_on})"
    )


def explained(rule: Rule[Any], *, coloured: bool, links: bool = False) -> str:
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
        linked(f"source:   {rule.source}", links=links),
        *([f"because:  {rule.because}"] if rule.because else []),
        f"events:   {', '.join(rule.events)}",
        *(f"passes:   {in_words(example)}" for example in rule.passes),
        *(f"violates: {in_words(example)}" for example in rule.violates),
    ]
    return "\n".join(lines)


def check_explained(check: Check, *, coloured: bool, links: bool = False) -> str:
    """Everything about a check that `verify` and `fuzz` hold against a server."""
    lines = [
        f"{paint(check.id, _BOLD, coloured=coloured)}: {check.title}",
        f"{check.basis} · a check of verify and fuzz, about the server",
        "",
        _filled(check.why),
        "",
        f"fix:      {check.fix}",
        linked(f"source:   {check.source}", links=links),
    ]
    return "\n".join(lines)


def _filled(text: str) -> str:
    return "\n\n".join(textwrap.fill(part, 88) for part in text.split("\n\n"))
