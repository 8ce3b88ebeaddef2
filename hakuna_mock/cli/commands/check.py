"""`hakuna-mock check PATH…|-`."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TypeVar

import click

from contracts.worlds.policy import Policy
from hakuna_mock.cli.completing import rules
from hakuna_mock.cli.options import (
    INPUT_FORMS,
    color_option,
    coverage_option,
    fail_on_option,
    output_format_option,
    report_option,
    verbosity_options,
    wants_color,
    wants_links,
)
from hakuna_mock.cli.setting_options import policy_options_with

T = TypeVar("T")

MAX_PASSED_OVER = 20
"""Lines about what holds no event."""


@click.command("check")
@click.argument("paths", metavar="PATH…|-", nargs=-1, required=True)
@output_format_option
@report_option
@fail_on_option
@policy_options_with("contract")
@click.option(
    "--input",
    "form",
    type=click.Choice(INPUT_FORMS),
    default="auto",
    show_default=True,
    help="What the files hold.",
)
@click.option("--allow-empty", is_flag=True, help="Pass where there is no event to judge.")
@click.option(
    "--select",
    multiple=True,
    metavar="RULE",
    shell_complete=rules,
    help="Judge only this rule; repeatable.",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="RULE",
    shell_complete=rules,
    help="Leave this rule out; repeatable.",
)
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
    allow_empty: bool,  # noqa: FBT001 - click passes flags so
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    minimize: bool,  # noqa: FBT001 - click passes flags so
    coverage_path: Path | None,
    color: str,
    quiet: bool,  # noqa: FBT001 - click passes flags so
    verbose: bool,  # noqa: FBT001
) -> int:
    """Judge recorded events offline, as the server would judge them one after the other.

    A file holds one event, a JSON array of events, one event or recording per line, a scenario, an
    HTTP archive (HAR), or what GET /_mock/v1/events or /requests listed; a folder stands for all
    such files in it, `-` for standard input. Each API key is a world of its own. Where headers
    were not recorded, rules about headers are not judged. Where there is no event, the exit code
    is 2.
    """
    from hakuna_mock.cli.delivery import Delivery, refuse_to_overwrite
    from hakuna_mock.cli.interruption import interruptible
    from hakuna_mock.cli.messages import notice
    from hakuna_mock.cli.progress import progress
    from hakuna_mock.inputs.folders import size_of
    from hakuna_mock.inputs.reader import read_events
    from hakuna_mock.inputs.reading import InputError, Reading
    from hakuna_mock.runs.check import judge_offline, selected

    policy = selected(policy, select, ignore)
    for kind, path in reports:
        refuse_to_overwrite(f"--report {kind}:", path, paths)
    refuse_to_overwrite("--coverage ", coverage_path, paths)
    links = wants_links(color)
    delivery = Delivery(
        output_format, fail_on, wants_color(color), reports, coverage_path, links=links
    )
    broke: list[str] = []
    with progress("judging", size_of(paths)) as tick, interruptible() as interruption:
        reading = Reading(form, notice, tick)
        items = chain.from_iterable(read_events(path, reading) for path in paths)
        readable = interruption.stopping(_until_broken(items, InputError, broke))
        kept = list(readable) if minimize else None
        report = judge_offline(readable if kept is None else kept, policy)
    if interruption.pressed and not report.judged:
        notice("interrupted before anything was judged")
        return 130
    if broke and not report.judged:
        raise click.UsageError(broke[0])
    if kept is not None:
        from hakuna_mock.runs.minimize import in_words, minimized

        report.minimal = in_words(minimized(kept, report, policy, fail_on), report.events)
    if report.judged:
        delivery.deliver(report, notice, quiet=quiet, verbose=verbose)
    if interruption.pressed:
        notice(f"interrupted; only the {report.what} before it were judged")
        return 130
    if broke:
        notice(f"{broke[0]}; only what comes before it was judged")
        return 2
    if reading.not_events:
        raise click.UsageError("\n".join(reading.not_events))
    if not report.events and not allow_empty:
        raise click.UsageError(_nothing_judged(paths, reading.passed_over))
    if not report.judged:
        delivery.deliver(report, notice, quiet=quiet, verbose=verbose)
    return report.exit_code(fail_on)


def _nothing_judged(paths: tuple[str, ...], passed_over: Sequence[str]) -> str:
    """Why a run without events is not a success, and where the events may be."""
    lines = [f"nothing was judged: no event in {', '.join(paths)}"]
    lines += [f"  {item}" for item in passed_over[:MAX_PASSED_OVER]]
    if len(passed_over) > MAX_PASSED_OVER:
        lines.append(f"  and {len(passed_over) - MAX_PASSED_OVER} more")
    return "\n".join([*lines, "Add --allow-empty where that is fine."])


def _until_broken(items: Iterator[T], error: type[Exception], broke: list[str]) -> Iterator[T]:
    """The items before the first that cannot be read: those are judged and reported."""
    try:
        yield from items
    except error as why:
        broke.append(str(why))
