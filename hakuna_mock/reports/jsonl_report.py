"""The run as JSON Lines: one finding a line, for programs that read while it is written."""

from hakuna_mock.reports.json_report import finding_rows
from hakuna_mock.reports.model import Rendering, Report
from hakuna_mock.reports.safe_text import dumps


def render(report: Report, how: Rendering) -> str:
    """Each finding with its place, in order."""
    del how
    return "\n".join(map(dumps, finding_rows(report)))
