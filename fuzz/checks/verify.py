"""Playing scenarios against any server, and checking what comes back.

What must come back is what `contracts` makes of the same requests (`dry_run`). Statuses, bodies
and ids can be checked on every server; findings and orders only where the target shows them.
"""

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import field
from itertools import count
from typing import Any
from urllib.parse import quote

from contracts.findings.finding import Severity
from contracts.json_text.parser import Document, parse
from contracts.scenarios.catalogue import is_shipped
from contracts.scenarios.format import FreshKeys, Scenario, ScenarioRequest, key_names, requests_of
from contracts.scenarios.runner import (
    DryRun,
    Mismatch,
    Outcome,
    compare,
    compare_end,
    dry_run,
)
from contracts.timing.rfc3339 import Instant
from contracts.values import dataclass
from contracts.worlds.coverage import Coverage
from contracts.worlds.policy import Enforcement, Policy
from fuzz.checks.reply import ExpectedReply, reply_failures
from fuzz.client.control_client import ControlClient
from fuzz.client.http_client import Reply, Target


@dataclass(frozen=True)
class TargetKind:
    """What can be seen of a target: whether it is a hakuna-mock, and how it judges."""

    is_mock: bool
    policy: Policy
    orders_visible: bool = False

    @property
    def enforcement(self) -> Enforcement:
        """How it enforces."""
        return self.policy.enforcement


@dataclass
class ScenarioResult:
    """What became of one scenario. `not_visible` are expectations that the target
    does not show.

    `status` is that of the last reply.
    """

    scenario: Scenario
    mismatches: list[Mismatch] = field(default_factory=list)
    not_visible: list[str] = field(default_factory=list)
    skipped: str | None = None
    requests: int = 0
    status: int | None = None
    coverage: Coverage = field(default_factory=Coverage)


@dataclass
class Keys:
    """API keys for scenarios: the only one there is, or a fresh one each time."""

    only: str | None
    run: str = field(default_factory=lambda: uuid.uuid4().hex[:10])
    sets: int = 0
    order_prefix: str = ""
    """What all order ids begin with; then they and idempotency keys follow from it."""

    @property
    def beginning(self) -> str:
        """What the fresh keys of this run begin with."""
        return f"sk_test_verify_{self.run}"

    def fresh(self, scenario: Scenario) -> dict[str, str] | None:
        """Keys for the scenario's key names; None where one key is not enough."""
        names = key_names(scenario)
        if self.only is not None:
            return dict.fromkeys(names, self.only) if len(names) == 1 else None
        self.sets += 1
        return {name: f"{self.beginning}_{self.sets}_{place}" for place, name in enumerate(names)}

    def order_ids(self, scenario: Scenario) -> "_OrderIds":
        """How the orders of a scenario are called."""
        if self.order_prefix:
            return _OrderIds(prefix=f"{self.order_prefix}-{scenario.name[:60]}")
        return _OrderIds(suffix=uuid.uuid4().hex[:8] if self.only else None)

    def idempotency_keys(self, scenario: Scenario) -> FreshKeys:
        """New idempotency keys for those of a scenario."""
        if not self.order_prefix:
            return FreshKeys(lambda: str(uuid.uuid4()))
        numbers = count()
        name = f"{self.order_prefix}/{scenario.name}"
        return FreshKeys(lambda: str(uuid.uuid5(uuid.NAMESPACE_OID, f"{name}/{next(numbers)}")))


def identify_target(
    target: Target, key: str, policy: Policy, admin_token: str | None
) -> TargetKind:
    """Find out what the target is; for other servers than a hakuna-mock the given policy holds."""
    found = ControlClient(target.base_url, target.ask, admin_token).identify(key)
    own = found.policy
    return TargetKind(found.is_mock, own or policy, orders_visible=own is not None)


def verify_scenario(
    scenario: Scenario,
    target: Target,
    kind: TargetKind,
    keys: Keys,
    now: Instant,
    admin_token: str | None,
) -> ScenarioResult:
    """Play one scenario; TargetError if the target stops answering."""
    result = ScenarioResult(scenario)
    if scenario.is_on_demand and not kind.is_mock:
        result.skipped = "only a hakuna-mock plays faults on demand"
        return result
    api_keys = keys.fresh(scenario)
    if api_keys is None:
        result.skipped = "several API keys are needed, and the target has one"
        return result
    expected = dry_run(scenario, now, kind.policy)
    result.coverage = expected.coverage
    renamed = keys.order_ids(scenario)
    ids = _Ids()
    fresh = keys.idempotency_keys(scenario)
    control = ControlClient(target.base_url, target.ask, admin_token)
    pairs = zip(requests_of(scenario, api_keys), expected.requests, strict=True)
    for request, (_, outcome) in pairs:
        if request.step.is_control and not kind.is_mock:
            result.not_visible.append("control API")
            continue
        headers = fresh.headers(request.key, request.headers)
        if request.step.is_control:
            headers |= control.headers()
        send = target.ask if outcome.status else target.ask_for_a_cut
        reply = send(request.step.method, request.step.path, renamed.body(request.body), headers)
        result.requests += 1
        result.status = reply.status
        if request.step.is_control:
            continue
        unmet = [] if is_shipped(scenario) else list(_unmet(request, outcome, reply, kind))
        result.mismatches += unmet
        if not unmet:
            result.mismatches += _differences(request, outcome, reply, kind, ids)
    if not kind.is_mock:
        result.not_visible.append("findings")
    if kind.orders_visible:
        result.mismatches += _end(
            scenario, control, expected, renamed, api_keys, is_shared=keys.only is not None
        )
    elif expected.orders:
        result.not_visible.append("orders")
    return result


