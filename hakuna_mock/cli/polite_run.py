"""`verify --polite`: the plan first, then the run, which can be interrupted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from contracts.scenarios.format import Scenario
from contracts.worlds.policy import Policy
from fuzz.client.polite_target import RunFile, RunFileError
from hakuna_mock.cli.messages import notice
from hakuna_mock.reports.model import counted
from hakuna_mock.runs.polite import PolitePlan, polite_plan
from hakuna_mock.runs.verify import Results, check_polite_target, run_politely

if TYPE_CHECKING:
    from fuzz.client.http_client import Watch


@dataclass
class PoliteRun:
    """A polite run against one server: what is sent, under which key, and where that is noted."""

    plan: PolitePlan
    target: str
    key: str | None
    path: Path

    @classmethod
    def planned(
        cls,
        scenarios: Sequence[Scenario],
        target: str,
        key: str | None,
        per_second: float,
        path: Path,
    ) -> "PoliteRun":
        """The plan. It is made without a key, too; only to send it, one is needed."""
        return cls(polite_plan(scenarios, per_second), target, key, path)

    def in_words(self) -> Iterator[str]:
        """The plan for people."""
        yield from self.plan.in_words()
        run_file = self._run_file(keep=False)
        if run_file.resumes:
            yield self._goes_on(run_file)
        yield f"what is sent is noted in {self.path}"

    def _run_file(self, *, keep: bool) -> RunFile:
        try:
            return (RunFile.opened if keep else RunFile.read)(self.path, self.target)
        except RunFileError as error:
            raise click.UsageError(f"--run-file {error}") from None

    def _goes_on(self, run_file: RunFile) -> str:
        done = counted(len(run_file.replied), "request")
        return f"{self.path}: the run {run_file.run} goes on; {done} of it had a reply"

    def played(self, policy: Policy, allowed: Sequence[str], watch: "Watch | None") -> Results:
        """Say what will happen, and do it."""
        if self.key is None:
            raise click.UsageError(
                "--polite: name the environment variable that holds your sandbox key: "
                "--key-env NAME"
            )
        check_polite_target(self.target, allowed)  # before a file names that target
        run_file = self._run_file(keep=True)
        for line in self.plan.in_words():
            notice(line)
        if run_file.resumes:
            notice(self._goes_on(run_file))
        notice(f"order ids begin with {run_file.run}-; {self.path} notes what is sent")
        return run_politely(
            self.plan.scenarios,
            self.target,
            key=self.key,
            policy=policy,
            run_file=run_file,
            per_second=self.plan.per_second,
            watch=watch,
        )
