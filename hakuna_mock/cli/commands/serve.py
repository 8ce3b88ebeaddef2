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
@click.option("--open", "open_page", is_flag=True, help="Open the inspector in the browser.")
def command(config: Path | None, open_page: bool, **flags: object) -> int:  # noqa: FBT001 - click passes flags so
    """Run the mock server.

    A flag is stronger than its environment variable, which is stronger than the TOML file.
    """
    from hakuna_mock.cli.browser import open_in_browser
    from mock_server.serving import Listening, run
    from mock_server.start_error import StartError
    from mock_server.startup_output import announce

    def announce_and_open(here: Listening, made_token: str | None) -> None:
        announce(here, made_token)
        open_in_browser(here.inspector_url)

    try:
        settings = read_settings(flags, config=config)
        if open_page and settings.no_ui:
            raise click.UsageError("--open shows the inspector, and --no-ui leaves it out")
        run(settings, announce_and_open if open_page else announce)
    except (SettingsError, StartError) as error:
        raise click.UsageError(str(error)) from None
    return 0
