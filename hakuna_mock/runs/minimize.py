"""Recorded traffic cut down: which of many events suffice for a finding."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.findings.finding import Finding
from contracts.json_text.parser import Document, parse
from contracts.shorthand import ShorthandError, show
from contracts.worlds.policy import Policy
from fuzz.engine.minimize import minimize
from hakuna_mock.reports.model import Report, counted
from hakuna_mock.runs.check import Item, judge_offline

MOST_FINDINGS = 10
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

        def fails(part: Sequence[Item], wanted: Finding = finding) -> bool:
            again = judge_offline(part, policy)
            return any(
                one.rule == wanted.rule and one.order_id == wanted.order_id for one in again.open
            )

        mine = [one for one in items if _order_of(one) == finding.order_id]
        start = mine if finding.order_id and fails(mine) else list(items)
        found.append(Sufficient(finding, tuple(minimize(start, fails))))
    return found


def _one_of_each_rule(findings: Sequence[Finding]) -> list[Finding]:
    return list({one.rule: one for one in reversed(findings)}.values())[::-1][:MOST_FINDINGS]


def _order_of(item: Item) -> str | None:
    body = _body(item)
    payload = body.get("payload") if isinstance(body, dict) else None
    return payload.get("order_id") if isinstance(payload, dict) else None


def _body(item: Item) -> object:
    parsed = parse(item.body)
    return parsed.value if isinstance(parsed, Document) else None


def in_words(found: Sequence[Sufficient], total: int) -> list[str]:
    """Each finding with the places of its events, and shorthand that repeats it."""
    lines = []
    for one in found:
        rule, order = one.finding.rule, one.finding.order_id
        about = f" of order {order}" if order else ""
        lines.append(f"{rule}{about}: {len(one.items)} of {counted(total, 'event')} suffice")
        lines += [f"  {item.source.name}:{_line(item)}  {item.label}" for item in one.items]
        play = _play(one.items)
        if play:
            lines.append(f"  hakuna-mock play '{play}'")
    return lines


def _line(item: Item) -> int:
    from contracts.json_text.positions import locate

    return item.source.first_line + locate(item.source.text, item.source.pointer).line - 1


def _play(items: Sequence[Item]) -> str:
    """Shorthand of the events; empty where it cannot hold them or would need quoting."""
    bodies = [body for item in items if isinstance(body := _body(item), dict)]
    try:
        text = show(bodies)
    except ShorthandError:
        return ""
    return "" if "'" in text or len(bodies) < len(items) else text
