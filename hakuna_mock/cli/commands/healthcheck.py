"""`hakuna-mock healthcheck`: for containers and scripts that wait."""

import os
from contextlib import closing

import click


@click.command("healthcheck")
@click.option("--url", help="Base URL of the server (default: from HAKUNA_MOCK_HOST and _PORT).")
@click.option("--timeout", default=3.0, show_default=True, help="Seconds to wait for the answer.")
def command(url: str | None, timeout: float) -> int:
    """Ask a running server whether it is well; 0 if it is, 3 if it cannot be reached."""
    from contracts.printable import printable
    from fuzz.client.http_client import Target, TargetError, TargetUrlError
    from hakuna_mock.cli.messages import notice
    from mock_server.settings import SettingsError

    try:
        with closing(Target(url or _own_url(), timeout)) as target:
            reply = target.ask("GET", "/_mock/v1/health")
    except TargetUrlError as error:
        raise click.UsageError(f"--url: {error}") from None
    except (TargetError, SettingsError) as error:
        notice(error)
        return 3
    health = reply.json()
    if reply.status != 200 or not isinstance(health, dict) or health.get("status") != "ok":
        notice(_unwell(reply.status, health))
        return 3
    version, seconds = str(health.get("version")), str(health.get("uptime_s"))
    click.echo(f"ok: version {printable(version, 40)}, up {printable(seconds, 40)} s")
    return 0


def _unwell(status: int, health: object) -> str:
    """Why the answer is not that of a server that is well."""
    from contracts.printable import printable

    if isinstance(health, dict) and "status" in health:
        return f"the health check answered {status}: {printable(str(health['status']), 80)}"
    return f"the health check answered {status}; is this a hakuna-mock?"


def _own_url() -> str:
    """Where a server that was told by the same environment listens, seen from this machine."""
    from mock_server.settings import read_settings

    settings = read_settings(environ=os.environ)
    return f"http://{settings.reachable_host}:{settings.port}"
