"""Faults on demand: arming, listing, disarming, and the catalogue of what there is."""

from typing import Any

from aiohttp import web

from contracts.faults.catalogue import CATALOGUE, FaultError
from contracts.faults.fault import read_fault
from contracts.faults.registry import FaultBook
from mock_server.control.responses import (
    ControlError,
    Handler,
    answered,
    json_body,
    known_parameters,
    not_found,
)
from mock_server.control.world_scope import narrowed, sent_key
from mock_server.server_state import SERVER


async def catalog(request: web.Request) -> web.Response:
    """Every effect: what the client sees, whether the event is stored, what a good client does."""
    known_parameters(request)
    return answered([kind.to_json() for kind in CATALOGUE.values()])


async def faults(request: web.Request) -> web.Response:
    """The armed faults with how many requests each has seen and played, oldest first.

    Without a world: all of them, those of all worlds (`world` null) first.
    """
    known_parameters(request)
    books = await request.app[SERVER].store.fault_books(await narrowed(request))
    return answered([_shown(row, world) for world, book in books for row in book.rows()])


async def add_fault(request: web.Request) -> web.Response:
    """Arm a fault for the world, without one for all worlds; the fault with its id."""
    known_parameters(request)
    world_id = await narrowed(request)
    asked = await json_body(request)
    book = await _book(request, world_id)
    try:
        fault = read_fault(asked, book.new_id())
        book.add(fault)
    except FaultError as error:
        raise ControlError(400, _in_words(error)) from None
    request.app[SERVER].announce()
    return answered(_shown(next(row for row in book.rows() if row["id"] == fault.id), world_id))


async def delete_faults(request: web.Request) -> web.Response:
    """Disarm all faults of the world; without one, all there are."""
    known_parameters(request)
    books = await request.app[SERVER].store.fault_books(await narrowed(request))
    count = sum(len(book.armed) for _, book in books)
    for _, book in books:
        book.clear()
    request.app[SERVER].announce()
    return answered({"deleted": count})


async def delete_fault(request: web.Request) -> web.Response:
    """Disarm one fault."""
    known_parameters(request)
    fault_id = request.match_info["fault_id"]
    books = await request.app[SERVER].store.fault_books(await narrowed(request))
    gone = [book.remove(fault_id) for _, book in books]
    if not any(gone):
        not_found("fault", fault_id, [name for _, book in books for name in book.armed])
    request.app[SERVER].announce()
    return answered({"deleted": fault_id})


async def _book(request: web.Request, world_id: str | None) -> FaultBook:
    """The faults of a world, which is made where its key is new; without one those of all."""
    book = await request.app[SERVER].store.faults(sent_key(request), world_id)
    if book is None:
        not_found("world", world_id or "")
    return book


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
