"""The shipped scenarios: reading them, and playing one into a world."""

import json
from typing import Any

from aiohttp import web

from contracts.findings.finding import Severity, State
from contracts.judging.verdict import Verdict
from contracts.orders.presentation import describe_order
from contracts.rules import RULES
from contracts.scenarios.catalogue import shipped
from contracts.scenarios.format import (
    Scenario,
    ScenarioRequest,
    Step,
    keys_from,
    write_scenario,
)
from contracts.scenarios.runner import compare, compare_end, outcome_of
from contracts.shorthand import ShorthandError, show
from mock_server.control.resources.scenarios import refuse_behind_proxy, scenarios
from mock_server.control.responses import answered, known_parameters, not_found
from mock_server.inspector import wants_page
from mock_server.inspector.forms import fresh_key, key_of, read_form
from mock_server.inspector.rendering import rendered, split_twin, wants_twin
from mock_server.scenarios.loading import play, read_shipped
from mock_server.server_state import SERVER, Server
from mock_server.store.memory import world_id_of


async def page(request: web.Request) -> web.Response:
    """All of them, stories first; its twin is the control API's list."""
    if wants_twin(request):
        return await scenarios(request)
    known_parameters(request, "q")
    await read_shipped(request.app[SERVER])
    words = request.query.get("q", "").lower().split()
    found = [
        item
        for item in shipped().values()
        if all(word in f"{item.name} {item.title} {item.about}".lower() for word in words)
    ]
    return await rendered(
        request,
        "scenarios",
        here="scenarios",
        stories=[item for item in found if _rule_of(item) is None],
        pairs=[(item, _rule_of(item)) for item in found if _rule_of(item) is not None],
        q=request.query.get("q", ""),
        of=len(shipped()),
    )


async def details(request: web.Request) -> web.Response:
    """One scenario, step by step."""
    known_parameters(request)
    await read_shipped(request.app[SERVER])
    name, twin = split_twin(request.match_info["name"])
    scenario = _named(name)
    if twin or not wants_page(request):
        return answered(write_scenario(scenario))
    return await _shown(request, scenario, None, None)


async def load_one(request: web.Request) -> web.Response:
    """Play it as if a shop had sent it: in a world of its own, or under the key of the form."""
    known_parameters(request)
    await read_shipped(request.app[SERVER])
    scenario = _named(request.match_info["name"])
    refuse_behind_proxy(request.app[SERVER])
    form = await read_form(request)
    server = request.app[SERVER]
    key = key_of(request, form) if form.get("key", "").strip() else fresh_key(server, "play")
    replies = await play(server, scenario, key)
    return await _shown(request, scenario, await _results(server, scenario, key, replies), key)


async def _results(
    server: Server,
    scenario: Scenario,
    key: str,
    replies: list[tuple[ScenarioRequest, Verdict | None]],
) -> dict[str, Any]:
    """What was answered beside what the scenario expects, and where the two differ."""
    found = [
        (asked, verdict, actual, list(compare(asked.place, asked.expect, actual)))
        for asked, verdict in replies
        if verdict
        for actual in [outcome_of(verdict)]
    ]
    reader = await server.store.read()
    worlds = {world_id_of(item) for item in keys_from(scenario, key).values()}
    open_rules = {
        finding.rule
        for world_id in worlds
        for finding in reader.findings_before(world_id)
        if finding.state is State.OPEN and finding.severity is not Severity.ADVICE
    }
    orders = {
        order_id: describe_order(row.order)
        for order_id in scenario.orders
        for world_id in worlds
        for row in reader.orders_named(world_id, order_id)
        if row.order.is_placed
    }
    end = list(compare_end(scenario, open_rules, orders))
    return {
        "steps": found,
        "end": end,
        "open": sorted(open_rules),
        "matches": not end and not any(different for *_, different in found),
    }


async def _shown(
    request: web.Request,
    scenario: Scenario,
    played: dict[str, Any] | None,
    key: str | None,
) -> web.Response:
    shared = not request.app[SERVER].settings.keys
    return await rendered(
        request,
        "scenario",
        here="scenarios",
        scenario=scenario,
        steps=[(step, *_told(step)) for step in scenario.steps],
        rule=_rule_of(scenario),
        played=played,
        loaded_world=world_id_of(key) if key else None,
        key_hint="a new world" if shared else "the first --api-key of this server",
    )


def _told(step: Step) -> tuple[str, str]:
    """A step in one line where the notation can hold it, and its body as text."""
    if step.is_control:
        return f"{step.method} {step.path}", json.dumps(step.body, indent=2, ensure_ascii=False)
    if step.shorthand is not None:
        return step.shorthand, ""
    if step.raw is not None:
        return "", step.raw.decode("utf-8", "backslashreplace")
    text = json.dumps(step.body, indent=2, ensure_ascii=False)
    try:
        return show([step.body]), text
    except ShorthandError:
        return "", text


def _rule_of(scenario: Scenario) -> str | None:
    """The rule whose example the scenario is."""
    rule = scenario.name.removesuffix("-passes").removesuffix("-violates")
    return rule if rule != scenario.name and rule in RULES else None


def _named(name: str) -> Scenario:
    if name not in shipped():
        not_found("scenario", name, list(shipped()))
    return shipped()[name]
