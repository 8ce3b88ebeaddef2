"""`hakuna-mock serve`."""

from pathlib import Path

import click

from hakuna_mock.cli.setting_options import setting_options
from mock_server.settings import OPTIONS, SettingsError, read_settings


@click.command(
    "serve",
    epilog="What happens beyond each limit: the reference, or GET /_mock/v1/limits of the server.",
)
@setting_options(OPTIONS)
def command(config: Path | None, **flags: object) -> int:
    """Run the mock server.

    A flag is stronger than its environment variable, which is stronger than the TOML file.
    """
    from mock_server.serving import run
    from mock_server.start_error import StartError
    from mock_server.startup_output import announce

    try:
        run(read_settings(flags, config=config), announce)
    except (SettingsError, StartError) as error:
        raise click.UsageError(str(error)) from None
    return 0
