"""`hakuna-mock serve`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mock_server.settings import OPTIONS, Settings, SettingsError, env_name, read_settings


def _flags(command: Callable[..., Any]) -> Callable[..., Any]:
    """One click option per setting, made from the server's own table."""
    for name, option in reversed(OPTIONS.items()):
        flag = f"--{name.replace('_', '-')}"
        text = f"{option.help}{_default(name)}  [{env_name(name)}]"
        if option.metavar:
            command = click.option(
                flag, name, metavar=option.metavar, multiple=option.many, help=text
            )(command)
        else:
            command = click.option(flag, name, is_flag=True, help=text)(command)
    return command


def _default(name: str) -> str:
    """The default of a setting, where it is a number or a word."""
    default = getattr(Settings(), name)
    if name == "max_body":
        default = f"{default // 1024**2}MiB"
    plain = isinstance(default, int | str) and not isinstance(default, bool)
    return f"  [default: {default}]" if plain else ""


@click.command(
    "serve",
    epilog="What happens beyond each limit: the reference, or GET /_mock/v1/limits of the server.",
)
@_flags
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="TOML file with a table [tool.hakuna-mock] (default: ./pyproject.toml).",
)
def command(config: Path | None, **flags: object) -> int:
    """Run the mock server.

    A flag is stronger than its environment variable, which is stronger than the TOML file.
    """
    from mock_server.scenario_files import ScenarioFileError
    from mock_server.serving import ListenError, run, with_admin_token
    from mock_server.startup_output import announce, announce_token

    try:
        told = read_settings(flags, config=config)
        settings = with_admin_token(told)
        if settings.admin_token and not told.admin_token:
            announce_token(settings.admin_token)
        run(settings, announce)
    except (SettingsError, ListenError, ScenarioFileError) as error:
        raise click.UsageError(str(error)) from None
    return 0
