"""Which world a control request is about: its key, `?world=<id>`, or none (all of them)."""

from aiohttp import web

from contracts.http.credentials import read_credentials
from contracts.http.request import Request
from mock_server.control.responses import ControlError, not_found
from mock_server.server_state import SERVER
from mock_server.store.memory import world_id_of


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


async def narrowed(request: web.Request) -> str | None:
    """The id of the world that the request is about; None for all worlds.

    A key that was never used names an empty world; an unknown id is an error.
    """
    key = sent_key(request)
    named = request.query.get("world")
    if named is not None:
        known = [row.id for row in await request.app[SERVER].store.worlds()]
        if named not in known:
            not_found("world", named, known)
        if key is not None and world_id_of(key) != named:
            raise ControlError(400, "the key and ?world= name different worlds; send one of them")
        return named
    return world_id_of(key) if key is not None else None
