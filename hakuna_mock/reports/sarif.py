"""The run as SARIF 2.1.0, for code scanning views."""

import hashlib
import json
from typing import Any
from urllib.parse import quote

from contracts.findings.finding import Finding, Severity, State
from contracts.rules import RULES
from contracts.version import __version__
from hakuna_mock.reports.location import place_of
from hakuna_mock.reports.model import Judged, Report

_LEVELS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.ADVICE: "note"}


def sarif_report(report: Report) -> str:
    """Every finding as a result; resolved ones are suppressed and say so."""
    used = sorted({finding.rule for finding in report.findings})
    results = [
        _result(finding, report.judged_of(finding), used.index(finding.rule))
        for finding in report.findings
    ]
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
                "results": results,
            }
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


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


def _result(finding: Finding, judged: Judged, index: int) -> dict[str, Any]:
    line, column = place_of(finding, judged)
    told = f"{finding.rule}\n{finding.order_id}\n{finding.pointer}\n{finding.message}"
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message}. Fix: {finding.fix}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(judged.source.name)},
                    "region": {"startLine": line, "startColumn": column},
                },
                "logicalLocations": [{"fullyQualifiedName": finding.pointer or "/"}],
            }
        ],
        "partialFingerprints": {"finding/v1": hashlib.sha256(told.encode()).hexdigest()},
    }
    if finding.state is State.RESOLVED:
        said = finding.related[-1].message
        result["suppressions"] = [{"kind": "external", "justification": said}]
    return result
