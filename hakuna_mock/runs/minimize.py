"""Recorded traffic cut down: which of many events suffice for a finding."""

from collections.abc import Sequence

from contracts.findings.finding import Finding
from contracts.json_text.parser import Document, parse
from contracts.orders.subject import subject_of
from contracts.shorthand import ShorthandError, show
from contracts.values import dataclass
from contracts.worlds.policy import Policy
from fuzz.engine.minimize import minimize
from hakuna_mock.reports.location import place_of
from hakuna_mock.reports.model import Report, counted
from hakuna_mock.runs.check import judge_offline
from hakuna_mock.runs.item import Item

MAX_FINDINGS = 10
"""For so many different findings the events are cut down; each costs dozens of runs."""


@dataclass(frozen=True)
class Sufficient:
    """A finding, and the events that are enough for it."""

    finding: Finding
    items: tuple[Item, ...]


def minimized(
    items: Sequence[Item], report: Report, policy: Policy, fail_on: str
) -> list[Sufficient]:
    """For each rule that fails the run, the smallest part of the events in which it still does."""
    found = []
    for finding in _one_of_each_rule(report.failing(fail_on)):
        key = report.judged_of(finding).key

        def fails(part: Sequence[Item], expected: Finding = finding, key: str = key) -> bool:
            again = judge_offline(part, policy)
            return any(
                item.rule == expected.rule
                and item.order_id == expected.order_id
                and again.judged_of(item).key == key
                for item in again.open
            )

        of_order = [
            item
            for item in items
            if item.key == key and subject_of(_body(item)).order_id == finding.order_id
        ]
        start = of_order if finding.order_id and fails(of_order) else list(items)
        found.append(Sufficient(finding, tuple(minimize(start, fails))))
    return found


def _one_of_each_rule(findings: Sequence[Finding]) -> list[Finding]:
    return list({finding.rule: finding for finding in reversed(findings)}.values())[::-1][
        :MAX_FINDINGS
    ]


def _body(item: Item) -> object:
    parsed = parse(item.sent)
    return parsed.value if isinstance(parsed, Document) else None


def in_words(found: Sequence[Sufficient], total: int) -> list[str]:
    """Each finding with the places of its events, and shorthand that repeats it."""
    lines = []
    for element in found:
        rule, order = element.finding.rule, element.finding.order_id
        about = f" of order {order}" if order else ""
        lines.append(f"{rule}{about}: {len(element.items)} of {counted(total, 'event')} suffice")
        lines += [
            f"  {item.source.name}:{place_of(item.source)[0]}  {item.label}"
            for item in element.items
        ]
        play = _play(element.items)
        if play:
            lines.append(f"  hakuna-mock play '{play}'")
    return lines


def _play(items: Sequence[Item]) -> str:
    """Shorthand of the events; empty where that would not repeat the finding or needs quoting."""
    if any(item.reply and not item.reply.accepted for item in items):
        return ""
    bodies = [body for item in items if isinstance(body := _body(item), dict)]
    try:
        text = show(bodies)
    except ShorthandError:
        return ""
    return "" if "'" in text or len(bodies) < len(items) else text
