"""What this world exercised: the control API's coverage as tables."""

import json

from aiohttp import web

from mock_server.control.answers import ControlError, Handler
from mock_server.inspector.pages import coverage_handler, rendered, wants_twin


async def page(request: web.Request) -> web.StreamResponse:
    """The same as `GET /_mock/v1/coverage`, for people."""
    handler: Handler | None = coverage_handler()
    if handler is None:
        raise ControlError(404, "this version measures no coverage")
    reply = await handler(request)
    if wants_twin(request) or reply.status != 200 or not isinstance(reply, web.Response):
        return reply
    return await rendered(
        request, "coverage", here="coverage", coverage=json.loads(reply.text or "null")
    )
