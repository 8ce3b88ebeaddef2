"""Worlds: listing, deleting, resetting."""

from typing import Any

from aiohttp import web

from contracts.worlds.effects import WorldReset
from mock_server.control.responses import (
    ControlError,
    Handler,
    after_of,
    answered,
    answered_page,
    known_parameters,
    limit_of,
    not_found,
)
from mock_server.control.world_scope import change_worlds, scope_of
from mock_server.server_state import SERVER
from mock_server.store.protocol import Change, UnknownWorldError
from mock_server.store.reader import Reader
from mock_server.store.rows import Rows, WorldRow

LATEST = "Hakuna-Mock-Latest"


async def worlds(request: web.Request) -> web.Response:
    """All worlds, oldest first, their keys masked; limited to one world if a key is sent.

    `Hakuna-Mock-Latest` is the number of the latest request that this server has received under any
    key. Of one world the `ETag` counts the requests: it changes with each of them.
    """
    known_parameters(request, "after", "limit")
    after, limit = after_of(request), limit_of(request)
    world_id = await scope_of(request)
    server = request.app[SERVER]
    reader = await server.store.read()
    found = list(enumerate(reader.worlds(world_id), start=1))
    rows = [item for item in found if item[0] > after]
    evicted = reader.evicted(None).worlds if world_id is None else 0
    page = Rows(rows[:limit], len(found), evicted, len(rows) > limit)
    reply = await answered_page(page, _listed)
    reply.headers[LATEST] = str(server.store.latest_number)
    if world_id is not None:
        reply.headers["ETag"] = _tag(reader, world_id)
    return reply


def _tag(reader: Reader, world_id: str) -> str:
    """Another one after each request of a world."""
    return f'"{reader.received(world_id)}"'


def _listed(_place: int, row: WorldRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "key_masked": row.key_masked,
        **({"name": row.name} if row.name else {}),
        "orders": row.orders,
        "events": row.events,
        "findings": {str(severity): count for severity, count in row.findings.items()},
    }


async def delete_world(request: web.Request) -> web.Response:
    """Delete a world with its settings.

    With `If-Match` only if that is still its `ETag`; else the answer is 412, and the world stays.
    """
    world_id = request.match_info["world_id"]
    server = request.app[SERVER]
    expected = request.headers.get("If-Match")
    reader = await server.store.read()
    if expected is not None and reader.knows(world_id):
        tag = _tag(reader, world_id)
        if tag != expected:
            raise ControlError(412, f"the ETag of this world is {tag} now, not {expected[:40]}")
    try:
        await server.store.delete(world_id)
    except UnknownWorldError:
        not_found("world", world_id, reader.world_ids())
    server.announce_reset()
    return answered({"deleted": world_id}, headers={LATEST: str(server.store.latest_number)})


async def reset(request: web.Request) -> web.Response:
    """Clear everything but the settings, of one world or of all."""
    known_parameters(request)
    world_id = await scope_of(request)
    await change_worlds(request, world_id, lambda _: Change(None, (WorldReset(),)), create=False)
    request.app[SERVER].announce_reset()
    return answered({"reset": world_id or "all worlds"})


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/worlds", worlds),
    ("DELETE", "/worlds/{world_id:[^/]+}", delete_world),
    ("POST", "/reset", reset),
)
