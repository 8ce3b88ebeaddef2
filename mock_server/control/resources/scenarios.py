"""The shipped scenarios: listing, and playing one into a world."""

from aiohttp import web

from contracts.scenarios.catalogue import shipped
from contracts.scenarios.format import Scenario, write_scenario
from mock_server.control.responses import (
    ControlError,
    Handler,
    answered,
    known_parameters,
    not_found,
)
from mock_server.control.world_scope import sent_key
from mock_server.quickstart import DEFAULT_KEY
from mock_server.scenarios.loading import load, read_shipped
from mock_server.server_state import SERVER, Server
from mock_server.store.memory import world_id_of


async def scenarios(request: web.Request) -> web.Response:
    """Every shipped scenario with its steps and what they must cause."""
    known_parameters(request)
    await read_shipped(request.app[SERVER])
    return answered([write_scenario(item) for item in shipped().values()])


async def load_scenario(request: web.Request) -> web.Response:
    """Play a scenario into the world of the sent key, or of the demonstration key."""
    await read_shipped(request.app[SERVER])
    scenario = _named(request)
    if "world" in request.query:
        raise ControlError(400, "send the key itself to load a scenario; a world id is not enough")
    refuse_behind_proxy(request.app[SERVER])
    key = sent_key(request) or DEFAULT_KEY
    replies = await load(request.app[SERVER], scenario, key)
    return answered({"loaded": scenario.name, "world": world_id_of(key), "replies": replies})


def refuse_behind_proxy(server: Server) -> None:
    """A proxy loads no scenario: its events, broken ones too, would go to the provider."""
    if server.upstream is not None:
        raise ControlError(
            409,
            f"each event would be sent on to {server.upstream.address.url}; to play scenarios "
            "there use hakuna-mock verify --polite, or load them into a server without --upstream",
        )


def _named(request: web.Request) -> Scenario:
    name = request.match_info["name"]
    if name not in shipped():
        not_found("scenario", name, list(shipped()))
    return shipped()[name]


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/scenarios", scenarios),
    ("POST", "/scenarios/{name:[^/]+}/load", load_scenario),
)
