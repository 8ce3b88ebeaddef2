"""Worlds: listing, deleting, resetting."""

from typing import Any

from aiohttp import web

from contracts.worlds.effects import WorldReset
from mock_server.control.responses import (
    Handler,
    after_of,
    answered,
    answered_page,
    known_parameters,
    limit_of,
    not_found,
)
from mock_server.control.world_scope import change_worlds, narrowed
from mock_server.server_state import SERVER
from mock_server.store.protocol import Change, UnknownWorldError
from mock_server.store.rows import Rows, WorldRow


async def worlds(request: web.Request) -> web.Response:
    """All worlds, oldest first, their keys masked; narrowed to one if a key is sent."""
    known_parameters(request, "after", "limit")
    after, limit = after_of(request), limit_of(request)
    world_id = await narrowed(request)
    reader = await request.app[SERVER].store.read()
    found = list(enumerate(reader.worlds(world_id), start=1))
    rows = [one for one in found if one[0] > after]
    evicted = reader.evicted(None).worlds if world_id is None else 0
    page = Rows(rows[:limit], len(found), evicted, len(rows) > limit)
    return await answered_page(page, _listed)


def _listed(_place: int, row: WorldRow) -> dict[str, Any]:
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
    store = request.app[SERVER].store
    try:
        await store.delete(world_id)
    except UnknownWorldError:
        not_found("world", world_id, (await store.read()).world_ids())
    request.app[SERVER].announce_reset()
    return answered({"deleted": world_id})


async def reset(request: web.Request) -> web.Response:
    """Clear everything but the settings, of one world or of all."""
    known_parameters(request)
    world_id = await narrowed(request)
    await change_worlds(request, world_id, lambda _: Change(None, (WorldReset(),)), create=False)
    request.app[SERVER].announce_reset()
    return answered({"reset": world_id or "all worlds"})


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/worlds", worlds),
    ("DELETE", "/worlds/{world_id:[^/]+}", delete_world),
    ("POST", "/reset", reset),
)
