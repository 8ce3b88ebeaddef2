"""`hakuna-mock check PATH…|-`."""

from pathlib import Path

import click

from hakuna_mock.options import (
    color_option,
    enforcement_option,
    fail_on_option,
    output_format_option,
    report_option,
    verbosity_options,
    wants_color,
)


@click.command("check")
@click.argument("paths", metavar="PATH…|-", nargs=-1, required=True)
@output_format_option
@report_option
@fail_on_option
@enforcement_option
@color_option
@verbosity_options[0]
@verbosity_options[1]
def command(  # noqa: PLR0913 - one argument per option
    paths: tuple[str, ...],
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    fail_on: str,
    enforcement: str,
    color: str,
    quiet: bool,  # noqa: FBT001 - click passes flags so
    verbose: bool,  # noqa: FBT001
) -> int:
    """Judge recorded events offline, as the server would judge them one after the other.

    A file holds one event, a JSON array of events, or one event per line; `-` is standard input.
    Headers are not recorded there, so rules about headers are not judged.
    """
    from hakuna_mock.inputs import InputError, read_events
    from hakuna_mock.judging import judge_offline
    from hakuna_mock.reports.out import render, write_reports

    try:
        report = judge_offline((item for path in paths for item in read_events(path)), enforcement)
    except InputError as error:
        raise click.UsageError(str(error)) from None
    write_reports(report, reports, fail_on=fail_on)
    coloured = wants_color(color)
    click.echo(
        render(
            report, output_format, fail_on=fail_on, coloured=coloured, quiet=quiet, verbose=verbose
        ),
        color=coloured,
    )
    return report.exit_code(fail_on)
