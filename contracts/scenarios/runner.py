"""What a scenario's requests must cause, what they did cause, and where the two differ."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import field
from typing import Any

from contracts.findings.finding import Finding, Severity
from contracts.findings.finding_log import FindingLog
from contracts.http.request import Request
from contracts.judging.judge import judge
from contracts.judging.session import Session
from contracts.judging.verdict import Verdict
from contracts.orders.presentation import describe_order
from contracts.scenarios.format import (
    CONTROL,
    Scenario,
    ScenarioRequest,
    Step,
    StepExpectation,
    key_names,
    requests_of,
)
from contracts.timing.rfc3339 import Instant
from contracts.values import dataclass
from contracts.worlds.control import clock_changed, fault_armed, settings_changed
from contracts.worlds.coverage import Coverage, merged
from contracts.worlds.effects import Effect, FaultsRemoved, WorldReset
from contracts.worlds.policy import Policy
from contracts.worlds.world import World


@dataclass(frozen=True)
class Outcome:
    """What one request caused. `findings` and `advice` are None where they cannot be seen.

    `fault` is the effect that was played; `status` is 0 where no reply was sent.
    """

    status: int
    error_code: str | None
    findings: frozenset[str] | None
    advice: frozenset[str] | None
    event_id: str | None = None
    fault: str | None = None


@dataclass(frozen=True)
class Mismatch:
    """An expectation that was not met. `step` is the step's place from 0, None for the end.

    `where` says more of the place, where the step does not say all.
    """

    step: int | None
    what: str
    expected: Any
    actual: Any
    where: str = ""


@dataclass(frozen=True)
class DryRun:
    """A scenario as the judge plays it: the requests with their outcomes, and what is left.

    `orders_of_keys` maps key name and order id to the order, `coverage` is what it exercised.
    """

    requests: tuple[tuple[ScenarioRequest, Outcome], ...]
    open_findings: frozenset[str]
    orders_of_keys: Mapping[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    coverage: Coverage = field(default_factory=Coverage)

    @property
    def orders(self) -> dict[str, dict[str, Any]]:
        """The orders by id; of equal ids under several keys the last."""
        return {order_id: order for (_, order_id), order in self.orders_of_keys.items()}


def dry_run(scenario: Scenario, now: Instant, policy: Policy | None = None) -> DryRun:
    """Play a scenario with the judge alone, each key in a world of its own."""
    keys = {name: f"sk_test_rehearsal_{place}" for place, name in enumerate(key_names(scenario))}
    sessions: dict[str, Session] = {}
    no_world = Session(World(policy))
    played = []
    monotonic_ns = 0
    for number, asked in enumerate(requests_of(scenario, keys)):
        session = sessions.setdefault(asked.key, Session(World(policy)))
        if asked.step.is_control:
            with suppress(ValueError):  # what a server refuses changes nothing
                session.apply(controlled(session.world, asked.step, now))
            played.append((asked, Outcome(200, None, None, None)))
            continue
        world = session.world
        verdict = judge(
            Request(
                asked.step.method,
                asked.step.path,
                tuple(asked.headers.items()),
                asked.body,
                world.policy.clock.time(now),
                f"evt-00000000-0000-4000-8000-{number:012}",
                f"step-{number}",
                monotonic_ns=monotonic_ns,
                seq=number,
            ),
            world,
            world.policy,
        )
        (session if verdict.key else no_world).apply(verdict.effects)
        monotonic_ns += verdict.delay
        played.append((asked, outcome_of(verdict)))
    worlds = {key: session.world for key, session in sessions.items()}
    return DryRun(
        tuple(played),
        frozenset(rule for world in worlds.values() for rule in failing_rules(world.findings)),
        {
            (key, order.order_id): describe_order(order)
            for key, world in worlds.items()
            for order in world.placed_orders
        },
        merged(world.coverage for world in (*worlds.values(), no_world.world)),
    )


def controlled(world: World, step: Step, now: Instant) -> tuple[Effect, ...]:
    """What a call of the control API changes; most calls change nothing.

    ValueError where a server would refuse it.
    """
    path = step.path.partition("?")[0].removeprefix(CONTROL)
    body = step.body
    if step.method == "DELETE" and path.startswith("faults/"):
        return (FaultsRemoved((path.removeprefix("faults/"),)),)
    match step.method, path:
        case "POST", "faults":
            return fault_armed(world, body)[1]
        case "DELETE", "faults":
            return (FaultsRemoved(),)
        case "POST", "clock":
            return (clock_changed(world, body, now),)
        case "POST", "reset":
            return (WorldReset(),)
        case "PUT", "settings":
            return (settings_changed(world, body, now, 0),)
    return ()


def outcome_of(verdict: Verdict) -> Outcome:
    """What a verdict answers."""
    severe, advice = by_severity(verdict.findings)
    return Outcome(
        verdict.status or 0,
        verdict.body.get("error", {}).get("error_code"),
        severe,
        advice,
        verdict.event_id,
        verdict.fault.effect.name if verdict.fault else None,
    )


def by_severity(findings: Iterable[Finding]) -> tuple[frozenset[str], frozenset[str]]:
    """The rules of violations and warnings, and those of advice."""
    advice: set[str] = set()
    severe: set[str] = set()
    for finding in findings:
        (advice if finding.severity is Severity.ADVICE else severe).add(finding.rule)
    return frozenset(severe), frozenset(advice)


def failing_rules(log: FindingLog) -> Iterator[str]:
    """The rules of open violations and warnings."""
    for finding in log:
        if finding.state == "open" and finding.severity is not Severity.ADVICE:
            yield finding.rule


def compare(step: int, expect: StepExpectation, actual: Outcome) -> Iterator[Mismatch]:
    """Where a reply differs from what it must be; what cannot be seen is not compared."""
    for what, expected, seen in (
        ("status", expect.status, actual.status),
        ("error_code", expect.error_code, actual.error_code),
    ):
        if expected is not None and expected != seen:
            yield Mismatch(step, what, expected, seen)
    for what, rules, found in (
        ("findings", expect.findings, actual.findings),
        ("advice", expect.advice, actual.advice),
    ):
        if rules is not None and found is not None and rules != found:
            yield Mismatch(step, what, sorted(rules), sorted(found))


def compare_end(
    scenario: Scenario, open_findings: Collection[str], orders: Mapping[str, Mapping[str, Any]]
) -> Iterator[Mismatch]:
    """Where the end of a scenario differs from what it must be: the rules of open violations and
    warnings, and the orders by id.
    """
    expected = scenario.open_findings
    if expected is not None and expected != set(open_findings):
        yield Mismatch(None, "open_findings", sorted(expected), sorted(open_findings))
    for order_id, members in scenario.orders.items():
        order = orders.get(order_id)
        for name, value in members.items():
            actual = order.get(name) if order else None
            if actual != value:
                yield Mismatch(None, f"orders/{order_id}/{name}", value, actual)
