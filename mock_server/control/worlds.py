"""Worlds: listing, deleting, resetting, and what each is told."""

from dataclasses import replace
from typing import Any

from aiohttp import web

from contracts.findings import Severity
from contracts.names import hint
from contracts.policy import OFF, Enforcement, Policy
from contracts.rules import RULES
from mock_server.control.answers import (
    ControlError,
    Handler,
    after_of,
    answered,
    json_body,
    known_parameters,
    not_found,
    page_of,
)
from mock_server.control.narrowing import narrowed, sent_key
from mock_server.keys import SERVER
from mock_server.store import WorldRow

_LEVELS = (*Severity, OFF)


async def worlds(request: web.Request) -> web.Response:
    """All worlds, oldest first, their keys masked; narrowed to one if a key is sent."""
    known_parameters(request, "after", "limit")
    after, wanted = after_of(request), await narrowed(request)
    store = request.app[SERVER].store
    rows = enumerate(await store.worlds(), start=1)
    chosen = [(seq, row) for seq, row in rows if wanted in (None, row.id)]
    evicted = (await store.evicted(None)).worlds if wanted is None else 0
    return await page_of(request, chosen, evicted, after=after).answered(_listed)


async def _listed(_place: int, row: WorldRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "key_masked": row.key_masked,
        "orders": row.orders,
        "events": row.events,
        "findings": {str(severity): count for severity, count in row.findings.items()},
    }


async def delete_world(request: web.Request) -> web.Response:
    """Forget a world with its settings."""
    world_id = request.match_info["world_id"]
    if not await request.app[SERVER].store.delete(world_id):
        not_found("world", world_id, [row.id for row in await request.app[SERVER].store.worlds()])
    request.app[SERVER].announce_reset()
    return answered({"deleted": world_id})


async def reset(request: web.Request) -> web.Response:
    """Forget everything but the settings, of one world or of all."""
    known_parameters(request)
    world_id = await narrowed(request)
    await request.app[SERVER].store.reset(world_id)
    request.app[SERVER].announce_reset()
    return answered({"reset": world_id or "all worlds"})


async def settings(request: web.Request) -> web.Response:
    """What the world is told; without a world, what new ones are told."""
    known_parameters(request)
    world_id = await narrowed(request)
    return answered(_shown(await request.app[SERVER].store.policy(world_id)))


async def put_settings(request: web.Request) -> web.Response:
    """Change what is named and leave the rest; a rule's null takes its override away."""
    known_parameters(request)
    world_id = await narrowed(request)
    store = request.app[SERVER].store
    asked = await json_body(request)  # first: another change may come while this one arrives
    changed = _changed(await store.policy(world_id), asked)
    # Without a world each one changes what is named and keeps the rest of its own settings.
    others = await store.worlds() if world_id is None else ()
    own = {row.id: _changed(await store.policy(row.id), asked) for row in others}
    if not await store.set_policy(sent_key(request), world_id, changed):
        not_found("world", world_id or "")
    for other, policy in own.items():
        await store.set_policy(None, other, policy)
    return answered(_shown(changed))


def _shown(policy: Policy) -> dict[str, Any]:
    return {
        "enforcement": str(policy.enforcement),
        "rules": {rule: str(level) for rule, level in sorted(policy.levels.items())},
    }


def _changed(policy: Policy, asked: Any) -> Policy:
    if not isinstance(asked, dict):
        raise ControlError(400, 'settings are an object such as {"enforcement": "reject"}')
    for name in asked:
        if name not in ("enforcement", "rules"):
            more = hint(name, ("enforcement", "rules"))
            raise ControlError(400, f"/{name[:40]}: there is no such setting{more}")
    if "enforcement" in asked:
        if asked["enforcement"] not in tuple(Enforcement):
            raise ControlError(400, "/enforcement: must be flag or reject (a rule can be off)")
        policy = replace(policy, enforcement=Enforcement(asked["enforcement"]))
    rules = asked.get("rules", {})
    if not isinstance(rules, dict):
        raise ControlError(400, '/rules: must be an object such as {"zip-format": "off"}')
    levels = dict(policy.levels)
    for rule, level in rules.items():
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


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/worlds", worlds),
    ("DELETE", "/worlds/{world_id:[^/]+}", delete_world),
    ("POST", "/reset", reset),
    ("GET", "/settings", settings),
    ("PUT", "/settings", put_settings),
)
