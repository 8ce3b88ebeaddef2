"""`hakuna-mock play SHORTHAND|SCENARIO`."""

from pathlib import Path

import click

from contracts.worlds.policy import Policy
from hakuna_mock.cli.completing import scenarios
from hakuna_mock.cli.options import (
    TargetUrl,
    color_option,
    coverage_option,
    fail_on_option,
    output_format_option,
    report_option,
    verbosity_options,
    wants_color,
    wants_links,
)
from hakuna_mock.cli.setting_options import policy_options


@click.command("play")
@click.argument(
    "play", metavar="SHORTHAND|SCENARIO", nargs=-1, required=True, shell_complete=scenarios
)
@click.option("--target", type=TargetUrl(), help="Send the events to this server instead.")
@click.option(
    "--key-env",
    metavar="NAME",
    help="Environment variable with the API key for --target (default: a fresh key).",
)
@output_format_option
@report_option
@fail_on_option
@policy_options
@coverage_option
@color_option
@verbosity_options[0]
@verbosity_options[1]
def command(  # noqa: PLR0913 - one argument per option
    play: tuple[str, ...],
    target: str | None,
    key_env: str | None,
    output_format: str,
    reports: tuple[tuple[str, Path], ...],
    fail_on: str,
    policy: Policy,
    coverage_path: Path | None,
    color: str,
    quiet: bool,  # noqa: FBT001 - click passes flags so
    verbose: bool,  # noqa: FBT001
) -> int:
    """Play events written in shorthand, for example 'P{d:1, p:1>d} F{d:1} R{d:1}'.

    P places lines (> makes a protection), F fulfils, R refunds, C cancels, X cancels the order;
    @5 sets the day, #2 names another order. A shipped scenario (see hakuna-mock scenarios) or a
    scenario file is played, too. Without --target the events are judged offline. On a hakuna-mock
    shorthand continues the orders that are there. A server that refuses an event, though the
    scenario does not expect it and no finding explains it, fails the play.
    """
    from fuzz.client.http_client import TargetError, TargetUrlError
    from hakuna_mock.cli.delivery import Delivery
    from hakuna_mock.cli.environment import key_from
    from hakuna_mock.cli.messages import notice
    from hakuna_mock.runs.check import judge_offline
    from hakuna_mock.runs.play import PlayError, fresh_key, play_items, play_on_server
    from hakuna_mock.runs.verify import NotAllowedError

    links = wants_links(color)
    delivery = Delivery(
        output_format, fail_on, wants_color(color), reports, coverage_path, links=links
    )
    try:
        given = " ".join(play)
        if target is None:
            report = judge_offline(play_items(given), policy)
        else:
            key = key_from(key_env)
            if key is None:
                key = fresh_key()
                if not quiet:  # a key of ours, and nobody's secret: with it a play is continued
                    click.echo(f"hakuna-mock: under the fresh key {key}", err=True)
            report = play_on_server(given, target, key)
    except (PlayError, NotAllowedError) as error:
        raise click.UsageError(str(error)) from None
    except TargetUrlError as error:
        raise click.UsageError(f"--target: {error}") from None
    except TargetError as error:
        notice(f"{error}; start one with: hakuna-mock serve" if error.nobody_listens else error)
        return 3
    delivery.deliver(report, notice, quiet=quiet, verbose=verbose, play=True)
    if report.about.get("broke"):
        notice(f"{report.about['broke']}; only what was answered before is reported")
        return 3
    return report.exit_code(fail_on)
