"""`hakuna-mock verify --target URL`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from contracts.worlds.policy import Policy
from hakuna_mock.cli.completing import scenarios
from hakuna_mock.cli.options import (
    TargetUrl,
    color_option,
    coverage_option,
    drift_option,
    output_format_option,
    report_option,
    verbosity_options,
    wants_color,
    wants_links,
)
from hakuna_mock.cli.setting_options import policy_options

if TYPE_CHECKING:
    from hakuna_mock.reports.model import Report
    from hakuna_mock.runs.verify import Results

FAIL_ON = "violation"


@click.command("verify")
@click.argument("asked", metavar="[SCENARIO]…", nargs=-1, shell_complete=scenarios)
@click.option("--target", type=TargetUrl(), required=True, help="Base URL of the server to check.")
@click.option(
    "--key-env",
    metavar="NAME",
    help="Environment variable with the only API key; without it each scenario has a fresh one.",
)
@click.option(
    "--suite",
    type=click.Choice(("smoke", "full")),
    default="full",
    show_default=True,
    help="smoke: the named QA cases and stories. full: an example of each rule, too.",
)
@click.option("--wait", default=0.0, metavar="S", help="Seconds to wait until the target answers.")
@click.option(
    "--allow-host", multiple=True, metavar="H", help="Hosts off this machine that may be asked."
)
@click.option("--admin-token", metavar="TOKEN", help="For the control API of a hakuna-mock.")
@click.option("--dry-run", is_flag=True, help="Print what would be sent, and send nothing.")
@click.option(
    "--polite",
    is_flag=True,
    help="For a provider's sandbox: one request at a time, slowly, nothing hostile, nothing twice.",
)
@click.option(
    "--per-second",
    type=click.FloatRange(0.05, 50),
    default=2.0,
    show_default=True,
    metavar="N",
    help="With --polite: requests a second at most.",
)
@click.option(
    "--run-file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("hakuna-polite.jsonl"),
    show_default=True,
    help="With --polite: what was sent, so that an interrupted run can go on.",
)
@drift_option
@policy_options
@output_format_option
@report_option
@coverage_option
@color_option
@verbosity_options[0]
def command(  # noqa: PLR0913 - one argument per option
    asked: tuple[str, ...],
    target: str,
    key_env: str | None,
    suite: str,
    wait: float,
    allow_host: tuple[str, ...],
    admin_token: str | None,
    dry_run: bool,  # noqa: FBT001 - click passes flags so
    polite: bool,  # noqa: FBT001
    per_second: float,
    run_file: Path,
    drift_path: Path | None,
    policy: Policy,
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    coverage_path: Path | None,
    color: str,
    quiet: bool,  # noqa: FBT001
) -> int:
    """Play the scenario catalogue, or only some scenarios, against a server and judge every reply.

    Statuses, bodies and ids are judged on every server, findings and orders on a hakuna-mock. A
    hakuna-mock is asked how it enforces; of another server --enforcement says it.

    With --polite a run that was interrupted goes on where it ended when it is started again.
    """
    from fuzz.checks.drift_watch import DriftWatch
    from fuzz.client.http_client import TargetError, TargetUrlError
    from hakuna_mock.cli.delivery import Delivery
    from hakuna_mock.cli.environment import key_from
    from hakuna_mock.cli.messages import notice, without_secrets
    from hakuna_mock.cli.polite_run import PoliteRun
    from hakuna_mock.reports.model import counted
    from hakuna_mock.runs.verify import (
        NotAllowedError,
        plan,
        report_of,
        run_suite,
        scenario_named,
        without_live_keys,
    )
    from mock_server.scenarios.files import ScenarioFileError

    try:
        scenarios = without_live_keys([scenario_named(item) for item in asked] or plan(suite))
    except (ScenarioFileError, NotAllowedError) as error:
        raise click.UsageError(str(error)) from None
    key = key_from(key_env)
    polite_run = None
    if polite:
        polite_run = PoliteRun.planned(scenarios, target, key, per_second, run_file)
        scenarios = list(polite_run.plan.scenarios)
    if dry_run:
        for scenario in scenarios:
            click.echo(f"{scenario.name}: {counted(len(scenario.steps), 'step')}")
        would = f"{counted(len(scenarios), 'scenario')} would be played against"
        would += f" {without_secrets(target)}"
        click.echo("\n".join(["", would, *(polite_run.in_words() if polite_run else ())]))
        return 0
    links = wants_links(color)
    delivery = Delivery(
        output_format,
        FAIL_ON,
        wants_color(color),
        reports,
        coverage_path,
        links=links,
        drift=drift_path,
    )
    watch = DriftWatch(target, policy) if drift_path else None
    try:
        if polite_run:
            results = polite_run.played(policy, allow_host, watch)
        else:
            results = run_suite(
                scenarios,
                target,
                key=key,
                policy=policy,
                wait=wait,
                allowed=allow_host,
                admin_token=admin_token,
                watch=watch,
            )
    except NotAllowedError as error:
        raise click.UsageError(str(error)) from None
    except TargetUrlError as error:
        raise click.UsageError(f"--target: {error}") from None
    except TargetError as error:
        notice(error)
        return 3
    if not (key or quiet):
        notice(f"under fresh keys: {results.keys_begin_with}…")
    report = report_of(results)
    report.drift = watch.drift if watch else None
    delivery.deliver(report, notice, quiet=quiet)
    return _exit_code(results, report)


def _exit_code(results: "Results", report: "Report") -> int:
    """The exit code, and why where no finding says it."""
    from hakuna_mock.cli.messages import notice

    if results.broke:
        notice(f"{results.broke}; only what was played before is reported")
        return 130 if results.interrupted else 3
    if results.played_nothing:
        notice("nothing was judged: no scenario was played")
        return 2
    return report.exit_code(FAIL_ON)
