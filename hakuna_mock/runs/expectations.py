"""What a scenario expects, held against what came of it."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from contracts.findings.finding import Finding, Severity
from contracts.scenarios.format import Scenario
from contracts.scenarios.runner import Mismatch, Outcome, compare, compare_end
from fuzz.checks.catalogue import CHECKS
from fuzz.checks.reply import rendered
from hakuna_mock.runs.item import Item

EXPECTATION = "expectation"
"""The check that a step, or the end of a scenario, is as the scenario says."""


def unmet_by_step(item: Item, outcome: Outcome, request_id: str) -> list[Finding]:
    """The expectations of an item's step that its outcome does not meet."""
    if not item.as_written:
        return []
    return _findings(compare(0, item.expect, outcome), request_id)


def unmet_at_end(
    scenario: Scenario, open_findings: Collection[str], orders: Mapping[str, Any], request_id: str
) -> list[Finding]:
    """What the scenario expects at its end and is not so; see `compare_end`."""
    return _findings(compare_end(scenario, open_findings, orders), request_id)


def _findings(mismatches: Iterable[Mismatch], request_id: str) -> list[Finding]:
    return [
        finding_of_mismatch(EXPECTATION, mismatch, _in_words(mismatch), request_id)
        for mismatch in mismatches
    ]


def _in_words(wrong: Mismatch) -> str:
    return wrong.what if wrong.step is not None else f"at the end of the scenario, {wrong.what}"


def finding_of_mismatch(
    check_id: str, wrong: Mismatch, place: str, request_id: str, pointer: str = ""
) -> Finding:
    """A check that failed, as reports show it."""
    check = CHECKS[check_id]
    return Finding(
        rule=check.id,
        severity=Severity.VIOLATION,
        basis=check.basis,
        pointer=pointer,
        message=f"{place}: expected {rendered(wrong.expected)}, got {rendered(wrong.actual)}",
        fix=check.fix,
        source=check.source,
        order_id=None,
        event_id=None,
        request_id=request_id,
    )
