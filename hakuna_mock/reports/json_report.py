"""The run as one JSON document."""

import json
from collections.abc import Iterator
from typing import Any

from contracts.json_text.positions import locate
from contracts.version import __version__
from hakuna_mock.reports.location import place_of
from hakuna_mock.reports.model import Report


def finding_rows(report: Report) -> Iterator[dict[str, Any]]:
    """Each finding with the number of its event and its place in the file."""
    for finding in report.findings:
        judged = report.judged_of(finding)
        line, column = place_of(finding, judged)
        yield {
            **finding.to_json(),
            "event": judged.number,
            "file": judged.source.name,
            "line": line,
            "column": column,
        }


def json_report(report: Report, *, fail_on: str) -> str:
    """Events with what was answered, findings with file and line, counts of open ones."""
    document = {
        "version": __version__,
        "passed": report.exit_code(fail_on) == 0,
        "fail_on": fail_on,
        "counts": report.counts,
        "judged": {"events": report.events, "orders": report.orders},
        "target": report.target,
        **report.about,
        "notes": list(report.notes),
        "coverage": report.coverage,
        "events": [
            {
                "number": one.number,
                "file": one.source.name,
                "line": one.source.first_line
                + locate(one.source.text, one.source.pointer).line
                - 1,
                "type": one.event_type,
                "order_id": one.order_id,
                "status": one.status,
                "event_id": one.event_id,
                "validation_errors": list(one.said),
                "skipped": one.skipped,
                "details": list(one.details),
            }
            for one in report.judged
        ],
        "findings": list(finding_rows(report)),
    }
    return json.dumps(document, indent=2, ensure_ascii=False)
