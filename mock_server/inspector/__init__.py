"""The inspector: pages under /_mock/ for people who would rather look than read logs.

One module a page. Each is imported when it is first asked for, and jinja2 with the first of them,
so that a server nobody looks at starts as fast as one without pages.
"""

from importlib import import_module
from typing import cast

from aiohttp import web

from mock_server.control.answers import Handler

INSPECTOR = "/_mock"


def page(module: str, name: str = "page") -> Handler:
    """The handler of that name in a module of this package, imported at the first request."""

    async def first_asked(request: web.Request) -> web.StreamResponse:
        found = getattr(import_module(f"{__name__}.{module}"), name)
        return await cast("Handler", found)(request)

    return first_asked


_EVENT = "{event_id:[^/]+}"
_ORDER = "{order_id:[^/]+}"
_REQUEST = "{request_id:[^/]+}"

ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/events", page("events_page")),
    ("GET", "/events.json", page("events_page")),
    ("GET", f"/events/{_EVENT}", page("event_page")),
    ("GET", f"/events/{_EVENT}/as/{{form}}", page("event_page", "copy")),
    ("GET", f"/requests/{_REQUEST}", page("event_page", "request_page")),
    ("GET", f"/requests/{_REQUEST}/as/{{form}}", page("event_page", "copy_request")),
    ("GET", "/orders", page("orders_page")),
    ("GET", "/orders.json", page("orders_page")),
    ("GET", f"/orders/{_ORDER}", page("order_page")),
    ("GET", f"/orders/{_ORDER}/as/{{form}}", page("order_page", "copy")),
    ("GET", "/findings", page("findings_page")),
    ("GET", "/findings.json", page("findings_page")),
    ("GET", "/playground", page("playground_page")),
    ("GET", "/playground.json", page("playground_page")),
    ("POST", "/playground", page("playground_page", "judge_or_send")),
    ("GET", "/coverage", page("coverage_page")),
    ("GET", "/coverage.json", page("coverage_page")),
    ("GET", "/rules", page("rules_page")),
    ("GET", "/rules.json", page("rules_page")),
    ("GET", "/rules/{rule_id:[^/]+}", page("rules_page", "one")),
    ("GET", "/scenarios", page("scenarios_page")),
    ("GET", "/scenarios.json", page("scenarios_page")),
    ("GET", "/scenarios/{name:[^/]+}", page("scenarios_page", "one")),
    ("POST", "/scenarios/{name:[^/]+}", page("scenarios_page", "load_one")),
    ("GET", "/login", page("login")),
    ("POST", "/login", page("login", "log_in")),
    ("GET", "/static/favicon.svg", page("static_files", "favicon")),
    ("GET", "/static/{name}", page("static_files")),
)
"""Method, path below /_mock, handler."""


def wants_page(request: web.Request) -> bool:
    """Whether a person asks: browsers say that they take HTML; curl and programs get JSON."""
    return "text/html" in request.headers.get("Accept", "")