def _end(
    scenario: Scenario,
    control: ControlClient,
    expected: DryRun,
    renamed: "_OrderIds",
    keys: Mapping[str, str],
    *,
    is_shared: bool,
) -> Iterator[Mismatch]:
    """Where the target's state differs from what must be; in a world that scenarios share the
    findings of others are open, too.
    """
    if not is_shared:
        yield from _open_findings(control, expected, keys)
    yield from _orders(control, expected, renamed, keys)
    if not is_shipped(scenario):
        for item in compare_end(scenario, expected.open_findings, expected.orders):
            yield Mismatch(None, "expectation", item.expected, item.actual, item.what)


def _unmet(
    request: ScenarioRequest, due: Outcome, reply: Reply, kind: TargetKind
) -> Iterator[Mismatch]:
    """What the scenario's own words say about the reply, and is not so.

    Which of the rules that a hakuna-mock names are advice, the dry run knows.
    """
    rules = (due.findings, due.advice) if kind.is_mock else (None, None)
    for item in compare(
        request.place, request.expect, Outcome(reply.status, reply.error_code, *rules)
    ):
        yield Mismatch(request.place, "expectation", item.expected, item.actual, item.what)


class _OrderIds:
    """Order ids of a scenario, made fresh where several scenarios share one key."""

    def __init__(self, suffix: str | None = None, prefix: str = "") -> None:
        self._suffix = suffix
        self._prefix = prefix

    def name(self, order_id: str) -> str:
        if self._prefix:
            return f"{self._prefix}-{order_id}"
        if not self._suffix:
            return order_id
        # The suffix that asks for a fault must stay at the end.
        name, mark, fault = order_id.rpartition("--mock-")
        return f"{name or fault}-{self._suffix}{mark}{fault if mark else ''}"

    def body(self, raw: bytes) -> bytes:
        """The body with its order renamed; text that is not JSON names no order."""
        parsed = parse(raw)
        document = parsed.value if isinstance(parsed, Document) else None
        payload = document.get("payload") if isinstance(document, dict) else None
        order_id = payload.get("order_id") if isinstance(payload, dict) else None
        if not isinstance(order_id, str) or not (self._suffix or self._prefix):
            return raw
        # In the text, not in the document: repeated keys and the form of numbers must survive.
        old, new = json.dumps(order_id).encode(), json.dumps(self.name(order_id)).encode()
        return re.sub(rb'("order_id"\s*:\s*)' + re.escape(old), lambda m: m[1] + new, raw)


class _Ids:
    """Which of the target's ids corresponds to which expected one: equal ids must stay equal."""

    def __init__(self) -> None:
        self._actual: dict[str, str] = {}

    def requirement(self, expected: str, actual: str) -> str | None:
        """What the id should be, if it is not."""
        known = self._actual.setdefault(expected, actual)
        if known != actual:
            return f"the same id again ({known})"
        if any(other == actual for name, other in self._actual.items() if name != expected):
            return "an id that was not given before"
        return None


def _differences(
    request: ScenarioRequest, expected: Outcome, reply: Reply, kind: TargetKind, ids: _Ids
) -> Iterator[Mismatch]:
    rules = (expected.findings or frozenset()) | (expected.advice or frozenset())
    if expected.fault is not None:
        # What the body of a reply on demand looks like is part of the fault.
        if reply.status != expected.status:
            yield Mismatch(request.place, "reply-status", expected.status, reply.status)
        return
    expected_reply = ExpectedReply(expected.status, expected.error_code, rules)
    failures = list(reply_failures(expected_reply, reply, is_mock=kind.is_mock))
    for failure in failures:
        yield Mismatch(request.place, failure.check, failure.expected, failure.actual)
    if expected.status == 200 and not failures:
        event_id = reply.json()["event_id"]
        requirement = ids.requirement(expected.event_id or "", event_id)
        if requirement:
            yield Mismatch(request.place, "reply-event-id", requirement, event_id)


def _open_findings(
    control: ControlClient, expected: DryRun, keys: Mapping[str, str]
) -> Iterator[Mismatch]:
    """Whether the rules of the target's open violations and warnings are those that must be."""
    rows = [row for key in keys.values() for row in control.rows("/findings?state=open", key)]
    found = {row["rule"] for row in rows if row["severity"] != Severity.ADVICE}
    if found != expected.open_findings:
        due, actual = sorted(expected.open_findings), sorted(found)
        yield Mismatch(None, "open-findings", due, actual, "open findings")


def _orders(
    control: ControlClient, expected: DryRun, renamed: _OrderIds, keys: Mapping[str, str]
) -> Iterator[Mismatch]:
    """Where the target's orders differ from what they must be."""
    for (key, order_id), order in expected.orders_of_keys.items():
        path = f"/orders/{quote(renamed.name(order_id), safe='')}"
        found: Any = control.find(path, keys[key])
        actual = found if isinstance(found, dict) else {}
        for name, value in order.items():
            if name != "order_id" and actual.get(name) != value:
                where = f"order {order_id}, {name}"
                yield Mismatch(None, "order-state", value, actual.get(name), where)
