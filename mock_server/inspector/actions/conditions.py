"""Ending what is not as usual: a stopped clock, an outage, reject mode, armed faults."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from aiohttp import web

from contracts.timing.world_clock import WorldClock
from contracts.worlds.effects import Effect, FaultsRemoved, PolicyChanged
from contracts.worlds.policy import Enforcement
from contracts.worlds.world import World
from mock_server.control.responses import ControlError, known_parameters
from mock_server.control.world_scope import change_worlds, scope_of
from mock_server.inspector.conditions import CLOCK, FAULTS, OUTAGE, REJECT
from mock_server.inspector.forms import back_to, read_form
from mock_server.server_state import SERVER
from mock_server.store.protocol import Change


def _policy(**changes: Any) -> Callable[[World], tuple[Effect, ...]]:
    return lambda world: (PolicyChanged(replace(world.policy, **changes)),)


_ENDS: dict[str, Callable[[World], tuple[Effect, ...]]] = {
    CLOCK: _policy(clock=WorldClock()),
    OUTAGE: _policy(outage=None),
    REJECT: _policy(enforcement=Enforcement.FLAG),
    FAULTS: lambda _: (FaultsRemoved(),),
}


async def end(request: web.Request) -> web.Response:
    """End one condition in the chosen world, or in all, and lead back to the page."""
    known_parameters(request)
    form = await read_form(request)
    effects = _ENDS.get(form.get("end", ""))
    if effects is None:
        raise ControlError(400, f"end must be one of {', '.join(_ENDS)}")
    world_id = await scope_of(request)
    await change_worlds(request, world_id, lambda world: Change(None, effects(world)))
    if world_id is not None and form["end"] == FAULTS:  # those of all worlds play here, too
        await request.app[SERVER].store.change(None, lambda _: Change(None, (FaultsRemoved(),)))
    request.app[SERVER].announce_change()
    return back_to(form)
