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
@click.option(
    "--input",
    "form",
    type=click.Choice(("auto", "json", "jsonl", "har")),
    default="auto",
    show_default=True,
    help="What the files hold.",
)
@click.option("--select", multiple=True, metavar="RULE", help="Judge only this rule; repeatable.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Leave this rule out; repeatable.")
@color_option
@verbosity_options[0]
@verbosity_options[1]
def command(  # noqa: PLR0913 - one argument per option
    paths: tuple[str, ...],
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    fail_on: str,
    enforcement: str,
    form: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    color: str,
    quiet: bool,  # noqa: FBT001 - click passes flags so
    verbose: bool,  # noqa: FBT001
) -> int:
    """Judge recorded events offline, as the server would judge them one after the other.

    A file holds one event, a JSON array of events, one event or recording per line, or an HTTP
    archive (HAR); a folder stands for all such files in it, `-` for standard input. Where headers
    were not recorded, rules about headers are not judged.
    """
    from hakuna_mock.inputs import InputError, read_events
    from hakuna_mock.judging import judge_offline, policy_of
    from hakuna_mock.reports.out import render, write_reports

    try:
        policy = policy_of(enforcement, select, ignore)
        items = (item for path in paths for item in read_events(path, form, _notice))
        report = judge_offline(items, policy)
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


def _notice(text: str) -> None:
    click.echo(f"hakuna-mock: {text}", err=True)
