"""What `hakuna-mock fuzz` does around a campaign: replays, saved scenarios, the report."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from contracts.findings.finding import Finding, Severity
from contracts.json_text.pointer import join
from contracts.printable import printable
from contracts.rules import ON_DEMAND, RULES
from contracts.scenarios.format import Scenario, key_names, write_scenario
from fuzz.checks.catalogue import CHECKS
from fuzz.checks.reply import MOST_SHOWN, shown
from fuzz.client.target_session import KEYS, Line
from fuzz.engine.campaign import Campaign, Counterexample, Limits, Outcome, Progress, replayed, size
from fuzz.engine.counterexample import bare, curl_lines, described, scenario_of, steps_of
from hakuna_mock.reports.model import Judged, Report, Source, counted
from hakuna_mock.runs.verify import scenario_named, without_live_keys

_DRIVEN = [rule for rule in RULES if rule not in ON_DEMAND]
"""Faults on demand are no part of what another server must do."""

PROFILES = {"quick": 10.0, "deep": 300.0}
"""Seconds that a run takes where nothing else limits it."""


MOST_STEPS_SHOWN = 12
"""A failure that could not be shrunk is not told in full; its scenario holds all of it."""


class FuzzError(Exception):
    """The run cannot begin; the message says why."""


@dataclass(frozen=True)
class Wanted:
    """What was asked for on the command line."""

    seed: int
    limits: Limits


def run_campaign(line: Line, wanted: Wanted, watch: Callable[[Progress], None]) -> Outcome:
    """Fuzz until a limit; an interrupt ends the run and keeps what was found."""
    campaign = Campaign(line, wanted.seed, wanted.limits, watch)
    with closing(line):
        try:
            return campaign.run()
        except KeyboardInterrupt:
            campaign.outcome.stopped = "interrupted"
            return campaign.outcome


def outcome_of_replays(line: Line, paths: Sequence[Path]) -> Outcome:
    """Saved scenarios sent again, each once.

    ScenarioFileError where a file is none, NotAllowedError where a live key stands in one,
    FuzzError where one asks for faults: then nothing is sent.
    """
    outcome = Outcome(None, Progress(), stopped="the end of the replays")
    began = time.monotonic()
    with closing(line):
        for path, scenario in zip(paths, replayable(paths), strict=True):
            names = key_names(scenario)
            for style in range(len(KEYS)):
                tag = f"{time.time_ns():x}"[-10:]
                keys = line.keys(tag, style)
                if len(names) > len(keys):
                    said = f"{path} needs {len(names)} API keys, and the target has one"
                    raise FuzzError(said)
                given = {name: keys[place] for place, name in enumerate(names)}
                found = replayed(line, steps_of(scenario, given), tag, keys)
                if found or len(names) == 1:  # what two keys have to do with each other may matter
                    break
            outcome.progress.examples += 1
            if found:
                outcome.counterexamples.append(found)
    outcome.progress.requests = line.requests
    outcome.progress.seconds = time.monotonic() - began
    return outcome


def replayable(paths: Sequence[Path]) -> list[Scenario]:
    """The scenarios in these files; FuzzError where the model knows no answer to one."""
    scenarios = without_live_keys([scenario_named(str(path)) for path in paths])
    for path, scenario in zip(paths, scenarios, strict=True):
        if scenario.is_on_demand:
            said = "asks for faults on demand, which fuzz knows nothing of"
            raise FuzzError(f"{path} {said}; send it with hakuna-mock verify {path} --target URL")
    return scenarios


def saved_scenarios(
    outcome: Outcome, line: Line, folder: Path | None
) -> list[tuple[str, Scenario]]:
    """Each counterexample as a scenario and where it is written; without a folder it is not.

    OSError where that is not possible.
    """
    saved = []
    for found in outcome.counterexamples:
        now = time.time_ns() + line.now_offset
        scenario = scenario_of(found, now, line.enforcement, line.levels)
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
    outcome: Outcome, line: Line, saved: Sequence[tuple[str, Scenario]], *, own: bool
) -> Report:
    """The run as every format shows it: each counterexample is judged, its failure a finding."""
    progress = outcome.progress
    rate = progress.requests / progress.seconds if progress.seconds else 0.0
    took = f"{progress.seconds:.1f} s, {rate:.0f} requests/s"
    reached = {rule for rule, _ in progress.fired}
    never = [rule for rule in _DRIVEN if rule not in reached]
    shape = f"{counted(progress.examples, 'example')}, {counted(progress.requests, 'request')}"
    kind = "hakuna-mock" if line.is_mock else "another server"
    notes = [f"{line.url} ({kind}, enforcement {line.enforcement}{', started for this run' * own})"]
    if not line.is_mock:
        notes.insert(0, "not visible on this target: findings, orders, lists")
    if outcome.seed is not None:
        missing = f"; never: {', '.join(never)}" if never else ""
        notes = [
            f"seed {outcome.seed}, stopped by {outcome.stopped}, {took}",
            f"rules reached: {len(_DRIVEN) - len(never)} of {len(_DRIVEN)}{missing}",
            *notes,
        ]
    by_status: dict[str, dict[str, int]] = {}
    for (rule, status), count in sorted(progress.fired.items()):
        by_status.setdefault(rule, {})[str(status)] = count
    pairs = list(zip(outcome.counterexamples, saved, strict=True))
    return Report(
        [_judged(number, *pair, line) for number, pair in enumerate(pairs, start=1)],
        [_finding(found, name) for found, (name, _) in pairs],
        target=line.url,
        events=progress.requests,
        what=shape,
        notes=notes,
        about={
            "seed": outcome.seed,
            "stopped": outcome.stopped,
            "broke": outcome.broke,
            "examples": progress.examples,
            "requests": progress.requests,
            "seconds": round(progress.seconds, 3),
            "is_hakuna_mock": line.is_mock,
            "enforcement": line.enforcement,
            "rules_reached": by_status,
            "rules_never_reached": never,
            "first_failure": {
                "requests": outcome.first_failure_requests,
                "seconds": outcome.first_failure_seconds,
            },
        },
    )


def _judged(number: int, found: Counterexample, saved: tuple[str, Scenario], line: Line) -> Judged:
    name, scenario = saved
    details = [
        "",
        f"{counted(size(found.steps), 'step')} of {found.recorded} suffice"
        + ("" if found.confirmed else "; it did not come again when they were repeated"),
        *(f"  {one}" for one in _the_last(described(scenario))),
        f"replay: hakuna-mock fuzz --target {line.url} --replay {name}",
    ]
    if len(scenario.steps) <= MOST_STEPS_SHOWN:
        details.append("with curl:")
        lines = curl_lines(scenario, line.url)
        details += [f"  {row}" for one in lines for row in one.split("\n")]
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


def _the_last(steps: list[str]) -> list[str]:
    """The steps, of a long story its end."""
    if len(steps) <= MOST_STEPS_SHOWN:
        return steps
    left = len(steps) - MOST_STEPS_SHOWN
    return [f"… {counted(left, 'step')} before these, in the scenario", *steps[left:]]


def _finding(found: Counterexample, name: str) -> Finding:
    wrong = found.failure.problem
    check = CHECKS[wrong.check]
    rules = [rule for rule in found.failure.rules if rule in RULES]
    told = wrong.check in ("reply-findings", "dry-run") or not rules
    because = "" if told else f" ({', '.join(rules)})"
    step = min(found.failure.step, len(found.steps) - 1)
    sources = [RULES[rule].source for rule in rules[:1]] or [check.source]
    expected, got = (bare(shown(value), found.tag) for value in (wrong.expected, wrong.got))
    return Finding(
        rule=check.id,
        severity=Severity.VIOLATION,
        basis=RULES[rules[0]].basis if rules else check.basis,
        pointer=join(["steps", _place(found, step)]),
        message=f"expected {expected}{because}, got {got}",
        fix=check.fix,
        source="; ".join(sources),
        order_id=None,
        event_id=None,
        request_id=name,
    )


def _place(found: Counterexample, step: int) -> int:
    """The scenario's step that stands for the last request of a step of ours."""
    sent = sum(max(1, len(one.requests)) for one in found.steps[: step + 1])
    return max(0, sent - 1)


def progress_line(progress: Progress) -> str:
    """The run so far in one line."""
    rate = progress.requests / progress.seconds if progress.seconds else 0.0
    reached = len({rule for rule, _ in progress.fired})
    return printable(
        f"{progress.seconds:5.1f} s  {counted(progress.examples, 'example')}  "
        f"{progress.requests} requests ({rate:.0f}/s)  {reached}/{len(_DRIVEN)} rules  "
        f"{counted(progress.failures, 'failure')}",
        MOST_SHOWN,
    )
