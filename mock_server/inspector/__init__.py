"""The inspector: pages under /_mock/ for people who would rather look than read logs.

One module a page. Each is imported when it is first asked for, and jinja2 with the first of them,
so that a server nobody looks at starts as fast as one without pages.
"""

from importlib import import_module
from typing import cast

from aiohttp import web

from mock_server.control.responses import Handler

INSPECTOR = "/_mock"


def page(module: str, name: str = "page", package: str = "pages") -> Handler:
    """The handler of that name in a module of this package, imported at the first request."""

    async def first_asked(request: web.Request) -> web.StreamResponse:
        found = getattr(import_module(f"{__name__}.{package}.{module}"), name)
        return await cast("Handler", found)(request)

    return first_asked


def action(module: str, name: str) -> Handler:
    """The same of something that a page can do."""
    return page(module, name, "actions")


_EVENT = "{event_id:[^/]+}"
_ORDER = "{order_id:[^/]+}"
_REQUEST = "{request_id:[^/]+}"

ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/events", page("events")),
    ("GET", "/events.json", page("events")),
    ("GET", "/events.jsonl", page("events", "export")),
    ("GET", "/events.har", page("events", "export")),
    ("GET", "/compare", page("compare")),
    ("GET", "/compare.json", page("compare")),
    ("GET", "/runs", page("runs")),
    ("GET", "/runs.json", page("runs")),
    ("POST", "/runs", page("runs", "start")),
    ("GET", f"/events/{_EVENT}", page("event")),
    ("GET", f"/events/{_EVENT}/fix", page("fix")),
    ("GET", f"/events/{_EVENT}/fix.json", page("fix")),
    ("POST", f"/events/{_EVENT}/fix", page("fix", "tried")),
    ("GET", f"/events/{_EVENT}/as/{{form}}", page("event", "copy")),
    ("GET", f"/requests/{_REQUEST}", page("event", "request_page")),
    ("GET", f"/requests/{_REQUEST}/as/{{form}}", page("event", "copy_request")),
    ("GET", "/orders", page("orders")),
    ("GET", "/orders.json", page("orders")),
    ("GET", "/start", page("start")),
    ("GET", "/start.json", page("start")),
    ("POST", "/start/mistake", page("start", "show_mistake")),
    ("GET", "/order", page("order", "by_query")),
    ("GET", "/order.json", page("order", "by_query")),
    ("GET", "/order/as/{form}", page("order", "copy_by_query")),
    ("GET", f"/orders/{_ORDER}", page("order")),
    ("GET", f"/orders/{_ORDER}/as/{{form}}", page("order", "copy")),
    ("GET", "/findings", page("findings")),
    ("GET", "/findings.json", page("findings")),
    ("GET", "/playground", page("playground")),
    ("GET", "/playground.json", page("playground")),
    ("POST", "/playground", page("playground", "judge_or_send")),
    ("GET", "/coverage", page("coverage")),
    ("GET", "/coverage.json", page("coverage")),
    ("GET", "/drift", page("drift")),
    ("GET", "/drift.json", page("drift")),
    ("GET", "/rules", page("rules")),
    ("GET", "/rules.json", page("rules")),
    ("GET", "/rules/{rule_id:[^/]+}", page("rules", "details")),
    ("GET", "/scenarios", page("scenarios")),
    ("GET", "/scenarios.json", page("scenarios")),
    ("GET", "/scenarios/{name:[^/]+}", page("scenarios", "details")),
    ("POST", "/scenarios/{name:[^/]+}", page("scenarios", "load_one")),
    ("POST", "/world/name", action("worlds", "rename")),
    ("GET", "/clear", action("worlds", "ask")),
    ("GET", "/clear.json", action("worlds", "ask")),
    ("POST", "/clear", action("worlds", "clear")),
    ("POST", "/conditions", action("conditions", "end")),
    ("GET", "/login", page("login", package="bare")),
    ("POST", "/login", page("login", "log_in", "bare")),
    ("GET", "/static/favicon.svg", page("static_files", "favicon", "bare")),
    ("GET", "/static/{name}", page("static_files", package="bare")),
)
"""Method, path below /_mock, handler."""


def wants_page(request: web.Request) -> bool:
    """Whether a person asks: browsers say that they take HTML; curl and programs get JSON."""
    return "text/html" in request.headers.get("Accept", "")
