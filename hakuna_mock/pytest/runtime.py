"""What the pytest plugin does once a fixture is used: the server, and what `hakuna_env` sets."""

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contracts.suggestions import hint
from fuzz.client.http_client import TargetError
from hakuna_mock.pytest.verdict import Verdict
from hakuna_mock.pytest.world import Hakuna
from hakuna_mock.servers.control_client import HakunaError, HakunaServer

if TYPE_CHECKING:
    from mock_server.settings import Settings

ADMIN_TOKEN = "HAKUNA_MOCK_ADMIN_TOKEN"  # noqa: S105 - the variable's name
VALUES = ("url", "sandbox_url", "events_url", "api_key")


@contextmanager
def own_or_target(url: str | None, folder: Path) -> Iterator[HakunaServer]:
    """The server of `--hakuna-target`, if tests can use it, or one of this run's own.

    The own one judges as `[tool.hakuna-mock]` in the `pyproject.toml` of the folder says.
    """
    if url is None:
        from hakuna_mock.servers.thread_server import server_under

        with server_under(_settings(folder)) as server:
            yield server
        return
    server = HakunaServer(url, admin_token=os.environ.get(ADMIN_TOKEN))
    try:
        problem = _unfit(server)
        if problem:
            pytest.fail(f"--hakuna-target: {problem}", pytrace=False)
        yield server
    finally:
        server.close()


def _settings(folder: Path) -> "Settings":
    """Any free port, and the settings that say how events are judged."""
    from contracts.worlds.rule_levels import rule_levels, silenced_refusals
    from mock_server.settings import JUDGING, SettingsError, read_settings

    file = folder / "pyproject.toml"
    try:
        judging = read_settings(config=file if file.exists() else Path(os.devnull), only=JUDGING)
    except SettingsError as error:
        pytest.fail(f"hakuna_server: {error}", pytrace=False)
    for warning in silenced_refusals(rule_levels(judging.judging)):
        warnings.warn(warning, pytest.PytestWarning, stacklevel=2)
    return replace(judging, port=0)


def _unfit(server: HakunaServer) -> str | None:
    """Why tests cannot use that server."""
    try:
        server.check(server.new_key())
    except HakunaError as error:
        return str(error)
    except TargetError as error:
        return f"{error}; start one with: hakuna-mock serve" if error.nobody_listens else str(error)
    return None


def left_over(server: HakunaServer, fail_on: str) -> str | None:
    """What is wrong with requests that arrived while no test ran that uses a fixture of ours."""
    explanation = None
    if server.own:
        # A server that does not answer has failed its tests already.
        with suppress(TargetError):
            explanation = Verdict(server, fail_on, since=0).failure()
    if explanation is None:
        return None
    return (
        "hakuna: requests arrived while no test ran that uses the fixture hakuna or "
        "hakuna_server\n\n"
        f"{explanation}"
    )


def variables_of(lines: Sequence[str], world: Hakuna) -> dict[str, str]:
    """Names and values of the ini option `hakuna_env`; a usage failure where it is none."""
    variables = {}
    for line in lines:
        name, equals, value = (part.strip() for part in line.partition("="))
        if not equals or not name:
            _misuse(f"{line!r} is not a line such as HAKUNA_URL = events_url")
        if value not in VALUES:
            known = ", ".join(VALUES)
            more = hint(value, VALUES)
            _misuse(f"{name} = {value}: the value must be one of {known}{more}")
        variables[name] = getattr(world, value)
    if not variables:
        _misuse(
            "the fixture hakuna_env sets what this ini option maps, and it is empty; for example\n"
            "[tool.pytest.ini_options]\n"
            'hakuna_env = ["HAKUNA_URL = events_url", "HAKUNA_API_KEY = api_key"]'
        )
    return variables


def _misuse(problem: str) -> None:
    pytest.fail(f"hakuna_env: {problem}", pytrace=False)
