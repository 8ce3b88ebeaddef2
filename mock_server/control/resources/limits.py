"""The limits in force."""

from aiohttp import web

from mock_server.control.responses import Handler, answered
from mock_server.server_state import SERVER


async def limits(request: web.Request) -> web.Response:
    """Every limit with its value here, its flag, and what a client beyond it sees."""
    from mock_server.control.limits_table import limits as in_force  # noqa: PLC0415 - when asked for

    return answered([item.to_json() for item in in_force(request.app[SERVER].settings)])


ROUTES: tuple[tuple[str, str, Handler], ...] = (("GET", "/limits", limits),)
