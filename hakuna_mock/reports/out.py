"""Which renderer serves which format, and where a report goes."""

from collections.abc import Sequence
from pathlib import Path

import click

from hakuna_mock.reports.as_json import json_report
from hakuna_mock.reports.model import Report
from hakuna_mock.reports.words import steps, text_report


def render(report: Report, kind: str, *, fail_on: str, coloured: bool = False, **how: bool) -> str:
    """The report in one format; `how` may hold `quiet`, `verbose` and `play`."""
    if kind == "json":
        return json_report(report, fail_on=fail_on)
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
    """Write the `--report FORMAT:PATH` files; a usage error where one cannot be written."""
    for kind, path in wanted:
        try:
            path.write_text(render(report, kind, fail_on=fail_on) + "\n", "utf-8")
        except OSError as error:
            raise click.UsageError(f"--report {kind}:{path}: {error.strerror}") from None
