"""Worlds: listing, deleting, resetting."""

from typing import Any

from aiohttp import web

from mock_server.control.responses import (
    ControlError,
    Handler,
    after_of,
    answered,
    known_parameters,
    not_found,
    page_of,
)
from mock_server.control.world_scope import narrowed
from mock_server.server_state import SERVER, Server
from mock_server.store.protocol import WorldRow

LATEST = "Hakuna-Mock-Latest"


async def worlds(request: web.Request) -> web.Response:
    """All worlds, oldest first, their keys masked; narrowed to one if a key is sent.

    `Hakuna-Mock-Latest` is the number of the latest request that this server has received under any
    key. Of one world the `ETag` counts the requests: it changes with each of them.
    """
    known_parameters(request, "after", "limit")
    after, wanted = after_of(request), await narrowed(request)
    server = request.app[SERVER]
    rows = enumerate(await server.store.worlds(), start=1)
    chosen = [(seq, row) for seq, row in rows if wanted in (None, row.id)]
    evicted = (await server.store.evicted(None)).worlds if wanted is None else 0
    reply = await page_of(request, chosen, evicted, after=after).answered(_listed)
    reply.headers[LATEST] = str(server.latest_seq)
    if wanted is not None:
        reply.headers["ETag"] = _tag(sum(row.requests for _, row in chosen))
    return reply


def _tag(requests: int) -> str:
    return f'"{requests}"'


async def _listed(_place: int, row: WorldRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "key_masked": row.key_masked,
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
    if expected is not None:
        await _check_unchanged(server, world_id, expected)
    if not await server.store.delete(world_id):
        not_found("world", world_id, [row.id for row in await server.store.worlds()])
    server.announce_reset()
    return answered({"deleted": world_id}, headers={LATEST: str(server.latest_seq)})


async def _check_unchanged(server: Server, world_id: str, expected: str) -> None:
    """Refuse where the world has had other requests than its tag says."""
    for row in await server.store.worlds():
        if row.id == world_id and _tag(row.requests) != expected:
            said = f"the ETag of this world is {_tag(row.requests)} now, If-Match has another one"
            raise ControlError(412, said)


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
