"""The run as GitHub Actions annotations, and a summary for the job's page."""

import os
from pathlib import Path

from contracts.findings.finding import Finding, Severity, State
from hakuna_mock.reports.location import place_of
from hakuna_mock.reports.model import Report

_COMMANDS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.ADVICE: "notice"}


def github_report(report: Report) -> str:
    """One workflow command for each open finding."""
    return "\n".join(_annotation(report, one) for one in report.open)


def _annotation(report: Report, finding: Finding) -> str:
    judged = report.judged_of(finding)
    line, column = place_of(finding, judged)
    properties = {"file": judged.source.name, "line": line, "col": column, "title": finding.rule}
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    text = f"{finding.message}. Fix: {finding.fix}"
    return f"::{_COMMANDS[finding.severity]} {listed}::{_data(text)}"


def _data(text: str) -> str:
    """Text as a workflow command takes it: nothing in it can start another command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def write_summary(report: Report, *, fail_on: str) -> None:
    """Add a table to the job's page, where the runner names a file for it."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    word = "failed" if report.failing(fail_on) else "passed"
    rows = [f"### hakuna-mock {word}: {report.events} events", ""]
    if report.findings:
        rows += ["| rule | severity | state | order | what |", "|---|---|---|---|---|"]
    for finding in report.findings:
        state = "resolved" if finding.state is State.RESOLVED else "open"
        cells = (finding.rule, finding.severity, state, finding.order_id or "", finding.message)
        rows.append(f"| {' | '.join(_cell(str(cell)) for cell in cells)} |")
    with Path(path).open("a", encoding="utf-8") as file:
        file.write("\n".join(rows) + "\n")


def _cell(text: str) -> str:
    """Text inside a Markdown table, shown as text whatever it holds."""
    for sign in "\\`*_{}[]<>()#+!|":
        text = text.replace(sign, f"&#{ord(sign)};")
    return " ".join(text.split())
