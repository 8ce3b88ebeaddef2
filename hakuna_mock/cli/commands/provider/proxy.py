"""`hakuna-mock proxy --upstream URL`."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from hakuna_mock.cli.setting_options import setting_options
from mock_server.settings import OPTIONS, SettingsError, read_settings

_NO_SENSE = ("load",)
"""Settings that a proxy does not take: a scenario would be sent to the provider, or be untrue."""


@click.command(
    "proxy",
    epilog="A host off this machine needs --allow-host; a live key is never sent on.",
)
@click.option(
    "--upstream",
    required=True,
    metavar="URL",
    envvar="HAKUNA_MOCK_UPSTREAM",
    help="Base URL of the provider's sandbox.  [HAKUNA_MOCK_UPSTREAM]",
)
@click.option(
    "--upstream-timeout",
    type=click.FloatRange(0.1, 300),
    default=10.0,
    show_default=True,
    metavar="S",
    help="Seconds that one exchange with the provider may take.",
)
@click.option(
    "--key-env",
    metavar="NAME",
    help="Environment variable with the sandbox key to send instead of the client's.",
)
@click.option(
    "--drift",
    "drift_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File for what was found; one that exists is continued.",
)
@setting_options([name for name in OPTIONS if name not in _NO_SENSE])
def command(
    upstream: str,
    upstream_timeout: float,
    key_env: str | None,
    drift_path: Path | None,
    config: Path | None,
    **flags: Any,
) -> int:
    """Run the server in front of the real provider, and hold each reply to what we assume.

    Each event is sent on byte for byte, and the provider's reply comes back as it was. What the
    provider accepts is applied here, what it refuses is not; --enforcement and the levels refuse
    and accept change nothing. GET /_mock/v1/drift and hakuna-mock drift FILE show what was found.
    """
    from hakuna_mock.cli.environment import key_from
    from mock_server.proxy.address import read_address
    from mock_server.proxy.drift_file import DriftFile
    from mock_server.proxy.upstream import Upstream
    from mock_server.serving import Proxying, run
    from mock_server.start_error import StartError
    from mock_server.startup_output import announce

    key = key_from(key_env)
    try:
        settings = read_settings(flags, config=config, only=OPTIONS.keys() - set(_NO_SENSE))
        address = read_address(upstream, settings.allow_host)
        # Who may receive requests is not yet who may name this server.
        names = tuple(item for item in settings.allow_host if item.lower() != address.host)
        settings = replace(settings, allow_host=names)
        proxying = Proxying(
            Upstream(address, time_limit=upstream_timeout, key=key),
            DriftFile.opened(drift_path) if drift_path else None,
        )
        run(settings, partial(announce, drift_file=str(drift_path or "")), proxying)
    except (SettingsError, StartError) as error:
        raise click.UsageError(str(error)) from None
    return 0
