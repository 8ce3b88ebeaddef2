"""Runs: starting one, and how the last differs from the one before."""

from aiohttp import web

from mock_server.control.responses import Handler, answered, known_parameters
from mock_server.control.run_comparison import compared, shown_run, start_run
from mock_server.control.world_scope import scope_of
from mock_server.server_state import SERVER


async def runs(request: web.Request) -> web.Response:
    """The last run beside the one before: open findings that are new, still there, and gone.

    A row is one kind of mistake: findings of one rule, event type and place in the body, whatever
    the ids; `before` and `now` count them in the two runs. A run goes on until the next one starts.
    Before the first one, everything is new; after it, it is compared with what came before it.
    """
    known_parameters(request)
    world_id = await scope_of(request)
    reader = await request.app[SERVER].store.read()
    return answered(compared(reader, world_id).to_json())


async def start(request: web.Request) -> web.Response:
    """Start a run: requests with a higher number than its `after` belong to it.

    Needs no body. Without a world, a run starts in all of them.
    """
    known_parameters(request)
    return answered(shown_run(await start_run(request, await scope_of(request))))


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/runs", runs),
    ("POST", "/runs", start),
)
