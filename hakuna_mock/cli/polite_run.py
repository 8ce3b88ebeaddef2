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
from hakuna_mock.runs.polite import PolitePlan, polite_plan
from hakuna_mock.runs.verify import Results, run_politely

if TYPE_CHECKING:
    from fuzz.client.http_client import Watch


@dataclass
class PoliteRun:
    """A polite run against one server: what is sent, under which key, and where that is noted."""

    plan: PolitePlan
    target: str
    key: str
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
        """The plan; a usage error where there is no key."""
        if key is None:
            raise click.UsageError(
                "--polite: name the environment variable that holds your sandbox key: "
                "--key-env NAME"
            )
        return cls(polite_plan(scenarios, per_second), target, key, path)

    def in_words(self) -> Iterator[str]:
        """The plan for people."""
        yield from self.plan.in_words()
        yield f"what is sent is noted in {self.path}"

    def played(self, policy: Policy, allowed: Sequence[str], watch: "Watch | None") -> Results:
        """Say what will happen, and do it."""
        try:
            run_file = RunFile.opened(self.path, self.target)
        except RunFileError as error:
            raise click.UsageError(f"--run-file {error}") from None
        for line in self.plan.in_words():
            notice(line)
        if run_file.resumes:
            done = len(run_file.replied)
            notice(f"{self.path}: the run {run_file.run} goes on; {done} requests are done")
        notice(f"order ids begin with {run_file.run}-; {self.path} notes what is sent")
        return run_politely(
            self.plan.scenarios,
            self.target,
            key=self.key,
            policy=policy,
            allowed=allowed,
            run_file=run_file,
            per_second=self.plan.per_second,
            watch=watch,
        )
