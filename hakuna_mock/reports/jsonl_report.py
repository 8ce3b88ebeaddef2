"""The run as JSON Lines: one finding a line, for programs that read while it is written."""

import json

from hakuna_mock.reports.json_report import finding_rows
from hakuna_mock.reports.model import Report


def jsonl_report(report: Report) -> str:
    """Each finding with its place, in order."""
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in finding_rows(report))
