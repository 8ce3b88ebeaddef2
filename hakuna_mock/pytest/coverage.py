"""`--hakuna-coverage` and `--hakuna-coverage-min`: what a run of pytest exercised of the contract.

Imported only where one of these flags is given; our other packages only once there is something
to add up.
"""

import json
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from contracts.worlds.coverage import Coverage
    from hakuna_mock.servers.control_client import HakunaServer

FLAG, MIN_FLAG = "--hakuna-coverage", "--hakuna-coverage-min"
NAME = "hakuna-coverage"
"""The name of the plugin, and of what a worker of xdist hands over."""
FORMS = ("term", "json", "html")


def outputs(options: list[str], start: Path) -> list[tuple[str, Path | None]]:
    """The form and file of each option; UsageError for another form, or what can't be a file.

    Files are named from `start`, where pytest was started.
    """
    found: list[tuple[str, Path | None]] = []
    for text in options:
        form, colon, name = text.partition(":")
        if form not in FORMS or (form == "term") == bool(colon) or (colon and not name):
            is_path = bool(text) and (start / text).exists()
            more = f"; write {FLAG}=term in front of a file or folder" if is_path else ""
            raise pytest.UsageError(f"{FLAG} {text}: must be term, json:PATH or html:PATH{more}")
        if (start / name).is_dir() and name:
            raise pytest.UsageError(f"{FLAG} {text}: {name} is a folder; name a file")
        found.append((form, start / name if name else None))
    return found


def min_share(percent: float | None) -> float | None:
    """The minimum in percent; UsageError where it is not a percentage."""
    if percent is not None and not (isfinite(percent) and 0 <= percent <= 100):
        raise pytest.UsageError(f"{MIN_FLAG} {percent}: must be a number from 0 to 100")
    return percent


class RunCoverage:
    """Adds up what the worlds of a run exercised, over all workers, and reports it at its end."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        start = config.invocation_params.dir
        self._outputs = outputs(config.getoption("hakuna_coverage") or [], start)
        self._min_share = min_share(config.getoption("hakuna_coverage_min"))
        self._total: Coverage | None = None
        self._unknown: list[str] = []
        self._lines: list[str] = []
        self._missed: list[str] = []

    def observe(self, server: "HakunaServer") -> None:
        """Read every world of a server before it is emptied or deleted."""
        server.before_forgetting = lambda key: self._add_world(server, key)

    def add_rest(self, server: "HakunaServer") -> None:
        """At a server's end, what belongs to no test's world: other keys, and none at all.

        Of a shared server nobody knows whose that is.
        """
        if server.own:
            self._add_world(server, None)

    def _add_world(self, server: "HakunaServer", key: str | None) -> None:
        from fuzz.client.http_client import TargetError
        from hakuna_mock.servers.control_client import HakunaError

        try:
            self._add(server.get("/coverage", key))
        except (TargetError, HakunaError) as error:
            self._unknown.append(str(error))

    def _add(self, document: Any) -> None:
        from contracts.worlds.coverage import Coverage, CoverageError, read_coverage

        try:
            seen = read_coverage(document)
        except CoverageError as error:
            self._unknown.append(f"the server's coverage cannot be read: {error}")
            return
        self._total = self._total or Coverage()
        self._total.merge(seen)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker of xdist has added up."""
        handed = getattr(node, "workeroutput", {}).get(NAME)
        if handed is None:
            self._unknown.append(f"worker {node.gateway.id} ended without handing it over")
            return
        if handed["total"] is not None:
            self._add(handed["total"])
        self._unknown += handed["unknown"]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """In a worker hand over; else write the files, and fail the run where it is not enough."""
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput[NAME] = {
                "total": self._total.to_json() if self._total else None,
                "unknown": self._unknown,
            }
            return
        finished = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        if session.config.option.collectonly or not finished:
            return
        self._report()
        if self._missed and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Show the coverage, and what is missing."""
        if self._lines:
            terminalreporter.section("hakuna coverage")
        for text in self._lines:
            terminalreporter.write_line(text)
        for text in self._missed:
            terminalreporter.write_line(f"hakuna: {text}", red=True, bold=True)

    def _report(self) -> None:
        from hakuna_mock.shadowing import explanation

        taken = explanation(self._config.getoption("hakuna_target"))
        if taken:
            self._missed.append(f"there is no coverage. {taken}")
            return
        from contracts.worlds.coverage import Coverage
        from hakuna_mock.reports.coverage import percent

        document = (self._total or Coverage()).to_json()
        if self._total is None:
            self._lines.append("no test used the fixture hakuna: nothing was exercised")
        if self._unknown:
            parts = len(self._unknown)
            self._lines.append(
                f"not all is known: {parts} part{'s' * (parts > 1)} of it could not be read; "
                f"the first: {self._unknown[0]}"
            )
        for form, path in self._outputs:
            self._write(form, path, document)
        if self._min_share is None:
            return
        share = percent(document)
        line = (
            f"{share:.1f} % of the contract was exercised, {MIN_FLAG} asks for {self._min_share:g}"
        )
        (self._missed if share < self._min_share else self._lines).append(line)

    def _write(self, form: str, path: Path | None, document: dict[str, Any]) -> None:
        from hakuna_mock.reports.coverage import coverage_text

        if path is None:
            if self._total is not None:
                self._lines.append(coverage_text(document))
            return
        if form == "html":
            from hakuna_mock.reports.coverage_html import coverage_html

            text = coverage_html(document)
        else:
            text = json.dumps(document, indent=2)
        start = self._config.invocation_params.dir
        shown = path.relative_to(start) if path.is_relative_to(start) else path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n", "utf-8")
        except OSError as error:
            self._missed.append(f"{FLAG} {form}:{shown} cannot be written: {error.strerror}")
        else:
            self._lines.append(f"written: {shown}")
