"""The world of one test in a run of pytest: its verdict, its report, its end."""

import time
from pathlib import Path

import pytest

from contracts.suggestions import hint
from fuzz.client.http_client import TargetError
from hakuna_mock.pytest.record import scenario_of, write_recording
from hakuna_mock.pytest.verdict import Verdict
from hakuna_mock.pytest.world import Hakuna
from hakuna_mock.reports.text import steps
from hakuna_mock.servers.control_client import HakunaError, HakunaServer

MARKER = "@pytest.mark.hakuna"

Section = tuple[str, str]


class TestedWorld:
    """The world of one test, from its fixture's start to the end of the test."""

    __test__ = False

    def __init__(self, item: pytest.Item, server: HakunaServer, fail_on: str) -> None:
        self._item = item
        self._explained = False
        self._passed = False
        problem: str | None
        try:
            self.world = Hakuna(server, fail_on=fail_on)
            problem = _misused_marker(item, self.world.verdict)
        except (TargetError, HakunaError) as error:
            problem = f"hakuna: {error}"
        if problem:
            pytest.fail(problem, pytrace=False)

    def judge(self, when: str = "") -> None:
        """Fail the test where a finding at or above the limit is open and not permitted."""
        __tracebackhide__ = True
        verdict = self.world.verdict
        explanation = problem = None
        try:
            explanation = verdict.failure()
        except (TargetError, HakunaError) as error:
            problem = f"hakuna: there is no verdict on this test: {error}"
        if problem:
            pytest.fail(problem, pytrace=False)
        self._passed = explanation is None
        if explanation is None:
            return
        self._explained = True
        rules = verdict.failing_rules()
        listed = ", ".join(f'"{rule}"' for rule in rules)
        pytest.fail(
            f"hakuna: {', '.join(rules)}{when}\n\n{explanation}\n\n"
            f"To permit it in this test: {MARKER}(allow=[{listed}])",
            pytrace=False,
        )

    def sections(self, record: Path | None, error: str) -> list[Section]:
        """Report sections of a failing test: findings where they are not its `error`, and requests.

        With `record` its requests are written there as a scenario, too.
        """
        found: list[Section] = []
        try:
            explanation = None if self._explained else self.world.verdict.failure()
            if explanation and explanation not in error:
                found.append(("hakuna findings", explanation))
            found += self._events(self.world.verdict, record)
            for number, verdict in enumerate(self.world.failed, start=1):
                which = f" {number}" if len(self.world.failed) > 1 else ""
                found += self._events(verdict, record, f" in hakuna.fresh(){which}")
        except (TargetError, HakunaError) as problem:
            return [("hakuna", f"what was sent is unknown: {problem}")]
        return found

    def end(self) -> None:
        """Judge what came after the verdict, and delete the world."""
        __tracebackhide__ = True
        problem = None
        deleted = False
        try:
            deleted = self._passed and self.world.verdict.delete_unless_changed()
            if self._passed and not deleted:
                self.judge(", sent after the test, while its fixtures were torn down")
        except (TargetError, HakunaError) as error:
            problem = str(error)
        finally:
            problem = problem or self._not_deleted(deleted=deleted)
        if problem:
            pytest.fail(f"hakuna: the world of this test was not deleted: {problem}", pytrace=False)

    def drop(self) -> None:
        """End a world that nobody could send anything to; what comes later is not this test's."""
        self.world.verdict.drop()

    def _not_deleted(self, *, deleted: bool) -> str | None:
        """Delete what is still there; the problem, if there is one."""
        try:
            if not deleted:
                self.world.verdict.delete()
            self.world.delete_failed()
        except (TargetError, HakunaError) as error:
            return str(error)
        return None

    def _events(self, verdict: Verdict, record: Path | None, where: str = "") -> list[Section]:
        report = verdict.report()
        if not report.judged:
            return []
        found = [(f"hakuna events{where}", steps(report, coloured=False))]
        if record is not None:
            found.append((f"hakuna recording{where}", self._recorded(verdict, record, where)))
        return found

    def _recorded(self, verdict: Verdict, folder: Path, where: str) -> str:
        title = self._item.nodeid + where
        now, policy = time.time_ns(), verdict.policy()
        scenario = scenario_of(title, verdict.requests(), verdict.key, now, policy)
        if scenario is None:
            return "nothing to record: no request arrived"
        try:
            path = write_recording(folder, scenario)
        except OSError as error:
            return f"cannot write to {folder}: {error.strerror}"
        start = self._item.config.invocation_params.dir
        path = path.relative_to(start) if path.is_relative_to(start) else path
        return f"{path}\nrepeat it with: hakuna-mock play {path}"


def _misused_marker(item: pytest.Item, verdict: Verdict) -> str | None:
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
            return f"{MARKER}: allow={rules!r} is not a list; write allow=[rule, …]"
        try:
            verdict.permit(rules)
        except HakunaError as error:
            return f"{MARKER}: {error}"
    return None
