"""The contract itself: rules, schemas, the OpenAPI document, and how much of it was exercised."""

from aiohttp import web

from contracts import schemas
from contracts.reference.openapi import openapi
from contracts.reference.rule_docs import describe
from contracts.rules import RULES
from contracts.worlds.coverage import Coverage
from mock_server.control.responses import Handler, answered, known_parameters, not_found
from mock_server.control.world_scope import scope_of
from mock_server.event_loop.slices import Slices
from mock_server.server_state import SERVER


async def rules(_request: web.Request) -> web.Response:
    """Every rule with its evidence."""
    return answered([describe(rule) for rule in RULES.values()])


async def rule(request: web.Request) -> web.Response:
    """One rule with its evidence."""
    rule_id = request.match_info["rule_id"]
    if rule_id not in RULES:
        not_found("rule", rule_id, list(RULES))
    return answered(describe(RULES[rule_id]))


async def schema(request: web.Request) -> web.Response:
    """One JSON Schema document, as it is shipped."""
    name = request.match_info["name"]
    if name not in schemas.NAMES:
        not_found("schema", name, schemas.NAMES)
    return answered(schemas.schema(name))


async def coverage(request: web.Request) -> web.Response:
    """What the world's requests exercised: per dimension index, score, and a count per item."""
    known_parameters(request)
    reader = await request.app[SERVER].store.read()
    total, slices = Coverage(), Slices()
    await slices.begin()
    for part in reader.coverages(await scope_of(request)):
        total.merge(part)
        await slices.pause()
    return answered(total.to_json())


async def openapi_document(request: web.Request) -> web.Response:
    """The OpenAPI 3.1 document of the mocked endpoint, with the address that it was asked at."""
    return answered(openapi(str(request.url.origin())))


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/rules", rules),
    ("GET", "/rules/{rule_id:[^/]+}", rule),
    ("GET", "/schemas/{name}.json", schema),
    ("GET", "/openapi.json", openapi_document),
    ("GET", "/coverage", coverage),
)
