"""Options that several commands share."""

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from contracts.judging.replies import base_url
from hakuna_mock.cli.hyperlinks import shows_links
from hakuna_mock.reports.formats import FORMATS

Command = Callable[..., Any]

if TYPE_CHECKING:
    ReportParam = click.ParamType[tuple[str, Path]]
    UrlParam = click.ParamType[str]
else:
    # Before click 8.4 the class takes no parameter.
    ReportParam = UrlParam = click.ParamType

INPUT_FORMS = ("auto", "json", "jsonl", "har")
PLAIN_FORMATS = ("text", "json")
FAIL_ON = ("violation", "warning", "advice", "never")


def _format_option(formats: Iterable[str]) -> Callable[[Command], Command]:
    return click.option(
        "--output-format",
        type=click.Choice(tuple(formats)),
        default="text",
        show_default=True,
        help="How results are printed.",
    )


output_format_option = _format_option(FORMATS)
plain_format_option = _format_option(PLAIN_FORMATS)
color_option = click.option(
    "--color",
    type=click.Choice(("auto", "always", "never")),
    default="auto",
    show_default=True,
    help="Colours; NO_COLOR is honoured.",
)
fail_on_option = click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default="warning",
    show_default=True,
    help="Exit with 1 if a finding of this severity or worse is open.",
)
verbosity_options = (
    click.option("-q", "--quiet", is_flag=True, help="Print only findings that fail the run."),
    click.option("-v", "--verbose", is_flag=True, help="Print why each rule exists, too."),
)


class ReportPath(ReportParam):
    """`FORMAT:PATH`."""

    name = "FORMAT:PATH"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Path]:
        """The format and the file of a report."""
        kind, colon, path = str(value).partition(":")
        if kind not in FORMATS or not colon or not path:
            self.fail(f"write FORMAT:PATH with one of {', '.join(FORMATS)}", param, ctx)
        return kind, Path(path)


report_option = click.option(
    "--report",
    "reports",
    type=ReportPath(),
    multiple=True,
    help="Write a further report to a file, and make its folders; repeatable.",
)


coverage_option = click.option(
    "--coverage",
    "coverage_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what was exercised as JSON; hakuna-mock coverage shows and merges such files.",
)


drift_option = click.option(
    "--drift",
    "drift_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what the replies say about our assumptions; hakuna-mock drift shows such files.",
)


def wants_color(color: str) -> bool:
    """Whether stdout gets colours."""
    if color == "auto":
        return sys.stdout is not None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return color == "always"


def wants_links(color: str) -> bool:
    """Whether addresses on stdout become links: where colours do, in a terminal that knows them."""
    return wants_color(color) and shows_links()


class TargetUrl(UrlParam):
    """The base URL of a server; that of its sandbox or its events endpoint is understood, too."""

    name = "URL"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """The base URL."""
        del param, ctx
        return base_url(str(value))
