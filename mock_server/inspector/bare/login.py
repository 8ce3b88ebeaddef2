"""The admin token off loopback, for browsers: a form, and a cookie that other sites cannot send."""

from urllib.parse import quote

from aiohttp import web

from mock_server.control.responses import ControlError
from mock_server.guard import ADMIN_COOKIE, LOGIN, cookie_of, is_token
from mock_server.inspector import INSPECTOR
from mock_server.inspector.forms import own_page, read_form
from mock_server.inspector.rendering import bare
from mock_server.server_state import SERVER


async def page(request: web.Request) -> web.Response:
    """The form."""
    return bare("login", next=own_page(request.query.get("next", "")), wrong=False)


async def log_in(request: web.Request) -> web.Response:
    """Set the cookie and lead back to the page that was asked for."""
    form = await read_form(request)
    settings = request.app[SERVER].settings
    back = own_page(form.get("next", ""))
    if not is_token(form.get("token", ""), settings):
        return bare("login", status=403, next=back, wrong=True)
    if settings.admin_token is None:
        raise ControlError(404, "this server needs no token")
    reply = web.Response(status=303, headers={"Location": back})
    reply.set_cookie(
        ADMIN_COOKIE,
        cookie_of(settings.admin_token),
        path=INSPECTOR,
        httponly=True,
        samesite="Strict",
    )
    return reply


def login_for(request: web.Request) -> web.Response:
    """Where a browser without the token is sent."""
    asked = quote(request.rel_url.raw_path_qs, safe="")
    return web.Response(status=303, headers={"Location": f"{LOGIN}?next={asked}"})
