"""What the pytest plugin does once a fixture is asked for: a test's world and its verdict."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from contracts.suggestions import hint
from fuzz.client.http_client import TargetError
from hakuna_mock.pytest.record import scenario_of, write_recording
from hakuna_mock.pytest.world import Hakuna
from hakuna_mock.reports.text import steps
from hakuna_mock.servers.control_client import HakunaError, HakunaServer

ADMIN_TOKEN = "HAKUNA_MOCK_ADMIN_TOKEN"  # noqa: S105 - the variable's name
MARKER = "@pytest.mark.hakuna"
VALUES = ("url", "sandbox_url", "events_url", "api_key")


@contextmanager
def own_or_target(url: str | None) -> Iterator[HakunaServer]:
    """The server of `--hakuna-target`, asked whether it will do, or one of this run's own."""
    if url is None:
        from hakuna_mock.servers.thread_server import own_server

        with own_server() as server:
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


def _unfit(server: HakunaServer) -> str | None:
    """Why tests cannot use that server."""
    try:
        server.check(Hakuna(server).api_key)
    except HakunaError as error:
        return str(error)
    except TargetError as error:
        return f"{error}; start one with: hakuna-mock serve"
    return None


class TestedWorld:
    """The world of one test, from its fixture's start to the end of the test."""

    __test__ = False

    def __init__(self, item: pytest.Item, server: HakunaServer, fail_on: str) -> None:
        self._item = item
        self._fail_on = fail_on
        self._explained = False
        self._counts: dict[str, int] | None = None
        try:
            self.world = Hakuna(server)
            problem = _misused_marker(item, self.world)
        except (TargetError, HakunaError) as error:
            problem = f"hakuna: {error}"
        if problem:
            pytest.fail(problem, pytrace=False)

    def judge(self, when: str = "") -> None:
        """Fail the test where a finding at or above the limit is open and not permitted."""
        __tracebackhide__ = True
        said = problem = None
        try:
            self._counts = self.world.counts()
            said = self.world.failure(self._fail_on, self._counts)
        except (TargetError, HakunaError) as error:
            problem = f"hakuna: there is no verdict on this test: {error}"
        if problem:
            pytest.fail(problem, pytrace=False)
        if said is None:
            return
        self._explained = True
        rules = self.world.failing_rules(self._fail_on)
        listed = ", ".join(f'"{rule}"' for rule in rules)
        pytest.fail(
            f"hakuna: {', '.join(rules)}{when}\n\n{said}\n\n"
            f"To permit it in this test: @pytest.mark.hakuna(allow=[{listed}])",
            pytrace=False,
        )

    def sections(self, record: Path | None) -> list[tuple[str, str]]:
        """Report sections of a failing test: findings where they are not its error, and requests.

        With `record` its requests are written there as a scenario, too.
        """
        try:
            found = []
            said = None if self._explained else self.world.failure(self._fail_on)
            if said and said != self.world.told:
                found.append(("hakuna findings", said))
            report = self.world.report()
            if report.judged:
                found.append(("hakuna events", steps(report, coloured=False)))
                if record is not None:
                    found.append(("hakuna recording", self._recorded(record)))
        except (TargetError, HakunaError) as error:
            return [("hakuna", f"what was sent is unknown: {error}")]
        return found

    def end(self) -> None:
        """Judge what came after the verdict, and delete the world."""
        __tracebackhide__ = True
        problem = None
        try:
            if self._may_have_more():
                self.judge(", sent after the test, while its fixtures were torn down")
        except (TargetError, HakunaError) as error:
            problem = str(error)
        finally:
            problem = problem or self._not_forgotten()
        if problem:
            pytest.fail(
                f"hakuna: the world of this test was not put away: {problem}", pytrace=False
            )

    def _may_have_more(self) -> bool:
        """Whether something was found since a verdict that was passed."""
        passed = self._counts is not None and not self._explained
        return passed and self.world.counts() != self._counts

    def _not_forgotten(self) -> str | None:
        try:
            self.world.forget()
        except (TargetError, HakunaError) as error:
            return str(error)
        return None

    def _recorded(self, folder: Path) -> str:
        title = self._item.nodeid
        scenario = scenario_of(title, self.world.requests(), self.world.api_key, time.time_ns())
        if scenario is None:
            return "nothing to record: no request arrived"
        try:
            path = write_recording(folder, scenario)
        except OSError as error:
            return f"cannot write to {folder}: {error.strerror}"
        start = self._item.config.invocation_params.dir
        path = path.relative_to(start) if path.is_relative_to(start) else path
        return f"{path}\nrepeat it with: hakuna-mock play {path}"


def _misused_marker(item: pytest.Item, world: Hakuna) -> str | None:
    """Permit what the markers of a test allow; what is wrong with one of them in words."""
    for mark in item.iter_markers("hakuna"):
        for name in mark.kwargs:
            if name != "allow":
                more = hint(name, ["allow"], "write allow=[rule, …]")
                return f"{MARKER}: there is no keyword {name!r}{more}"
        if mark.args:
            return f"{MARKER}: it takes no plain arguments; write allow=[rule, …]"
        rules = mark.kwargs.get("allow", [])
        if not isinstance(rules, list | tuple | set | frozenset):
            return f"{MARKER}: allow={rules!r} is no list; write allow=[rule, …]"
        try:
            world.permit(list(rules))
        except HakunaError as error:
            return f"{MARKER}: {error}"
    return None


def variables_of(lines: Sequence[str], world: Hakuna) -> dict[str, str]:
    """Names and values of the ini option `hakuna_env`; a usage failure where it is none."""
    variables = {}
    for line in lines:
        name, equals, value = (part.strip() for part in line.partition("="))
        if not equals or not name:
            _misuse(f"{line!r} is no line such as HAKUNA_URL = events_url")
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


def _misuse(said: str) -> None:
    pytest.fail(f"hakuna_env: {said}", pytrace=False)
