"""What a world is told: enforcement, the severity of rules, an outage."""

from aiohttp import web

from contracts.worlds.control import settings_changed
from contracts.worlds.policy import Policy
from contracts.worlds.settings_change import SettingError, shown_settings
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


async def settings(request: web.Request) -> web.Response:
    """What the world is told; without a world, what new ones are told.

    An outage and `retries_per_second` are shown where they are not as usual; `name` where the world
    has one, by `PUT /settings` or by its key (`serve --api-key NAME=KEY`).
    """
    known_parameters(request)
    world_id = await scope_of(request)
    server = request.app[SERVER]
    policy = (await server.store.read()).policy(world_id)
    shown = shown_settings(policy, await server.now(world_id))
    if world_id is not None and world_id in policy.key_names:  # a name that was put wins
        shown.setdefault("name", policy.key_names[world_id])
    return answered(shown)


async def put_settings(request: web.Request) -> web.Response:
    """Change what is named and leave the rest; a rule's null takes its override away."""
    known_parameters(request)
    world_id = await scope_of(request)
    asked = await json_body(request)  # first: another change may come while this one arrives
    server = request.app[SERVER]
    if world_id is None and isinstance(asked, dict) and asked.get("name"):
        raise ControlError(400, "/name: a name belongs to one world; send its key or ?world=")

    machine, monotonic_ns = server.clock(), server.monotonic_ns()

    def decide(world: World) -> Change[Policy]:
        changed = settings_changed(world, asked, machine, monotonic_ns)
        return Change(changed.policy, (changed,))

    try:
        policy = await change_worlds(request, world_id, decide)
    except SettingError as error:
        raise ControlError(400, str(error)) from None
    server.announce_change()
    return answered(shown_settings(policy, await server.now(world_id)))


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/settings", settings),
    ("PUT", "/settings", put_settings),
)
