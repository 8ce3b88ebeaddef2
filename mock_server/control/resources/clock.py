"""The clock of a world, or of all: reading, stopping and setting it forward."""

from typing import Any

from aiohttp import web

from contracts.timing.rfc3339 import SECOND, show
from contracts.timing.world_clock import ClockError, WorldClock
from contracts.worlds.control import clock_changed
from contracts.worlds.policy import Policy
from contracts.worlds.world import World
from mock_server.control.responses import (
    ControlError,
    Handler,
    answered,
    json_body,
    known_parameters,
)
from mock_server.control.world_scope import change_worlds, scope_of
from mock_server.server_state import SERVER
from mock_server.store.protocol import Change


async def clock(request: web.Request) -> web.Response:
    """What the clock shows; without a world, that of new worlds."""
    known_parameters(request)
    world_id = await scope_of(request)
    server = request.app[SERVER]
    return answered(_shown((await server.store.read()).policy(world_id).clock, server.clock()))


async def put_clock(request: web.Request) -> web.Response:
    """`{"advance": "14d"}`, `{"freeze": true}` or a time, `{"freeze": false}`, `{"reset": true}`.

    `reset` comes first, then `freeze`, then `advance`. Without a world, the clocks of all.
    """
    known_parameters(request)
    world_id = await scope_of(request)
    asked = await json_body(request)
    machine = request.app[SERVER].clock()

    def decide(world: World) -> Change[Policy]:
        changed = clock_changed(world, asked, machine)
        return Change(changed.policy, (changed,))

    try:
        policy = await change_worlds(request, world_id, decide)
    except ClockError as error:
        message = f"{error.pointer}: {error}" if error.pointer else str(error)
        raise ControlError(400, message) from None
    request.app[SERVER].announce_change()
    return answered(_shown(policy.clock, machine))


def _shown(clock: WorldClock, machine: int) -> dict[str, Any]:
    return {
        "now": show(clock.time(machine)),
        "frozen": clock.stopped is not None,
        "ahead_s": None if clock.stopped is not None else clock.ahead / SECOND,
    }


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/clock", clock),
    ("POST", "/clock", put_clock),
)
