"""`hakuna-mock fuzz`."""

import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from contracts.worlds.policy import Policy
from hakuna_mock.cli.options import (
    TargetUrl,
    color_option,
    drift_option,
    output_format_option,
    report_option,
    verbosity_options,
    wants_color,
    wants_links,
)
from hakuna_mock.cli.setting_options import policy_options

if TYPE_CHECKING:
    from fuzz.checks.drift_watch import DriftWatch
    from fuzz.client.target_session import TargetSession
    from fuzz.engine.campaign import Progress

FAIL_ON = "violation"
PROGRESS_SECONDS = 0.2


@click.command("fuzz")
@click.option("--target", type=TargetUrl(), help="Base URL of the server (default: its own).")
@click.option(
    "--key-env",
    metavar="NAME",
    help="Environment variable with the only API key; without it each example has fresh ones.",
)
@click.option(
    "--allow-host", multiple=True, metavar="H", help="Hosts off this machine that may be used."
)
@click.option("--admin-token", metavar="TOKEN", help="For the control API of a hakuna-mock.")
@click.option(
    "--profile",
    type=click.Choice(("quick", "deep")),
    default="quick",
    show_default=True,
    help="quick: 10 s, deep: 300 s, unless another limit is given.",
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
@click.option("-x", "--exitfirst", "exit_first", is_flag=True, help="Stop at the first failure.")
@click.option("--seed", type=click.IntRange(0), metavar="N", help="Repeat a run (default: random).")
@click.option(
    "--timeout", default=5.0, show_default=True, metavar="S", help="Seconds to wait for a reply."
)
@click.option(
    "--save",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("hakuna-fuzz"),
    show_default=True,
    help="Folder for counterexamples; created when there is one.",
)
@click.option(
    "--replay",
    "replays",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="Send a saved counterexample again instead; repeatable.",
)
@drift_option
@policy_options
@output_format_option
@report_option
@color_option
@verbosity_options[0]
def command(  # noqa: PLR0913 - one argument per option, read one after the other
    target: str | None,
    key_env: str | None,
    allow_host: tuple[str, ...],
    admin_token: str | None,
    profile: str,
    max_examples: int | None,
    time_limit: float | None,
    max_steps: int,
    exit_first: bool,  # noqa: FBT001 - click passes flags so
    seed: int | None,
    timeout: float,
    save: Path,
    replays: tuple[Path, ...],
    drift_path: Path | None,
    policy: Policy,
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    color: str,
    quiet: bool,  # noqa: FBT001 - click passes flags so
) -> int:
    """Drive a server with generated conversations and compare every reply with a model.

    Valid and broken events, retries, several orders and keys, parallel requests. Each different
    failure is repeated, shrunk, saved as a scenario and shown with curl commands. From a
    hakuna-mock, findings, orders, lists and counts are read back, too; its own settings decide
    what its replies must be. The run ends at the first of --max-examples and --time-limit, which
    holds for shrinking, too.
    """
    began = time.monotonic()
    from fuzz.client.http_client import TargetError, TargetUrlError
    from fuzz.client.target_session import TargetSession, UnusableTargetError
    from fuzz.engine.campaign import MAX_FAILURES, Limits
    from hakuna_mock.cli.delivery import Delivery
    from hakuna_mock.cli.environment import key_from
    from hakuna_mock.cli.messages import notice
    from hakuna_mock.runs.fuzz import (
        PROFILES,
        FuzzError,
        FuzzOptions,
        replay_files,
        report_of,
        run_campaign,
        saved_scenarios,
        settings_of,
    )
    from hakuna_mock.runs.verify import NotAllowedError, check_host
    from hakuna_mock.servers.subprocess_server import OwnServerError, own_process
    from mock_server.scenarios.files import ScenarioFileError

    links = wants_links(color)
    delivery = Delivery(
        output_format, FAIL_ON, wants_color(color), reports, links=links, drift=drift_path
    )
    unlimited = time_limit is None and max_examples is None
    seconds = PROFILES[profile] if unlimited else time_limit
    chosen = secrets.randbelow(2**31) if seed is None else seed
    failures = 1 if exit_first else MAX_FAILURES
    options = FuzzOptions(chosen, Limits(max_examples, seconds, max_steps, failures))
    with ExitStack() as stack:
        try:
            if target is not None:
                check_host(target, allow_host)
            url = target or stack.enter_context(own_process(policy))
            settings = settings_of(policy)
            session = TargetSession(url, timeout, key_from(key_env), admin_token, settings)
            session.watch = _watch(session, policy) if drift_path else None
            session.identify(session.fresh_keys(f"{chosen:x}")[0])
            if replays:
                result = replay_files(session, replays)
            else:
                with _watched(session) as on_progress:
                    result = run_campaign(session, options, on_progress, began)
        except (NotAllowedError, OwnServerError, FuzzError, ScenarioFileError) as error:
            raise click.UsageError(str(error)) from None
        except (TargetUrlError, UnusableTargetError) as error:
            raise click.UsageError(f"--target: {error}") from None
        except TargetError as error:
            notice(error)
            return 3
        try:
            scenarios = saved_scenarios(result, session, None if replays else save)
        except OSError as error:
            raise click.UsageError(f"--save {save}: {error.strerror}") from None
        report = report_of(result, session, scenarios, own=target is None)
    delivery.deliver(report, notice, quiet=quiet)
    if result.stopped == "interrupted":
        return 130
    if result.broke and not result.counterexamples:
        notice(result.broke)
        return 3
    return report.exit_code(FAIL_ON)


def _watch(session: "TargetSession", policy: Policy) -> "DriftWatch":
    """Holds what the target does against what is assumed."""
    from fuzz.checks.drift_watch import DriftWatch

    return DriftWatch(session.url, policy, session.now)


@contextmanager
def _watched(session: "TargetSession") -> "Iterator[Callable[[Progress], None]]":
    """Shows how far the run is, in one line on stderr, where a person watches a terminal; Ctrl-C
    ends the run before its next request.
    """
    from hakuna_mock.cli.interruption import interruptible
    from hakuna_mock.runs.fuzz import progress_line

    watching = sys.stderr is not None and sys.stderr.isatty()
    shown = 0.0

    def show(progress: "Progress") -> None:
        nonlocal shown
        if watching and progress.seconds - shown >= PROGRESS_SECONDS:
            shown = progress.seconds
            click.echo(f"\r\x1b[K{progress_line(progress)}", err=True, nl=False)

    with interruptible() as interruption:
        session.stop_asked = lambda: interruption.pressed
        try:
            yield show
        finally:
            session.stop_asked = lambda: False
            if watching:
                click.echo("\r\x1b[K", err=True, nl=False)
