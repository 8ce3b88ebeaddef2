"""Which world a control request is about: its key, `?world=<id>`, or none (all of them)."""

from collections.abc import Callable
from typing import TypeVar

from aiohttp import web

from contracts.http.credentials import read_credentials
from contracts.http.request import Request
from contracts.worlds.world import World
from mock_server.control.responses import ControlError, not_found
from mock_server.server_state import SERVER
from mock_server.store.memory import world_id_of
from mock_server.store.protocol import Change, UnknownWorldError

T = TypeVar("T")


def sent_key(request: web.Request) -> str | None:
    """The API key that a control request carries, None where it carries none."""
    headers = tuple(request.headers.items())
    asked = Request("GET", request.path, headers, b"", 0, "", "")
    if all(asked.header(name) is None for name in ("Authorization", "Bearer", "X-API-KEY")):
        return None
    credentials = read_credentials(asked, request.app[SERVER].settings.policy)
    if credentials.problem:
        raise ControlError(401, f"{credentials.problem}; {credentials.fix}")
    return credentials.key


async def scope_of(request: web.Request) -> str | None:
    """The id of the world that the request is about; None for all worlds.

    A key that was never used names an empty world; an unknown id is an error.
    """
    key = sent_key(request)
    named = request.query.get("world")
    if named is not None:
        reader = await request.app[SERVER].store.read()
        if not reader.knows(named):
            not_found("world", named, reader.world_ids())
        if key is not None and world_id_of(key) != named:
            raise ControlError(400, "the key and ?world= name different worlds; send one of them")
        return named
    return world_id_of(key) if key is not None else None


async def change_worlds(
    request: web.Request,
    world_id: str | None,
    decide: Callable[[World], Change[T]],
    *,
    create: bool = True,
) -> T:
    """Change the world that a request is about, which is made if its key is new; what was decided.

    Without a world the change is made in all of them, and in what new worlds start with. With
    `create=False` a key that was never used changes nothing.
    """
    store = request.app[SERVER].store
    key = sent_key(request)
    try:
        if key is not None and (create or (await store.read()).knows(world_id_of(key))):
            return await store.change_key(key, decide)
        if key is not None:
            return decide(World()).result
        if world_id is None:
            return await store.change_all(decide)
        return await store.change(world_id, decide)
    except UnknownWorldError:
        not_found("world", world_id or "")
