"""What is used of aiohttp beside its public interface: named here, and checked at the start.

`connection` follows a connection closer than aiohttp lets others do. A release that renames one of
these attributes would break every connection, so the server does not start with it.
"""

import aiohttp
from aiohttp import web, web_app
from aiohttp.web_protocol import RequestHandler

from mock_server.start_error import StartError

TESTED = "aiohttp>=3.14.4,<3.15"
"""The releases that the tests ran with, as in pyproject.toml."""

HANDLER_ATTRIBUTES = (
    "_buffer_paused",
    "_close",
    "_force_close",
    "_keepalive_timeout",
    "_loop",
    "_manager",
    "_message_tail",
    "_messages",
    "_next_keepalive_close_time",
    "_parser",
    "_paused",
    "_reading_paused",
    "_request_count",
    "_request_in_progress",
    "_resume_reading_for_buffer",
    "_upgraded",
    "_waiter",
    "finish_response",
)
SERVER_ATTRIBUTES = ("_kwargs",)


def check_aiohttp(server: web.Server) -> None:
    """Raise StartError where the installed aiohttp lacks something of this."""
    missing = [
        f"RequestHandler.{name}" for name in HANDLER_ATTRIBUTES if not hasattr(RequestHandler, name)
    ]
    missing += [f"Server.{name}" for name in SERVER_ATTRIBUTES if not hasattr(server, name)]
    if missing:
        raise StartError(
            f"aiohttp {aiohttp.__version__} does not work here, it has no {', '.join(missing)}; "
            f"install a release that was tested: pip install '{TESTED}'"
        )


def forget_handlers() -> None:
    """Empty aiohttp's cache of handlers with their middlewares; it is filled again on demand.

    It keeps up to 1,024 handlers, each with its application: a server that has ended would stay in
    memory with all its worlds, for as long as the process runs.
    """
    cached = getattr(web_app, "_cached_build_middleware", None)
    if cached is not None:
        cached.cache_clear()
