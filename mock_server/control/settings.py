"""What a world is told: enforcement, the severity of rules, an outage."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from aiohttp import web

from contracts.effects import FaultError
from contracts.findings import Severity
from contracts.moment import Moment
from contracts.names import hint
from contracts.outage import read_outage
from contracts.policy import OFF, Enforcement, Policy
from contracts.rules import RULES
from mock_server.control.answers import (
    ControlError,
    Handler,
    answered,
    json_body,
    known_parameters,
    not_found,
)
from mock_server.control.narrowing import narrowed, sent_key
from mock_server.keys import SERVER

_LEVELS = (*Severity, OFF)
MOST_RETRIES = 1000


async def settings(request: web.Request) -> web.Response:
    """What the world is told; without a world, what new ones are told.

    An outage and `retries_per_second` are shown where they are not as usual.
    """
    known_parameters(request)
    world_id = await narrowed(request)
    server = request.app[SERVER]
    return answered(_shown(await server.store.policy(world_id), await server.now(world_id)))


async def put_settings(request: web.Request) -> web.Response:
    """Change what is named and leave the rest; a rule's null takes its override away."""
    known_parameters(request)
    world_id = await narrowed(request)
    asked = await json_body(request)  # first: another change may come while this one arrives
    server = request.app[SERVER]
    machine, steady = server.clock(), server.steady()

    def changed(policy: Policy) -> Policy:
        return _changed(policy, asked, Moment(policy.clock.time(machine), steady))

    policy = await change_policies(request, world_id, changed)
    server.announce()
    return answered(_shown(policy, await server.now(world_id)))


async def change_policies(
    request: web.Request, world_id: str | None, changed: Callable[[Policy], Policy]
) -> Policy:
    """Tell a world something else, which is made if the key is new; what it is told now.

    Without a world each one changes what is named and keeps the rest of its own settings.
    """
    store = request.app[SERVER].store
    policy = changed(await store.policy(world_id))
    others = await store.worlds() if world_id is None else ()
    own = {row.id: changed(await store.policy(row.id)) for row in others}
    if not await store.set_policy(sent_key(request), world_id, policy):
        not_found("world", world_id or "")
    for other, told in own.items():
        await store.set_policy(None, other, told)
    return policy


def _shown(policy: Policy, now: Moment) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "enforcement": str(policy.enforcement),
        "rules": {rule: str(level) for rule, level in sorted(policy.levels.items())},
    }
    outage = policy.outage.to_json(now) if policy.outage else None
    if outage:
        shown["outage"] = outage
    if policy.retries_per_second != Policy.retries_per_second:
        shown["retries_per_second"] = policy.retries_per_second
    return shown


def _changed(policy: Policy, asked: Any, now: Moment) -> Policy:
    if not isinstance(asked, dict):
        raise ControlError(400, 'settings are an object such as {"enforcement": "reject"}')
    for name, value in asked.items():
        change = _CHANGES.get(name)
        if change is None:
            raise ControlError(400, f"/{name[:40]}: there is no such setting{hint(name, _CHANGES)}")
        policy = change(policy, value, now)
    return policy


def _enforcement(policy: Policy, value: Any, _now: Moment) -> Policy:
    if value not in tuple(Enforcement):
        raise ControlError(400, "/enforcement: must be flag or reject (a rule can be off)")
    return replace(policy, enforcement=Enforcement(value))


def _outage(policy: Policy, value: Any, now: Moment) -> Policy:
    try:
        return replace(policy, outage=read_outage(value, now, policy.outage))
    except FaultError as error:
        raise ControlError(400, f"{error.pointer}: {error}") from None


def _retries(policy: Policy, value: Any, _now: Moment) -> Policy:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_RETRIES:
        said = f"/retries_per_second: must be a whole number from 1 to {MOST_RETRIES}"
        raise ControlError(400, said)
    return replace(policy, retries_per_second=value)


def _rules(policy: Policy, value: Any, _now: Moment) -> Policy:
    if not isinstance(value, dict):
        raise ControlError(400, '/rules: must be an object such as {"zip-format": "off"}')
    levels = dict(policy.levels)
    for rule, level in value.items():
        if rule not in RULES:
            more = hint(rule, RULES)
            raise ControlError(400, f"/rules/{rule[:80]}: there is no such rule{more}")
        if level is None:
            levels.pop(rule, None)
        elif level in _LEVELS:
            levels[rule] = OFF if level == OFF else Severity(level)
        else:
            raise ControlError(400, f"/rules/{rule}: must be one of {', '.join(_LEVELS)} or null")
    return replace(policy, levels=levels)


_CHANGES: dict[str, Callable[[Policy, Any, Moment], Policy]] = {
    "enforcement": _enforcement,
    "rules": _rules,
    "outage": _outage,
    "retries_per_second": _retries,
}
"""How each setting is changed."""

ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/settings", settings),
    ("PUT", "/settings", put_settings),
)
