"""The run as GitHub Actions annotations, and a summary for the job's page."""

import os
from collections.abc import Callable
from pathlib import Path

from contracts.findings.finding import Finding, Severity, State
from contracts.http.masking import mask_secrets
from contracts.money import sums
from contracts.printable import printable
from hakuna_mock.reports.location import path_in_repository, place_of
from hakuna_mock.reports.model import Rendering, Report, counted

_COMMANDS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.ADVICE: "notice"}

MAX_SUMMARY_BYTES = 1024 * 1024
"""GitHub drops the whole summary of a step that has more."""
_ROOM_FOR_THE_END = 200
_AS_TEXT = {ord(sign): f"&#{ord(sign)};" for sign in "\\`*_{}[]<>()#+!|&:@"}
"""Signs that Markdown, HTML or GitHub act on."""


def render(report: Report, how: Rendering) -> str:
    """One workflow command for each open finding."""
    del how
    return "\n".join(_annotation(report, item) for item in report.open)


def _annotation(report: Report, finding: Finding) -> str:
    source = report.judged_of(finding).source
    properties: dict[str, object] = {"title": finding.rule}
    if source.is_file:
        line, column = place_of(source, finding.pointer)
        path = path_in_repository(source.name)
        properties = {"file": path, "line": line, "col": column, **properties}
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    stake = f" ({finding.at_stake.in_words} at stake)" if finding.at_stake else ""
    text = f"{finding.message}{stake}. Fix: {finding.fix}"
    return f"::{_COMMANDS[finding.severity]} {listed}::{_data(text)}"


def _data(text: str) -> str:
    """Text as a workflow command takes it: nothing in it can start another command."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return printable(escaped)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def write_summary(report: Report, fail_on: str, notice: Callable[[str], None]) -> None:
    """Add a table to the job's page, where the runner names a file for it.

    A summary that cannot be written costs nothing but a notice: the verdict is elsewhere, too.
    """
    name = os.environ.get("GITHUB_STEP_SUMMARY")
    if not name:
        return
    path = Path(name)
    try:
        taken = path.stat().st_size if path.exists() else 0
        text = summary(report, fail_on, MAX_SUMMARY_BYTES - taken)
        with path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(text)
    except OSError as error:
        notice(f"no job summary was written: GITHUB_STEP_SUMMARY={name}: {error.strerror}")


def summary(report: Report, fail_on: str, room: int) -> str:
    """The table in less than `room` bytes: the most severe findings, and how many are left out."""
    word = "failed" if report.failing(fail_on) else "passed"
    text = f"### hakuna-mock {word}: {counted(report.events, 'event')}\n\n"
    if report.at_stake:
        text += f"At stake: {sums(report.at_stake).translate(_AS_TEXT)}\n\n"
    if report.findings:
        text += "| rule | severity | state | order | what |\n|---|---|---|---|---|\n"
    used = len(text.encode()) + _ROOM_FOR_THE_END
    if used >= room:
        return ""
    rows = []
    for finding in report.most_severe_first:
        row = f"{_row(finding)}\n"
        used += len(row.encode("utf-8", "replace"))
        if used >= room:
            break
        rows.append(row)
    left = len(report.findings) - len(rows)
    end = f"\n{counted(left, 'more finding')}, none of them more severe, left out for length.\n"
    return text + "".join(rows) + (end if left else "")


def _row(finding: Finding) -> str:
    state = "resolved" if finding.state is State.RESOLVED else "open"
    cells = (finding.rule, finding.severity, state, finding.order_id or "", finding.message)
    return f"| {' | '.join(_cell(mask_secrets(str(cell))) for cell in cells)} |"


def _cell(text: str) -> str:
    """Text inside a Markdown table, shown as text whatever it holds."""
    return printable(" ".join(text.split())).translate(_AS_TEXT)
