"""Which renderer serves which format, and where a report goes."""

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from hakuna_mock.reports.as_json import json_report
from hakuna_mock.reports.as_jsonl import jsonl_report
from hakuna_mock.reports.github import github_report, write_summary
from hakuna_mock.reports.html import html_report
from hakuna_mock.reports.junit import junit_report
from hakuna_mock.reports.model import Report
from hakuna_mock.reports.sarif import sarif_report
from hakuna_mock.reports.words import steps, text_report

_FOR_PROGRAMS: dict[str, Callable[[Report, str], str]] = {
    "json": lambda report, fail_on: json_report(report, fail_on=fail_on),
    "jsonl": lambda report, _fail_on: jsonl_report(report),
    "junit": lambda report, fail_on: junit_report(report, fail_on=fail_on),
    "sarif": lambda report, _fail_on: sarif_report(report),
    "github": lambda report, _fail_on: github_report(report),
    "html": lambda report, fail_on: html_report(report, fail_on=fail_on),
}


def render(report: Report, kind: str, *, fail_on: str, coloured: bool = False, **how: bool) -> str:
    """The report in one format; `how` may hold `quiet`, `verbose` and `play`."""
    if kind != "text":
        return _FOR_PROGRAMS[kind](report, fail_on)
    text = text_report(
        report,
        fail_on=fail_on,
        coloured=coloured,
        quiet=how.get("quiet", False),
        verbose=how.get("verbose", False),
    )
    if how.get("play") and not how.get("quiet"):
        return f"{steps(report, coloured=coloured)}\n\n{text}"
    return text


def write_reports(report: Report, wanted: Sequence[tuple[str, Path]], *, fail_on: str) -> None:
    """Write the `--report FORMAT:PATH` files; a usage error where one cannot be written.

    On GitHub the job's page gets its summary, too.
    """
    write_summary(report, fail_on=fail_on)
    for kind, path in wanted:
        try:
            path.write_text(render(report, kind, fail_on=fail_on) + "\n", "utf-8")
        except OSError as error:
            raise click.UsageError(f"--report {kind}:{path}: {error.strerror}") from None
