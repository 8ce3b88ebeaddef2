"""A world's name, and a Clear that asks first."""

from dataclasses import replace

from aiohttp import web

from contracts.worlds.effects import PolicyChanged, WorldReset
from contracts.worlds.settings_change import SettingError, check_name
from contracts.worlds.world import World
from mock_server.control.responses import ControlError, answered, known_parameters
from mock_server.control.world_scope import change_worlds, scope_of
from mock_server.inspector.forms import back_to, read_form
from mock_server.inspector.rendering import rendered, wants_twin
from mock_server.server_state import SERVER
from mock_server.store.protocol import Change


async def rename(request: web.Request) -> web.Response:
    """Give the chosen world a name."""
    known_parameters(request)
    form = await read_form(request)
    world_id = await scope_of(request)
    if world_id is None:
        raise ControlError(400, "choose a world first: a name belongs to one")
    try:
        name = check_name(form.get("name", "").strip())
    except SettingError as error:
        raise ControlError(400, str(error)) from None

    def decide(world: World) -> Change[None]:
        return Change(None, (PolicyChanged(replace(world.policy, name=name)),))

    await change_worlds(request, world_id, decide)
    request.app[SERVER].announce_change()
    return back_to(form)


async def ask(request: web.Request) -> web.Response:
    """What would be lost, and the button that clears it."""
    known_parameters(request)
    world_id = await scope_of(request)
    reader = await request.app[SERVER].store.read()
    rows = list(reader.worlds(world_id))
    kept, of_none = reader.request_counts(world_id)
    lost = {
        "worlds": len(rows),
        "orders": sum(row.orders for row in rows),
        "events": sum(row.events for row in rows),
        "requests": kept if world_id else kept + of_none,
    }
    if wants_twin(request):
        return answered(lost)
    return await rendered(request, "clear", here="clear", lost=lost)


async def clear(request: web.Request) -> web.Response:
    """Clear everything but the settings, of the chosen world or of all."""
    known_parameters(request)
    await read_form(request)
    world_id = await scope_of(request)
    await change_worlds(request, world_id, lambda _: Change(None, (WorldReset(),)), create=False)
    request.app[SERVER].announce_reset()
    query = f"?world={world_id}" if world_id else ""
    return web.Response(status=303, headers={"Location": f"/_mock/{query}"})
