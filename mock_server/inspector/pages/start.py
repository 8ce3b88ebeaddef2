"""Three ways to begin: see the costly mistake, check an event, connect a shop."""

import json
from typing import Any

from aiohttp import web

from contracts.judging.replies import ENDPOINT
from contracts.scenarios.catalogue import shipped
from contracts.shorthand import bodies
from mock_server.control.responses import answered, known_parameters
from mock_server.inspector.forms import fresh_key
from mock_server.inspector.links import Links
from mock_server.inspector.rendering import rendered, wants_twin
from mock_server.inspector.snippets.forms import FORMS, Sent
from mock_server.scenarios.loading import play, read_shipped
from mock_server.server_state import SERVER
from mock_server.store.memory import world_id_of

MISTAKE = "forgotten-plan"
LANGUAGES = ("python", "node", "php", "httpie")


async def page(request: web.Request) -> web.Response:
    """The three ways as a page of their own; a fresh server shows them where events will be."""
    known_parameters(request)
    if wants_twin(request):
        return answered({"events_url": f"http://{request.host}{ENDPOINT}", "mistake": MISTAKE})
    return await rendered(request, "start", here="start", **ways(request))


def ways(request: web.Request) -> dict[str, Any]:
    """What the three ways show: a body to check, and a snippet for each language."""
    placement = bodies("P{d:1, p:1>d}")[0]
    sent = Sent(
        url=f"http://{request.host}{ENDPOINT}",
        bodies=[json.dumps(placement)],
        headers=(
            ("authorization", "Bearer {key}"),
            ("content-type", "application/json"),
            ("hakuna-version", "v2.0"),
        ),
        status=200,
        findings=(),
        title="the first event",
    )
    return {
        "base_url": f"http://{request.host}",
        "snippets": [(FORMS[language][0], FORMS[language][1](sent)) for language in LANGUAGES],
        "example": json.dumps(bodies("P{d:1, p:1>d} R{d:1}")[1], indent=2),
    }


async def show_mistake(request: web.Request) -> web.Response:
    """Play the mistake that costs money in a world of its own, and lead to its order."""
    known_parameters(request)
    server = request.app[SERVER]
    key = fresh_key(server, "costly_mistake")
    await read_shipped(server)
    await play(server, shipped()[MISTAKE], key)
    address = Links(world_id_of(key)).order("ord-1")
    return web.Response(status=303, headers={"Location": address})
