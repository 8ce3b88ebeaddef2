"""What we assumed beside what the provider did; the twin is `GET /_mock/v1/drift`."""

from aiohttp import web

from contracts.drift.attribution import State, standings
from contracts.drift.document import summary
from mock_server.control.resources.drift import drift
from mock_server.control.responses import known_parameters
from mock_server.control.world_scope import scope_of
from mock_server.inspector.rendering import rendered, wants_twin
from mock_server.server_state import SERVER


async def page(request: web.Request) -> web.Response:
    """Refuted assumptions first, each with the exchange that shows it."""
    known_parameters(request)
    if wants_twin(request):
        return await drift(request)
    server = request.app[SERVER]
    seen = (await server.store.read()).drift(await scope_of(request))
    found = standings(seen)
    return await rendered(
        request,
        "drift",
        here="drift",
        upstream=server.upstream.address.events_url if server.upstream else "",
        exchanges=seen.exchanges,
        states=summary(found),
        refuted=found.refuted,
        confirmed=found.of(State.CONFIRMED),
        untested=found.of(State.NOT_EXERCISED),
        unclear=found.unclear,
        unexplained=found.unexplained,
        failures=seen.failures,
    )
