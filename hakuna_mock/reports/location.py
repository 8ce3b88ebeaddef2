"""Line and column of a finding in the file where its event was read."""

from contracts.findings.finding import Finding
from contracts.json_text.positions import locate
from hakuna_mock.reports.model import Judged


def place_of(finding: Finding, judged: Judged) -> tuple[int, int]:
    """Line and column, both from 1."""
    position = locate(judged.source.text, judged.source.pointer + finding.pointer)
    return judged.source.first_line + position.line - 1, position.column
