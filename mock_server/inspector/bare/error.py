"""A refusal as a page, for people."""

from aiohttp import web

from mock_server.control.responses import ControlError
from mock_server.guard import TokenNeededError
from mock_server.inspector.bare.login import login_for
from mock_server.inspector.rendering import bare


def error_page(request: web.Request, error: ControlError) -> web.Response:
    """What went wrong and where to go on; without the admin token, the login form."""
    if isinstance(error, TokenNeededError) and request.method == "GET":
        return login_for(request)
    path = request.rel_url.raw_path
    return bare(
        "error",
        status=error.status,
        status_code=error.status,
        message=str(error),
        links=[(world, f"{path}?world={world}") for world in error.more.get("worlds", ())],
    )
