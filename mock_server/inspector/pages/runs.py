"""Runs: from one start to the next, and what the last one found that the one before did not."""

from aiohttp import web

from mock_server.control.responses import answered, known_parameters
from mock_server.control.run_comparison import compared, start_run
from mock_server.control.world_scope import scope_of
from mock_server.inspector.forms import back_to, read_form
from mock_server.inspector.rendering import rendered, wants_twin
from mock_server.server_state import SERVER


async def page(request: web.Request) -> web.Response:
    """The last run beside the one before: new, still there, gone."""
    known_parameters(request)
    reader = await request.app[SERVER].store.read()
    comparison = compared(reader, await scope_of(request))
    if wants_twin(request):
        return answered(comparison.to_json())
    return await rendered(request, "runs", here="runs", comparison=comparison)


async def start(request: web.Request) -> web.Response:
    """Start a run: what arrives from now on belongs to it."""
    known_parameters(request)
    form = await read_form(request)
    await start_run(request, await scope_of(request))
    return back_to(form, "/_mock/runs")
