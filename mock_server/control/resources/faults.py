"""Faults on demand: arming, listing, disarming, and the catalogue of what there is."""

from typing import Any

from aiohttp import web

from contracts.faults.catalogue import CATALOGUE, FaultError
from contracts.faults.fault import Fault
from contracts.worlds.control import fault_armed
from contracts.worlds.effects import FaultsRemoved
from contracts.worlds.world import World
from mock_server.control.responses import (
    ControlError,
    Handler,
    answered,
    json_body,
    known_parameters,
    not_found,
)
from mock_server.control.world_scope import change_worlds, scope_of, sent_key
from mock_server.server_state import SERVER
from mock_server.store.memory import world_id_of
from mock_server.store.protocol import Change, UnknownWorldError


async def catalog(request: web.Request) -> web.Response:
    """Every effect: what the client sees, whether the event is stored, what a good client does."""
    known_parameters(request)
    return answered([kind.to_json() for kind in CATALOGUE.values()])


async def faults(request: web.Request) -> web.Response:
    """The armed faults with how many requests each has seen and played, oldest first.

    Without a world: all of them, those of all worlds (`world` null) first.
    """
    known_parameters(request)
    rows = (await request.app[SERVER].store.read()).faults(await scope_of(request))
    return answered([_shown(row, world) for world, row in rows])


async def add_fault(request: web.Request) -> web.Response:
    """Arm a fault for the world, without one for all worlds; the fault with its id."""
    known_parameters(request)
    world_id = await scope_of(request)
    asked = await json_body(request)
    fault = await arm_fault(request, world_id, asked)
    return answered(_shown({**fault.to_json(), "seen": 0, "played": 0}, world_id))


async def arm_fault(request: web.Request, world_id: str | None, asked: Any) -> Fault:
    """Arm the fault of a JSON document in a world, or in all for None; a ControlError where it is
    wrong.
    """
    store = request.app[SERVER].store

    def decide(world: World) -> Change[Fault]:
        return Change(*fault_armed(world, asked))

    key = sent_key(request)
    try:
        if key is not None and world_id == world_id_of(key):
            fault = await store.change_key(key, decide)
        else:
            fault = await store.change(world_id, decide)
    except FaultError as error:
        raise ControlError(400, _in_words(error)) from None
    except UnknownWorldError:
        not_found("world", world_id or "")
    request.app[SERVER].announce_change()
    return fault


async def delete_faults(request: web.Request) -> web.Response:
    """Disarm all faults of the world; without one, all there are."""
    known_parameters(request)
    world_id = await scope_of(request)
    count = len((await request.app[SERVER].store.read()).faults(world_id))
    await _remove(request, world_id, None)
    return answered({"deleted": count})


async def delete_fault(request: web.Request) -> web.Response:
    """Disarm one fault."""
    known_parameters(request)
    fault_id = request.match_info["fault_id"]
    world_id = await scope_of(request)
    rows = (await request.app[SERVER].store.read()).faults(world_id)
    armed = [row["id"] for _, row in rows]
    if fault_id not in armed:
        not_found("fault", fault_id, armed)
    await _remove(request, world_id, (fault_id,))
    return answered({"deleted": fault_id})


async def _remove(request: web.Request, world_id: str | None, ids: tuple[str, ...] | None) -> None:
    removed = Change(None, (FaultsRemoved(ids),))
    await change_worlds(request, world_id, lambda _: removed, create=False)
    request.app[SERVER].announce_change()


def _in_words(error: FaultError) -> str:
    return f"{error.pointer}: {error}" if error.pointer else str(error)


def _shown(row: dict[str, Any], world_id: str | None) -> dict[str, Any]:
    return {**row, "world": world_id}


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/catalog", catalog),
    ("GET", "/faults", faults),
    ("POST", "/faults", add_fault),
    ("DELETE", "/faults", delete_faults),
    ("DELETE", "/faults/{fault_id:[^/]+}", delete_fault),
)
