"""Forms that a page posts: read with the same bounds as any body."""

import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl

from aiohttp import web

from contracts.http.credentials import read_credentials
from contracts.http.request import Request
from mock_server.control.responses import MAX_BODY_BYTES, ControlError
from mock_server.http.request_body import ClientGoneError, read_body
from mock_server.quickstart import DEFAULT_KEY
from mock_server.server_state import SERVER, Server

MAX_FIELDS = 100


def back_to(form: Mapping[str, str], default: str = "/_mock/") -> web.Response:
    """Lead back to the page that a form names, or to another page of ours."""
    return web.Response(status=303, headers={"Location": own_page(form.get("back", ""), default)})


def own_page(asked: str, default: str = "/_mock/") -> str:
    """An address of ours to go on to; any other one becomes the default."""
    ours = asked == "/_mock" or asked.startswith("/_mock/")
    return asked if ours and asked.isprintable() and "\\" not in asked else default


async def read_form(request: web.Request) -> dict[str, str]:
    """The fields of a posted form; of a repeated one the last."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise ControlError(400, "send the form as application/x-www-form-urlencoded")
    try:
        body = await read_body(request, MAX_BODY_BYTES)
    except ClientGoneError:
        raise ControlError(400, "the connection broke") from None
    if body.problem:
        raise ControlError(400, body.problem)
    try:
        pairs = parse_qsl(
            body.data.decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise ControlError(400, "the form cannot be read") from None
    return {name: value.replace("\r\n", "\n") for name, value in pairs}


def default_key(request: web.Request) -> str:
    """The key under which pages play and send where the form names none."""
    return next(iter(request.app[SERVER].settings.keys), DEFAULT_KEY)


def fresh_key(server: Server, word: str) -> str:
    """A key that nobody used before, so that what is sent has a world of its own.

    Where the server takes only certain keys, the first of them.
    """
    known = server.settings.keys
    return next(iter(known), None) or f"sk_test_{word}_{secrets.token_hex(6)}"


def key_of(request: web.Request, form: Mapping[str, str]) -> str:
    """The key of a form, a usable one; where the field is empty, the default."""
    policy = request.app[SERVER].settings.policy
    key = form.get("key", "").strip() or default_key(request)
    asked = Request("GET", "", (("Authorization", f"Bearer {key}"),), b"", 0, "", "")
    credentials = read_credentials(asked, policy)
    if credentials.key is None and "authorization" not in (credentials.problem or "").lower():
        # A server that takes keys only in the page's own header still plays under them.
        asked = Request("GET", "", (("Bearer", key),), b"", 0, "", "")
        credentials = read_credentials(asked, policy)
    if credentials.key is None:
        raise ControlError(400, f"{credentials.problem}; {credentials.fix}")
    return credentials.key
