"""The rules: what is judged, why, on whose word, and how often each fired here."""

from collections import Counter
from typing import Any

from aiohttp import web

from contracts.findings.finding import Basis, Severity
from contracts.reference.rule_docs import describe
from contracts.rules import RULES
from contracts.scenarios.catalogue import shipped
from mock_server.control.resources.contract import rules
from mock_server.control.responses import answered, choice, known_parameters, not_found
from mock_server.control.world_scope import scope_of
from mock_server.inspector import wants_page
from mock_server.inspector.rendering import rendered, split_twin, wants_twin
from mock_server.scenarios.loading import read_shipped
from mock_server.server_state import SERVER


async def page(request: web.Request) -> web.Response:
    """All rules by family; its twin is the control API's list."""
    if wants_twin(request):
        return await rules(request)
    known_parameters(request, "severity", "basis", "q")
    given = {name: value for name, value in request.query.items() if value}
    asked = request.clone(rel_url=request.rel_url.with_query(given))
    severity = choice(asked, "severity", Severity)
    basis = choice(asked, "basis", Basis)
    words = given.get("q", "").lower().split()
    fired = await _fired(request)
    families: dict[str, list[Any]] = {}
    for rule in RULES.values():
        text = f"{rule.id} {rule.title} {rule.why} {' '.join(rule.events)}".lower()
        if (
            severity in (None, rule.severity)
            and basis in (None, rule.basis)
            and all(word in text for word in words)
        ):
            families.setdefault(rule.family, []).append(rule)
    return await rendered(
        request,
        "rules",
        here="rules",
        families=families,
        total=sum(len(family) for family in families.values()),
        of=len(RULES),
        fired=fired,
        severity=severity or "",
        basis=basis or "",
        q=given.get("q", ""),
        severities=tuple(Severity),
        bases=tuple(Basis),
    )


async def details(request: web.Request) -> web.Response:
    """One rule with its evidence and examples."""
    known_parameters(request)
    rule_id, twin = split_twin(request.match_info["rule_id"])
    if rule_id not in RULES:
        not_found("rule", rule_id, list(RULES))
    rule = RULES[rule_id]
    if twin or not wants_page(request):
        return answered(describe(rule))
    await read_shipped(request.app[SERVER])
    reader = await request.app[SERVER].store.read()
    policy = reader.policy(await scope_of(request))
    return await rendered(
        request,
        "rule",
        here="rules",
        rule=rule,
        told=describe(rule),
        fired=(await _fired(request))[rule_id],
        level=policy.levels.get(rule_id),
        plays=[name for name in (f"{rule_id}-passes", f"{rule_id}-violates") if name in shipped()],
    )


async def _fired(request: web.Request) -> Counter[str]:
    reader = await request.app[SERVER].store.read()
    fired: Counter[str] = Counter()
    for finding in reader.findings_before(await scope_of(request)):
        fired[finding.rule] += finding.count
    return fired
