"""The run as SARIF 2.1.0, for code scanning views."""

import hashlib
from typing import Any
from urllib.parse import quote

from contracts.findings.finding import Finding, Severity, State
from contracts.rules import RULES
from contracts.version import __version__
from hakuna_mock.reports.location import path_in_repository, place_of
from hakuna_mock.reports.model import Judged, Rendering, Report, Source, counted
from hakuna_mock.reports.safe_text import dumps

_LEVELS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.ADVICE: "note"}


MAX_RESULTS = 24_999
"""GitHub refuses a file whose run has more than 25,000."""


def render(report: Report, how: Rendering) -> str:
    """The findings as results, the most severe first; resolved ones are suppressed and say so."""
    del how
    shown = report.most_severe_first[:MAX_RESULTS]
    used = sorted({finding.rule for finding in shown})
    places = {rule: place for place, rule in enumerate(used)}
    results = [_result(item, report.judged_of(item), places[item.rule]) for item in shown]
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "hakuna-mock",
                        "semanticVersion": __version__,
                        "rules": [_rule(rule_id) for rule_id in used],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [_invocation(len(report.findings) - len(shown))],
                "results": results,
                "properties": {"at_stake": list(report.at_stake)},
            }
        ],
    }
    return dumps(document, indent=2)


def _invocation(left_out: int) -> dict[str, Any]:
    """How the run went; what the file cannot hold is counted here."""
    if not left_out:
        return {"executionSuccessful": True}
    reason = f"{counted(left_out, 'finding')} left out: code scanning takes {MAX_RESULTS} at most"
    note = {"level": "warning", "message": {"text": f"{reason}. None of them is more severe."}}
    return {"executionSuccessful": True, "toolExecutionNotifications": [note]}


def _rule(rule_id: str) -> dict[str, Any]:
    rule = RULES.get(rule_id)
    if rule is None:  # a newer server may know more rules than this tool
        return {"id": rule_id}
    return {
        "id": rule_id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.fix}\n\nSource: {rule.source}"},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"basis": str(rule.basis)},
    }


def _uri(source: Source) -> str:
    return quote(path_in_repository(source.name) if source.is_file else source.name)


def _result(finding: Finding, judged: Judged, index: int) -> dict[str, Any]:
    line, column = place_of(judged.source, finding.pointer)
    identity = f"{finding.rule}\n{finding.order_id}\n{finding.pointer}\n{finding.message}"
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message}. Fix: {finding.fix}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(judged.source)},
                    "region": {"startLine": line, "startColumn": column},
                },
                "logicalLocations": [{"fullyQualifiedName": finding.pointer or "/"}],
            }
        ],
        "partialFingerprints": {
            "finding/v1": hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()
        },
    }
    if finding.at_stake:
        result["properties"] = {"at_stake": finding.at_stake.to_json()}
    if finding.state is State.RESOLVED:
        why = finding.related[-1].message
        result["suppressions"] = [{"kind": "external", "justification": why}]
    return result
