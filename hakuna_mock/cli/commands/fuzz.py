"""`hakuna-mock fuzz`."""

import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from contracts.worlds.policy import Policy
from hakuna_mock.cli.options import (
    TargetUrl,
    color_option,
    output_format_option,
    report_option,
    verbosity_options,
    wants_color,
)
from hakuna_mock.cli.setting_options import policy_options

if TYPE_CHECKING:
    from fuzz.engine.campaign import Progress

FAIL_ON = "violation"


@click.command("fuzz")
@click.option(
    "--target", type=TargetUrl(), help="Base URL of the server (default: one of its own)."
)
@click.option(
    "--key-env",
    metavar="NAME",
    help="Environment variable with the only API key; without it each example has fresh ones.",
)
@click.option(
    "--allow-host", multiple=True, metavar="H", help="Hosts off this machine that may be asked."
)
@click.option("--admin-token", metavar="TOKEN", help="For the control API of a hakuna-mock.")
@click.option(
    "--profile",
    type=click.Choice(("quick", "deep")),
    default="quick",
    show_default=True,
    help="quick: 10 s, deep: 300 s, where no other limit is given.",
)
@click.option("--max-examples", type=click.IntRange(1), metavar="N", help="Conversations at most.")
@click.option("--time-limit", type=click.FloatRange(0.1), metavar="S", help="Seconds at most.")
@click.option(
    "--max-steps",
    type=click.IntRange(1, 200),
    default=120,
    show_default=True,
    metavar="N",
    help="Steps of the longest conversations; most have 29.",
)
@click.option("--seed", type=click.IntRange(0), metavar="N", help="Repeat a run (default: random).")
@click.option(
    "--timeout", default=5.0, show_default=True, metavar="S", help="Seconds to wait for a reply."
)
@click.option(
    "--save",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("hakuna-fuzz"),
    show_default=True,
    help="Folder for counterexamples; made when there is one.",
)
@click.option(
    "--replay",
    "replays",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="Send a saved counterexample again instead; repeatable.",
)
@policy_options
@output_format_option
@report_option
@color_option
@verbosity_options[0]
def command(  # noqa: PLR0913, PLR0915 - one argument per option, read one after the other
    target: str | None,
    key_env: str | None,
    allow_host: tuple[str, ...],
    admin_token: str | None,
    profile: str,
    max_examples: int | None,
    time_limit: float | None,
    max_steps: int,
    seed: int | None,
    timeout: float,
    save: Path,
    replays: tuple[Path, ...],
    policy: Policy,
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    color: str,
    quiet: bool,  # noqa: FBT001 - click passes flags so
) -> int:
    """Drive a server with generated conversations and hold every reply against a model.

    Valid and broken events, retries, several orders and keys, requests at the same moment. Each
    different failure is repeated, shrunk, saved as a scenario and shown with curl lines. Of a
    hakuna-mock findings, orders, lists and counts are read back, too. The run ends at the first of
    --max-examples and --time-limit.
    """
    try:
        import hypothesis  # noqa: F401
    except ImportError:
        raise click.UsageError(
            "fuzz needs Hypothesis, which is not installed: pip install 'hakuna-mock[fuzz]'"
        ) from None
    from contracts.worlds.rule_levels import rule_levels
    from fuzz.client.http_client import TargetError, TargetUrlError
    from fuzz.client.target_session import Line
    from fuzz.engine.campaign import Limits
    from hakuna_mock.cli.delivery import Delivery
    from hakuna_mock.cli.environment import key_from
    from hakuna_mock.cli.messages import notice
    from hakuna_mock.runs.fuzz import (
        PROFILES,
        FuzzError,
        Wanted,
        outcome_of_replays,
        report_of,
        run_campaign,
        saved_scenarios,
    )
    from hakuna_mock.runs.verify import NotAllowedError, check_host
    from hakuna_mock.servers.subprocess_server import OwnServerError, own_process
    from mock_server.scenario_files import ScenarioFileError

    delivery = Delivery(output_format, FAIL_ON, wants_color(color), reports)
    seconds = time_limit
    if seconds is None and max_examples is None:
        seconds = PROFILES[profile]
    chosen = secrets.randbelow(2**31) if seed is None else seed
    wanted = Wanted(chosen, Limits(max_examples, seconds, max_steps))
    with ExitStack() as stack:
        stack.enter_context(_no_hypothesis_folder())
        try:
            if target is not None:
                check_host(target, allow_host)
            url = target or stack.enter_context(own_process(policy))
            line = Line(
                url,
                timeout,
                key_from(key_env),
                admin_token,
                str(policy.enforcement),
                rule_levels(policy),
            )
            line.look(line.keys(f"{chosen:x}")[0])
            if replays:
                outcome = outcome_of_replays(line, replays)
            else:
                with _watched() as watch:
                    outcome = run_campaign(line, wanted, watch)
        except (NotAllowedError, OwnServerError, FuzzError, ScenarioFileError) as error:
            raise click.UsageError(str(error)) from None
        except TargetUrlError as error:
            raise click.UsageError(f"--target: {error}") from None
        except TargetError as error:
            notice(error)
            return 3
        try:
            scenarios = saved_scenarios(outcome, line, None if replays else save)
        except OSError as error:
            raise click.UsageError(f"--save {save}: {error.strerror}") from None
        report = report_of(outcome, line, scenarios, own=target is None)
    delivery.deliver(report, notice, quiet=quiet)
    if outcome.stopped == "interrupted":
        return 130
    if outcome.broke and not outcome.counterexamples:
        notice(outcome.broke)
        return 3
    return report.exit_code(FAIL_ON)


@contextmanager
def _no_hypothesis_folder() -> Iterator[None]:
    """Keep what Hypothesis stores out of the folder in which somebody works."""
    from hypothesis.configuration import set_hypothesis_home_dir

    if os.environ.get("HYPOTHESIS_STORAGE_DIRECTORY"):
        yield
        return
    with TemporaryDirectory(prefix="hakuna-mock-", ignore_cleanup_errors=True) as folder:
        set_hypothesis_home_dir(folder)
        yield
        set_hypothesis_home_dir(None)


class _watched:  # noqa: N801 - used like a function
    """Prints how far the run is, in one line on stderr, where a person watches a terminal."""

    SECONDS = 0.2

    def __init__(self) -> None:
        self._last = 0.0
        self._watching = sys.stderr is not None and sys.stderr.isatty()

    def __enter__(self) -> "Callable[[Progress], None]":
        return self._show

    def __exit__(self, *_: object) -> None:
        if self._watching:
            click.echo("\r\x1b[K", err=True, nl=False)

    def _show(self, progress: "Progress") -> None:
        from hakuna_mock.runs.fuzz import progress_line

        if self._watching and progress.seconds - self._last >= self.SECONDS:
            self._last = progress.seconds
            click.echo(f"\r\x1b[K{progress_line(progress)}", err=True, nl=False)
