"""`hakuna-mock init [KIND]…`."""

from pathlib import Path

import click

from hakuna_mock.cli.completing import starters
from hakuna_mock.starters.write import STARTERS


@click.command("init")
@click.argument("kinds", metavar="[KIND]…", nargs=-1, shell_complete=starters)
def command(kinds: tuple[str, ...]) -> int:
    """Write files to begin with into the project in this folder; nothing is ever overwritten.

    pytest (the default): a test that runs as it stands. compose: hakuna-mock as a service beside
    your shop. actions, gitlab, jenkins: a job of that CI with the verdict as its last step.
    kubernetes: a Deployment with probes, its Service, and the token as a Secret.
    """
    from importlib.util import find_spec

    from contracts.suggestions import hint
    from hakuna_mock.starters.write import StarterError, write_starters

    for kind in kinds:
        if kind not in STARTERS:
            more = hint(kind, STARTERS, f"there are {', '.join(STARTERS)}")
            raise click.UsageError(f"there is nothing to begin with called {kind!r}{more}")
    chosen = tuple(dict.fromkeys(kinds or ("pytest",)))
    try:
        write_starters(chosen, Path())
    except StarterError as error:
        raise click.UsageError(str(error)) from None
    for kind in chosen:
        item = STARTERS[kind]
        click.echo(f"wrote {item.path}")
        if kind == "pytest" and find_spec("pytest") is None:
            click.echo("  get pytest:   python -m pip install pytest")
        for step in item.next_steps:
            click.echo(f"  {step.format(path=item.path)}")
    return 0
