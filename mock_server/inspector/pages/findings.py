"""Findings, gathered by order with what they cost, by rule, by source or by what to do."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from contracts.findings.finding import Finding, Severity, State
from contracts.findings.outside import OUTSIDE
from contracts.orders.order import Order
from contracts.rules import RULES
from contracts.timing.rfc3339 import Instant
from mock_server.control.resources.findings import findings
from mock_server.control.responses import choice, known_parameters
from mock_server.control.world_scope import scope_of
from mock_server.inspector.rendering import rendered, wants_twin
from mock_server.inspector.stake_words import TWICE
from mock_server.server_state import SERVER
from mock_server.store.reader import Reader

MAX_SHOWN = 10
"""Of one group so many are shown, the latest first."""

MAX_GROUPS = 200

WAYS = ("order", "rule", "source", "fix")


@dataclass
class Group:
    """Findings that share an order, a rule, a source or a fix.

    `world_id`, `order` and `at_stake` are those of an order.
    """

    name: str
    rule: Any
    world_id: str | None = None
    order: Order | None = None
    at_stake: list[dict[str, Any]] = field(default_factory=list)
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
    def rank(self) -> tuple[int, int, int, int]:
        """What is open first, the dearest of it, then violations, then what fires most."""
        worst = min(Severity(severity).rank for severity in self.severities)
        return (not self.states["open"], -self.amount, worst, -self.total)

    @property
    def amount(self) -> int:
        """What it stakes, to be put in order; currencies are not changed into each other."""
        return sum(item["amount"] for item in self.at_stake)

    @property
    def costly(self) -> list[Finding]:
        """Findings that say in words what they cost; of two that speak of the same units, one."""
        repeated = {item.event_id for item in self.latest if item.rule == "duplicate-event"}
        return [
            item
            for item in self.latest
            if item.at_stake and not (item.rule in TWICE and item.event_id in repeated)
        ]

    @property
    def severity(self) -> str:
        """Of its findings the most severe."""
        return str(min((Severity(item) for item in self.severities), key=lambda item: item.rank))


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
    way = choice(asked, "by", WAYS) or ("rule" if rule else "order")
    order_id = given.get("order_id")
    reader = await request.app[SERVER].store.read()
    world_id = await scope_of(request)
    groups: dict[tuple[str | None, str], Group] = {}
    total = 0
    for owner, world in reader.findings_with_worlds(world_id):
        if (
            severity in (None, world.severity)
            and rule in (None, world.rule)
            and state in (None, world.state)
            and order_id in (None, world.order_id)
        ):
            total += world.count
            name = {
                "order": world.order_id or "",
                "rule": world.rule,
                "source": world.source,
                "fix": world.fix,
            }[way]
            place = (owner if way == "order" else None, name)
            if place not in groups:
                groups[place] = Group(name, RULES.get(world.rule) or OUTSIDE.get(world.rule))
                if way == "order":
                    _look_up(reader, groups[place], owner)
            groups[place].add(world)
    ordered = sorted(groups.values(), key=lambda group: group.rank)
    return await rendered(
        request,
        "findings",
        here="findings",
        groups=ordered[:MAX_GROUPS],
        more_groups=max(0, len(ordered) - MAX_GROUPS),
        total=total,
        received=reader.received(world_id),
        arrived=lambda item: _arrived(reader, item),
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


def _look_up(reader: Reader, group: Group, world_id: str | None) -> None:
    """The order that a group is about, as it is now, and what it stakes."""
    group.world_id = world_id
    if world_id is None or not group.name:
        return
    for row in reader.orders_named(world_id, group.name):
        group.order = row.order
        group.at_stake = reader.at_stake_of(row)


def _arrived(reader: Reader, finding: Finding) -> Instant | None:
    """When the event of a finding, or the request, arrived."""
    if finding.event_id:
        event = reader.event(None, finding.event_id)
        return event.record.received_at if event else None
    found = reader.request(None, finding.request_id)
    return found.entry.received_at if found else None
