"""What the provider behind a proxy did, beside what we assume."""

from typing import Any

from aiohttp import web

from contracts.drift.document import to_json
from mock_server.control.responses import Handler, answered, known_parameters
from mock_server.control.world_scope import scope_of
from mock_server.server_state import SERVER


async def drift(request: web.Request) -> web.Response:
    """Every assumption, refuted ones first, with the exchanges that show it."""
    known_parameters(request)
    return answered(await drift_document(request))


async def drift_document(request: web.Request) -> dict[str, Any]:
    """The document of the worlds that a request is about."""
    server = request.app[SERVER]
    found = (await server.store.read()).drift(await scope_of(request))
    if server.upstream is not None:
        found.upstreams = (server.upstream.address.url,)
    return to_json(found)


ROUTES: tuple[tuple[str, str, Handler], ...] = (("GET", "/drift", drift),)
