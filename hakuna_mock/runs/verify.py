"""Running a suite of scenarios against a target, scenario by scenario."""

import json
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from contracts.findings.finding import Finding
from contracts.json_text.pointer import join
from contracts.rules import RULES
from contracts.scenarios.catalogue import shipped
from contracts.scenarios.format import Scenario, key_names, requests_of, write_scenario
from contracts.scenarios.runner import Mismatch
from contracts.suggestions import hint
from contracts.worlds.coverage import merged
from contracts.worlds.policy import Policy
from fuzz.checks.verify import Keys, ScenarioResult, TargetKind, identify_target, verify_scenario
from fuzz.client.control_client import ControlClient
from fuzz.client.http_client import Target, TargetError, Watch, parts_of
from fuzz.client.polite_target import PoliteTarget, RunFile, UnderWayError
from fuzz.generate.actions.routing import LIVE_KEY
from hakuna_mock.reports.model import Judged, Report, Source, counted
from hakuna_mock.runs.expectations import finding_of_mismatch
from mock_server.proxy.address import is_loopback
from mock_server.scenarios.files import ScenarioFileError, find_scenario

PAUSE_SECONDS = 0.2
POLITE_TIMEOUT = 30.0
MAX_NAMED = 5
_MADE_UP = re.compile(rf"{LIVE_KEY}(?![A-Za-z0-9_])")


class NotAllowedError(Exception):
    """The target is not on this machine, and its host was not allowed."""


@dataclass
class Results:
    """What a run has seen. `broke` says why it ended early, if it did.

    `polite`: it sent events and nothing else, so what the target is and shows was not asked.
    """

    target: str
    kind: TargetKind
    verified: list[ScenarioResult] = field(default_factory=list)
    keys_begin_with: str = ""
    broke: str | None = None
    interrupted: bool = False
    polite: bool = False

    @property
    def skipped(self) -> list[ScenarioResult]:
        """The scenarios that could not be played."""
        return [item for item in self.verified if item.skipped]

    @property
    def played_nothing(self) -> bool:
        """Whether there is no scenario of which anything can be said."""
        return len(self.skipped) == len(self.verified)

    @property
    def not_visible(self) -> dict[str, int]:
        """What the target does not show, and in how many scenarios that was expected."""
        return dict(Counter(what for item in self.verified for what in item.not_visible))


def _skipped_in_words(skipped: Sequence[ScenarioResult]) -> Iterator[str]:
    """One line per reason, with the names where they are few."""
    reasons: dict[str, list[str]] = {}
    for item in skipped:
        reasons.setdefault(item.skipped or "", []).append(item.scenario.name)
    for reason, names in reasons.items():
        named = ", ".join(names) if len(names) <= MAX_NAMED else counted(len(names), "scenario")
        yield f"skipped {named}: {reason}"


def report_of(results: Results) -> Report:
    """The run as every format shows it: each scenario is judged, each mismatch a finding."""
    played = [item for item in results.verified if not item.skipped]
    requests = sum(item.requests for item in played)
    kind = results.kind
    name = "hakuna-mock" if kind.is_mock else "another server"
    unseen = "not visible on this target"
    if results.polite:
        name, unseen = "sent nothing but events", "not asked for by a polite run"
    return Report(
        [_judged(number, item) for number, item in enumerate(results.verified, start=1)],
        [_finding(item, wrong) for item in results.verified for wrong in item.mismatches],
        target=results.target,
        events=requests,
        what=f"{counted(len(played), 'scenario')}, {counted(requests, 'request')}",
        notes=[
            *_skipped_in_words(results.skipped),
            *(
                f"{unseen}: {what} ({counted(count, 'scenario')})"
                for what, count in results.not_visible.items()
            ),
            f"{results.target} ({name}, enforcement {kind.enforcement})",
        ],
        about={
            "is_hakuna_mock": kind.is_mock,
            "enforcement": str(kind.enforcement),
            "unseen": results.not_visible,
            "broke": results.broke,
        },
        coverage=merged(item.coverage for item in played).to_json(),
    )


def _judged(number: int, result: ScenarioResult) -> Judged:
    text = json.dumps(write_scenario(result.scenario), indent=2, ensure_ascii=False)
    name = result.scenario.name
    return Judged(
        number,
        Source(name, text),
        f"{name}: {result.scenario.title}",
        result.status or 0,
        None,
        name,
        None,
        None,
        skipped=result.skipped,
    )


def _finding(result: ScenarioResult, wrong: Mismatch) -> Finding:
    place = wrong.where
    if wrong.step is not None:
        place = f"step {wrong.step + 1}, {place}" if place else f"step {wrong.step + 1}"
    pointer = "/expect" if wrong.step is None else join(["steps", wrong.step])
    return finding_of_mismatch(wrong.what, wrong, place, result.scenario.name, pointer)


