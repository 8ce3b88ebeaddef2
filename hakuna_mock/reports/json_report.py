"""The run as one JSON document."""

from collections.abc import Iterator
from typing import Any

from contracts.version import __version__
from hakuna_mock.reports.location import place_of
from hakuna_mock.reports.model import Rendering, Report
from hakuna_mock.reports.safe_text import dumps


def finding_rows(report: Report) -> Iterator[dict[str, Any]]:
    """Each finding with the number of its event and its place in the file."""
    for finding in report.findings:
        judged = report.judged_of(finding)
        line, column = place_of(judged.source, finding.pointer)
        yield {
            **finding.to_json(),
            "event": judged.number,
            "file": judged.source.name,
            "line": line,
            "column": column,
        }


def render(report: Report, how: Rendering) -> str:
    """Events with what was replied, findings with file and line, counts of open ones."""
    document = {
        "version": __version__,
        "passed": report.exit_code(how.fail_on) == 0,
        "fail_on": how.fail_on,
        "counts": report.counts,
        "at_stake": list(report.at_stake),
        "judged": {"events": report.events, "orders": report.orders},
        "target": report.target,
        **report.about,
        "notes": [*report.minimal, *report.notes],
        "coverage": report.coverage,
        "events": [
            {
                "number": item.number,
                "file": item.source.name,
                "line": place_of(item.source)[0],
                "type": item.event_type,
                "order_id": item.order_id,
                "status": item.status,
                "event_id": item.event_id,
                "validation_errors": list(item.messages),
                "skipped": item.skipped,
                "details": list(item.details),
            }
            for item in report.judged
        ],
        "findings": list(finding_rows(report)),
    }
    return dumps(document, indent=2)
