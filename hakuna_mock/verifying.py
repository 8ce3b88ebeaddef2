"""Running a suite of scenarios against a target, scenario by scenario."""

import ipaddress
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from contracts.policy import Enforcement
from contracts.rules import RULES
from contracts.scenario import Scenario
from contracts.scenarios import shipped
from fuzz.target import Target, TargetError
from fuzz.verify import Keys, TargetKind, Verified, look_at, verify_scenario

PAUSE_SECONDS = 0.2


class NotAllowedError(Exception):
    """The target is not on this machine, and its host was not allowed."""


@dataclass
class Results:
    """What a run has seen. `broke` says why it ended early, if it did."""

    target: str
    kind: TargetKind
    verified: list[Verified] = field(default_factory=list)
    broke: str | None = None

    @property
    def failed(self) -> list[Verified]:
        """The scenarios whose expectations were not met."""
        return [one for one in self.verified if one.mismatches]

    @property
    def skipped(self) -> list[Verified]:
        """The scenarios that could not be played."""
        return [one for one in self.verified if one.skipped]


def plan(suite: str) -> list[Scenario]:
    """The scenarios of a suite, in the catalogue's order."""
    made = {f"{rule}-{kind}" for rule in RULES for kind in ("passes", "violates")}
    return [one for one in shipped().values() if suite == "full" or one.name not in made]


def run_suite(  # noqa: PLR0913 - the command's options
    scenarios: Sequence[Scenario],
    url: str,
    *,
    key: str | None,
    enforcement: str,
    wait: float,
    allowed: Sequence[str],
    admin_token: str | None,
) -> Results:
    """Play the scenarios; NotAllowedError or TargetError before the first one was played."""
    _check_host(url, allowed)
    admin = {"Hakuna-Mock-Admin": admin_token} if admin_token else {}
    keys = Keys(key)
    with closing(Target(url)) as target:
        _wait_for(target, wait)
        first = key or f"sk_test_verify_{keys.run}"
        results = Results(url, look_at(target, first, Enforcement(enforcement), admin))
        for scenario in scenarios:
            try:
                results.verified.append(
                    verify_scenario(scenario, target, results.kind, keys, time.time_ns(), admin)
                )
            except TargetError as error:
                results.broke = f"{error} (in scenario {scenario.name})"
                break
    return results


def _check_host(url: str, allowed: Sequence[str]) -> None:
    host = (urlsplit(url).hostname or "").lower()
    if host == "localhost" or host in {one.lower() for one in allowed}:
        return
    try:
        if ipaddress.ip_address(host).is_loopback:
            return
    except ValueError:
        pass
    raise NotAllowedError(
        f"--target: {host or url} is not this machine; if it may be asked, add --allow-host {host}"
    )


def _wait_for(target: Target, seconds: float) -> None:
    """Return once the target answers anything at all; TargetError when the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            target.ask("GET", "/_mock/v1/health")
        except TargetError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return
