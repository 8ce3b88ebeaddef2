"""Worlds: listing, deleting, resetting."""

from typing import Any

from aiohttp import web

from mock_server.control.responses import (
    Handler,
    after_of,
    answered,
    known_parameters,
    not_found,
    page_of,
)
from mock_server.control.world_scope import narrowed
from mock_server.server_state import SERVER
from mock_server.store.protocol import WorldRow


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


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/worlds", worlds),
    ("DELETE", "/worlds/{world_id:[^/]+}", delete_world),
    ("POST", "/reset", reset),
)
