"""`hakuna-mock check PATH…|-`."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TypeVar

import click

from contracts.worlds.policy import Policy
from hakuna_mock.cli.options import (
    color_option,
    coverage_option,
    fail_on_option,
    output_format_option,
    report_option,
    verbosity_options,
    wants_color,
)
from hakuna_mock.cli.setting_options import policy_options

T = TypeVar("T")


@click.command("check")
@click.argument("paths", metavar="PATH…|-", nargs=-1, required=True)
@output_format_option
@report_option
@fail_on_option
@policy_options
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
@click.option(
    "--minimize",
    is_flag=True,
    help="For each failing rule say which events suffice, with shorthand that repeats it.",
)
@coverage_option
@color_option
@verbosity_options[0]
@verbosity_options[1]
def command(  # noqa: PLR0913 - one argument per option
    paths: tuple[str, ...],
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    fail_on: str,
    policy: Policy,
    form: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    minimize: bool,  # noqa: FBT001 - click passes flags so
    coverage_path: Path | None,
    color: str,
    quiet: bool,  # noqa: FBT001 - click passes flags so
    verbose: bool,  # noqa: FBT001
) -> int:
    """Judge recorded events offline, as the server would judge them one after the other.

    A file holds one event, a JSON array of events, one event or recording per line, or an HTTP
    archive (HAR); a folder stands for all such files in it, `-` for standard input. Where headers
    were not recorded, rules about headers are not judged.
    """
    from hakuna_mock.cli.interruption import interruptible
    from hakuna_mock.cli.messages import notice
    from hakuna_mock.cli.progress import progress
    from hakuna_mock.inputs.reader import InputError, read_events, size_of
    from hakuna_mock.reports.formats import Delivery
    from hakuna_mock.runs.check import judge_offline, selected

    policy = selected(policy, select, ignore)
    broke: list[str] = []
    with progress("judging", size_of(paths)) as tick, interruptible() as interruption:
        items = chain.from_iterable(read_events(path, form, notice, tick) for path in paths)
        judged = interruption.stopping(_until_broken(items, InputError, broke))
        kept = list(judged) if minimize else None
        report = judge_offline(judged if kept is None else kept, policy)
    if broke and not report.events:
        raise click.UsageError(broke[0])
    if interruption.asked and not report.events:
        notice("interrupted before anything was judged")
        return 130
    if kept is not None:
        from hakuna_mock.runs.minimize import in_words, minimized

        found = minimized(kept, report, policy, fail_on)
        report.notes = [*report.notes, *in_words(found, report.events)]
    delivery = Delivery(output_format, fail_on, wants_color(color), reports, coverage_path)
    delivery.deliver(report, quiet=quiet, verbose=verbose)
    if interruption.asked:
        notice(f"interrupted; only the {report.what} before it were judged")
        return 130
    if broke:
        notice(f"{broke[0]}; only what stands before it was judged")
        return 2
    return report.exit_code(fail_on)


def _until_broken(items: Iterator[T], error: type[Exception], broke: list[str]) -> Iterator[T]:
    """The items before the first that cannot be read: those are judged and reported."""
    try:
        yield from items
    except error as why:
        broke.append(str(why))
