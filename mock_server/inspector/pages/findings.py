"""Findings, gathered by rule, by source or by what to do about them."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from contracts.findings.finding import Finding, Severity, State
from contracts.findings.outside import OUTSIDE
from contracts.rules import RULES
from mock_server.control.resources.findings import findings
from mock_server.control.responses import choice, known_parameters
from mock_server.control.world_scope import narrowed
from mock_server.inspector.rendering import rendered, wants_twin
from mock_server.server_state import SERVER

MAX_SHOWN = 10
"""Of one group so many are shown, the latest first."""

MAX_GROUPS = 200

WAYS = ("rule", "source", "fix")


@dataclass
class Group:
    """Findings that share a rule, a source or a fix."""

    name: str
    rule: Any
    latest: list[Finding] = field(default_factory=list)
    total: int = 0
    states: Counter[str] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)
    rules: set[str] = field(default_factory=set)

    def add(self, finding: Finding) -> None:
        """Count a finding, the latest come first."""
        self.total += finding.count
        self.states[str(finding.state)] += finding.count
        self.severities[str(finding.severity)] += finding.count
        self.rules.add(finding.rule)
        if len(self.latest) < MAX_SHOWN:
            self.latest.append(finding)

    @property
    def rank(self) -> tuple[int, int, int]:
        """Open violations first, then what fires most."""
        worst = min(Severity(one).rank for one in self.severities)
        return (not self.states["open"], worst, -self.total)

    @property
    def severity(self) -> str:
        """Of its findings the most severe."""
        return str(min((Severity(one) for one in self.severities), key=lambda one: one.rank))


async def page(request: web.Request) -> web.Response:
    """The groups; its twin is the control API's list with the same filters."""
    if wants_twin(request):
        given = {name: value for name, value in request.query.items() if value and name != "by"}
        return await findings(request.clone(rel_url=request.rel_url.with_query(given)))
    known_parameters(request, "severity", "rule", "state", "order_id", "by", "after", "limit")
    given = {name: value for name, value in request.query.items() if value}
    asked = request.clone(rel_url=request.rel_url.with_query(given))
    severity = choice(asked, "severity", Severity)
    rule = choice(asked, "rule", (*RULES, *OUTSIDE))
    state = choice(asked, "state", State)
    way = choice(asked, "by", WAYS) or "rule"
    order_id = given.get("order_id")
    reader = await request.app[SERVER].store.read()
    world_id = await narrowed(request)
    groups: dict[str, Group] = {}
    total = 0
    for one in reader.findings_before(world_id):
        if (
            severity in (None, one.severity)
            and rule in (None, one.rule)
            and state in (None, one.state)
            and order_id in (None, one.order_id)
        ):
            total += one.count
            name = {"rule": one.rule, "source": one.source, "fix": one.fix}[way]
            if name not in groups:
                groups[name] = Group(name, RULES.get(one.rule) or OUTSIDE.get(one.rule))
            groups[name].add(one)
    ordered = sorted(groups.values(), key=lambda group: group.rank)
    return await rendered(
        request,
        "findings",
        here="findings",
        groups=ordered[:MAX_GROUPS],
        more_groups=max(0, len(ordered) - MAX_GROUPS),
        total=total,
        evicted=reader.evicted(world_id).findings,
        way=way,
        ways=WAYS,
        severity=severity or "",
        rule=rule or "",
        state=state or "",
        order_id=order_id or "",
        severities=tuple(Severity),
        states=tuple(State),
    )
