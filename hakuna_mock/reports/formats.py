"""Which renderer serves which format, and where a report goes."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from hakuna_mock.reports.github import github_report, write_summary
from hakuna_mock.reports.html import html_report
from hakuna_mock.reports.json_report import json_report
from hakuna_mock.reports.jsonl_report import jsonl_report
from hakuna_mock.reports.junit import junit_report
from hakuna_mock.reports.model import Report
from hakuna_mock.reports.sarif import sarif_report
from hakuna_mock.reports.text import steps, text_report

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


@dataclass(frozen=True)
class Delivery:
    """Where the command line wants its results: printed, in report files, as coverage."""

    output_format: str
    fail_on: str
    coloured: bool
    reports: Sequence[tuple[str, Path]] = ()
    coverage: Path | None = None

    def deliver(self, report: Report, **how: bool) -> None:
        """Write the files, then print. A file that cannot be written does not cost the results.

        Afterwards it is a usage error.
        """
        try:
            write_reports(report, self.reports, fail_on=self.fail_on)
            write_coverage(report, self.coverage)
        finally:
            self._print(report, **how)

    def _print(self, report: Report, **how: bool) -> None:
        text = render(
            report, self.output_format, fail_on=self.fail_on, coloured=self.coloured, **how
        )
        try:
            # What programs read is UTF-8, whatever the terminal can show.
            of_text = self.output_format == "text"
            click.echo(text if of_text else text.encode("utf-8", "replace"), color=self.coloured)
        except BrokenPipeError:
            # Whoever read it went away, as `head` does: the exit code still says the verdict.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write_coverage(report: Report, path: Path | None) -> None:
    """Write the `--coverage` file; a usage error where it cannot be written."""
    if path is not None and report.coverage is None:
        raise click.UsageError("--coverage: what a server saw, GET /_mock/v1/coverage tells")
    if path is not None:
        _write("--coverage", path, json.dumps(report.coverage, indent=2))


def write_reports(report: Report, wanted: Sequence[tuple[str, Path]], *, fail_on: str) -> None:
    """Write the `--report FORMAT:PATH` files; a usage error where one cannot be written.

    On GitHub the job's page gets its summary, too.
    """
    write_summary(report, fail_on=fail_on)
    for kind, path in wanted:
        _write(f"--report {kind}:", path, render(report, kind, fail_on=fail_on))


def _write(option: str, path: Path, text: str) -> None:
    try:
        path.write_text(text + "\n", "utf-8")
    except OSError as error:
        space = "" if option.endswith(":") else " "
        raise click.UsageError(f"{option}{space}{path}: {error.strerror}") from None
