"""`hakuna-mock verify --target URL`."""

import click

from hakuna_mock.options import color_option, enforcement_option, plain_format_option, wants_color


@click.command("verify")
@click.option("--target", metavar="URL", required=True, help="Base URL of the server to check.")
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
@enforcement_option
@plain_format_option
@color_option
def command(  # noqa: PLR0913 - one argument per option
    target: str,
    key_env: str | None,
    suite: str,
    wait: float,
    allow_host: tuple[str, ...],
    admin_token: str | None,
    dry_run: bool,  # noqa: FBT001 - click passes flags so
    enforcement: str,
    output_format: str,
    color: str,
) -> int:
    """Play the scenario catalogue against a server and judge every reply.

    Statuses, bodies and ids are judged on every server, findings and orders on a hakuna-mock. A
    hakuna-mock is asked how it enforces; of another server --enforcement says it.
    """
    from fuzz.target import TargetError
    from hakuna_mock.environment import key_from
    from hakuna_mock.reports.verified import verified_json, verified_text
    from hakuna_mock.verifying import NotAllowedError, plan, run_suite

    scenarios = plan(suite)
    key = key_from(key_env)
    if dry_run:
        for scenario in scenarios:
            click.echo(f"{scenario.name}: {len(scenario.steps)} steps")
        click.echo(f"\n{len(scenarios)} scenarios would be played against {target}")
        return 0
    try:
        results = run_suite(
            scenarios,
            target,
            key=key,
            enforcement=enforcement,
            wait=wait,
            allowed=allow_host,
            admin_token=admin_token,
        )
    except NotAllowedError as error:
        raise click.UsageError(str(error)) from None
    except TargetError as error:
        click.echo(f"hakuna-mock: {error}", err=True)
        return 3
    coloured = wants_color(color)
    render = verified_json if output_format == "json" else verified_text
    click.echo(render(results, coloured=coloured), color=coloured)
    if results.broke:
        click.echo(f"hakuna-mock: {results.broke}", err=True)
        return 3
    return 1 if results.failed else 0
