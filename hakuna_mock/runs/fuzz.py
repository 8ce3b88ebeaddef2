"""What `hakuna-mock fuzz` does around a campaign: replays, saved scenarios, the report."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from contracts.findings.finding import Finding, Severity
from contracts.json_text.pointer import join
from contracts.printable import printable
from contracts.rules import ON_DEMAND, RULES
from contracts.scenarios.format import Scenario, key_names, write_scenario
from contracts.timing.moment import Moment
from contracts.values import dataclass
from contracts.worlds.policy import Policy
from contracts.worlds.settings_change import shown_settings
from fuzz.checks.catalogue import CHECKS
from fuzz.checks.reply import MAX_RENDERED, rendered
from fuzz.client.target_session import SIMILAR_KEYS, TargetSession
from fuzz.engine.campaign import (
    Campaign,
    CampaignResult,
    Counterexample,
    Limits,
    Progress,
    replayed,
    size,
)
from fuzz.engine.counterexample import curl_lines, scenario_of, step_lines, steps_of, without_tag
from fuzz.engine.plan import temporary_hypothesis_folder
from fuzz.model.world_settings import WorldSettings
from hakuna_mock.reports.model import Judged, Report, Source, counted
from hakuna_mock.runs.verify import scenario_named, without_live_keys

_DRIVEN = [rule for rule in RULES if rule not in ON_DEMAND]
"""The rules that a run can reach: other servers need not play faults on demand."""

PROFILES = {"quick": 10.0, "deep": 300.0}
"""How many seconds a run takes, unless a limit is given."""

MAX_STEPS_SHOWN = 12
"""Of a longer counterexample, only the end is shown; the saved scenario has it whole."""


class FuzzError(Exception):
    """The run cannot begin; the message says why."""


@dataclass(frozen=True)
class FuzzOptions:
    """What the command line asks for."""

    seed: int
    limits: Limits


def settings_of(policy: Policy) -> WorldSettings:
    """The settings of a new world under a policy, as the model knows them."""
    return WorldSettings().changed(shown_settings(policy, Moment(0)))


def run_campaign(
    session: TargetSession,
    options: FuzzOptions,
    on_progress: Callable[[Progress], None],
    began: float | None = None,
) -> CampaignResult:
    """Fuzz until a limit; an interrupt ends the run and keeps what was found."""
    campaign = Campaign(session, options.seed, options.limits, on_progress, began)
    with closing(session), temporary_hypothesis_folder():
        try:
            return campaign.run()
        except KeyboardInterrupt:
            campaign.result.stopped = "interrupted"
            return campaign.result


def replay_files(session: TargetSession, paths: Sequence[Path]) -> CampaignResult:
    """Send saved scenarios again, each once.

    Nothing is sent where one of them raises: ScenarioFileError (it is not a scenario),
    NotAllowedError (a live key is in it), FuzzError (it asks for faults).
    """
    result = CampaignResult(None, Progress(), stopped="the end of the replays")
    began = time.monotonic()
    with closing(session):
        for path, scenario in zip(paths, replayable(paths), strict=True):
            names = key_names(scenario)
            for variant in range(len(SIMILAR_KEYS)):
                tag = f"{time.time_ns():x}"[-10:]
                keys = session.fresh_keys(tag, variant)
                if len(names) > len(keys):
                    message = f"{path} needs {len(names)} API keys, and the target has one"
                    raise FuzzError(message)
                by_name = {name: keys[place] for place, name in enumerate(names)}
                found = replayed(session, steps_of(scenario, by_name), tag, keys)
                if found or len(names) == 1:  # how two keys resemble each other may matter
                    break
            result.progress.examples += 1
            if found:
                result.counterexamples.append(found)
    result.progress.requests = session.requests_sent
    result.progress.seconds = time.monotonic() - began
    return result


def replayable(paths: Sequence[Path]) -> list[Scenario]:
    """The scenarios in these files; FuzzError for one whose replies the model cannot predict."""
    scenarios = without_live_keys([scenario_named(str(path)) for path in paths])
    for path, scenario in zip(paths, scenarios, strict=True):
        if scenario.is_on_demand:
            raise FuzzError(
                f"{path} asks for faults on demand, which fuzz does not support; send it with: "
                f"hakuna-mock verify {path} --target URL"
            )
    return scenarios


def saved_scenarios(
    result: CampaignResult, session: TargetSession, folder: Path | None
) -> list[tuple[str, Scenario]]:
    """Each counterexample as a scenario, with the path of its file; without a folder, its name.

    OSError if the folder cannot be written.
    """
    saved = []
    for found in result.counterexamples:
        scenario = scenario_of(found, session.now(), session.settings)
        name = scenario.name
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{name}.json"
            path.write_text(f"{_as_text(scenario)}\n", "utf-8")
            name = str(path)
        saved.append((name, scenario))
    return saved


def _as_text(scenario: Scenario) -> str:
    return json.dumps(write_scenario(scenario), indent=2, ensure_ascii=False)


def report_of(
    result: CampaignResult,
    session: TargetSession,
    saved: Sequence[tuple[str, Scenario]],
    *,
    own: bool,
) -> Report:
    """The run for all report formats: each counterexample is judged, its failure a finding."""
    progress = result.progress
    rate = progress.requests / progress.seconds if progress.seconds else 0.0
    reached = {rule for rule, _ in progress.fired}
    off = [rule for rule, level in session.settings.rules.items() if level == "off"]
    never = [rule for rule in _DRIVEN if rule not in reached and rule not in off]
    kind = "hakuna-mock" if session.is_mock else "another server"
    enforcement, overrides = session.settings.enforcement, session.settings.overrides()
    notes = [
        f"{session.url} ({kind}, enforcement {enforcement}{', started for this run' * own})",
        *([f"judged under the settings of the target: {', '.join(overrides)}"] * bool(overrides)),
    ]
    if not session.is_mock:
        notes.insert(0, "not visible on this target: findings, orders, lists")
    if result.seed is not None:
        driven = len(_DRIVEN) - len([rule for rule in off if rule in _DRIVEN])
        missing = f"; never: {', '.join(never)}" if never else ""
        took = f"{progress.seconds:.1f} s, {rate:.0f} requests/s"
        notes = [
            f"seed {result.seed}, stopped by {result.stopped}, {took}",
            f"rules reached: {driven - len(never)} of {driven}{missing}",
            *notes,
        ]
    by_status: dict[str, dict[str, int]] = {}
    for (rule, status), count in sorted(progress.fired.items()):
        by_status.setdefault(rule, {})[str(status)] = count
    pairs = list(zip(result.counterexamples, saved, strict=True))
    return Report(
        [_judged(number, *pair, session) for number, pair in enumerate(pairs, start=1)],
        [_finding(found, name) for found, (name, _) in pairs],
        target=session.url,
        events=progress.requests,
        what=f"{counted(progress.examples, 'example')}, {counted(progress.requests, 'request')}",
        notes=notes,
        about={
            "seed": result.seed,
            "stopped": result.stopped,
            "broke": result.broke,
            "examples": progress.examples,
            "requests": progress.requests,
            "seconds": round(progress.seconds, 3),
            "is_hakuna_mock": session.is_mock,
            "enforcement": enforcement,
            "settings": session.settings.to_json(),
            "rules_reached": by_status,
            "rules_never_reached": never,
            "first_failure": {
                "requests": result.first_failure_requests,
                "seconds": result.first_failure_seconds,
            },
        },
        drift=session.watch.drift if session.watch else None,
    )


def _judged(
    number: int, found: Counterexample, saved: tuple[str, Scenario], session: TargetSession
) -> Judged:
    name, scenario = saved
    details = [
        "",
        f"{counted(size(found.steps), 'step')} of {found.recorded} suffice"
        + ("" if found.confirmed else "; the failure did not come again when they were repeated")
        + ("; time was up before they were shrunk to the end" if found.cut_short else ""),
        *(f"  {line}" for line in _last_steps(step_lines(scenario))),
        f"replay: hakuna-mock fuzz --target {session.url} --replay {name}",
    ]
    if len(scenario.steps) <= MAX_STEPS_SHOWN:
        details.append("with curl:")
        lines = curl_lines(scenario, session.url)
        details += [f"  {part}" for line in lines for part in line.split("\n")]
    return Judged(
        number,
        Source(name, _as_text(scenario)),
        f"{number}. {scenario.title}",
        0,
        None,
        name,
        None,
        None,
        details=tuple(details),
    )


def _last_steps(lines: list[str]) -> list[str]:
    """All steps of a short counterexample, the end of a long one."""
    if len(lines) <= MAX_STEPS_SHOWN:
        return lines
    left = len(lines) - MAX_STEPS_SHOWN
    return [f"… {counted(left, 'earlier step')}, in the scenario", *lines[left:]]


def _finding(found: Counterexample, name: str) -> Finding:
    failure = found.failure.check_failure
    check = CHECKS[failure.check]
    rules = [rule for rule in found.failure.rules if rule in RULES]
    named_already = failure.check in ("reply-findings", "dry-run") or not rules
    because = "" if named_already else f" ({', '.join(rules)})"
    step = min(found.failure.step, len(found.steps) - 1)
    sources = [RULES[rule].source for rule in rules[:1]] or [check.source]
    texts = (rendered(failure.expected), rendered(failure.actual))
    expected, actual = (without_tag(text, found.tag) for text in texts)
    return Finding(
        rule=check.id,
        severity=Severity.VIOLATION,
        basis=RULES[rules[0]].basis if rules else check.basis,
        pointer=join(["steps", _scenario_step(found, step)]),
        message=f"expected {expected}{because}, got {actual}",
        fix=check.fix,
        source="; ".join(sources),
        order_id=None,
        event_id=None,
        request_id=name,
    )


def _scenario_step(found: Counterexample, step: int) -> int:
    """The number of the scenario's step for the last request of a step of ours."""
    requests = sum(max(1, len(item.requests)) for item in found.steps[: step + 1])
    return max(0, requests - 1)


def progress_line(progress: Progress) -> str:
    """How far the run is, in one line."""
    rate = progress.requests / progress.seconds if progress.seconds else 0.0
    reached = len({rule for rule, _ in progress.fired})
    return printable(
        f"{progress.seconds:5.1f} s  {counted(progress.examples, 'example')}  "
        f"{progress.requests} requests ({rate:.0f}/s)  {reached}/{len(_DRIVEN)} rules  "
        f"{counted(progress.failures, 'failure')}",
        MAX_RENDERED,
    )