def scenario_named(given: str) -> Scenario:
    """The shipped scenario of that name, or the one in that file; ScenarioFileError if neither."""
    scenario = find_scenario(given)
    if scenario is None:
        more = hint(given, shipped(), "hakuna-mock scenarios lists them")
        raise ScenarioFileError(f"there is no scenario {given[:100]!r}{more}")
    return scenario


def without_live_keys(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """The scenarios; NotAllowedError where one would send a live key, wherever it is in it.

    The one that the fuzzer made up is nobody's: it appears in counterexamples.
    """
    for scenario in scenarios:
        keys = dict.fromkeys(key_names(scenario), "sk_test_none")
        for request in requests_of(scenario, keys):
            text = request.body.decode("utf-8", "replace")
            sent = "\n".join((request.step.path, text, *request.headers, *request.headers.values()))
            if "sk_live_" in _MADE_UP.sub("", sent):
                raise NotAllowedError(
                    f"{scenario.name}, step {request.place + 1}: it holds a live key, and none "
                    "is sent to any server; write {key}, or remove the step"
                )
    return list(scenarios)


def plan(suite: str) -> list[Scenario]:
    """The scenarios of a suite, in the catalogue's order."""
    made = {f"{rule}-{kind}" for rule in RULES for kind in ("passes", "violates")}
    return [item for item in shipped().values() if suite == "full" or item.name not in made]


def run_suite(  # noqa: PLR0913 - the command's options
    scenarios: Sequence[Scenario],
    url: str,
    *,
    key: str | None,
    policy: Policy,
    wait: float,
    allowed: Sequence[str],
    admin_token: str | None,
    watch: Watch | None = None,
) -> Results:
    """Play the scenarios; NotAllowedError or TargetError before the first one was played."""
    check_host(url, allowed)
    keys = Keys(key)
    with closing(Target(url, watch=watch)) as target:
        _wait_for(target, wait)
        first = key or keys.beginning
        kind = identify_target(target, first, policy, admin_token)
        results = Results(url, kind, keys_begin_with=keys.beginning)
        for scenario in scenarios:
            try:
                results.verified.append(
                    verify_scenario(
                        scenario, target, results.kind, keys, time.time_ns(), admin_token
                    )
                )
            except TargetError as error:
                results.broke = f"{error} (in scenario {scenario.name})"
                break
            except KeyboardInterrupt:
                results.broke, results.interrupted = f"interrupted in {scenario.name}", True
                break
    return results


def run_politely(  # noqa: PLR0913 - the command's options
    scenarios: Sequence[Scenario],
    url: str,
    *,
    key: str,
    policy: Policy,
    run_file: RunFile,
    per_second: float,
    watch: Watch | None = None,
) -> Results:
    """Play the scenarios as a provider's sandbox may be asked; TargetError as `run_suite` has it.

    Nothing but events is sent: whether the target is a hakuna-mock is not asked.
    """
    keys = Keys(key, order_prefix=run_file.run)
    target = PoliteTarget(url, run_file, per_second=per_second, timeout=POLITE_TIMEOUT, watch=watch)
    results = Results(url, TargetKind(is_mock=False, policy=policy), polite=True)
    with closing(target):
        for scenario in scenarios:
            try:
                results.verified.append(
                    verify_scenario(scenario, target, results.kind, keys, time.time_ns(), None)
                )
            except UnderWayError:
                why = "a request was under way when the run was interrupted; it is not sent again"
                results.verified.append(ScenarioResult(scenario, skipped=why))
            except TargetError as error:
                results.broke = f"{error} (in scenario {scenario.name})"
                break
            except KeyboardInterrupt:
                results.broke, results.interrupted = f"interrupted in {scenario.name}", True
                break
    if results.broke is None:
        run_file.finish()
    run_file.close()
    return results


def check_host(url: str, allowed: Sequence[str]) -> None:
    """NotAllowedError where the server is on another machine that was not allowed.

    TargetUrlError where this names no server at all.
    """
    host = (parts_of(url).hostname or "").lower()
    if is_loopback(host) or host in {item.lower() for item in allowed}:
        return
    raise NotAllowedError(
        f"--target: {host} is not this machine; if it may receive requests, add --allow-host {host}"
    )


def check_polite_target(url: str, allowed: Sequence[str]) -> None:
    """The same for a provider's sandbox, whose key does not cross a network in the open."""
    check_host(url, allowed)
    parts = parts_of(url)
    if parts.scheme != "https" and not is_loopback((parts.hostname or "").lower()):
        raise NotAllowedError(
            "--target: your key and the orders would travel unencrypted; "
            f"write https://{parts.hostname}"
        )


def _wait_for(target: Target, seconds: float) -> None:
    """Return once the target answers anything at all; TargetError when the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            ControlClient(target.base_url, target.ask).call("GET", "/health")
        except TargetError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return
