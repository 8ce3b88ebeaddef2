"""The control API: every route, with what a mock really answers."""

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable
from typing import Any

from markdown import angle, block, code, page, paragraphs, table
from replies import Replies

from mock_server.app import CONTROL
from mock_server.control import ROUTES

QUERY = {
    "after": "only rows beyond this `seq`",
    "at": "the order as it was after the event with this `seq`",
    "fail_on": "`violation`, `warning` (the default), `advice` or `never`",
    "limit": "so many rows: 100 unless told, 1000 at most",
    "order_id": "only those of this order",
    "rule": "only those of this rule",
    "severity": "only `violation`, `warning` or `advice`",
    "state": "only `open` or `resolved` ones",
    "status": "only requests that were answered with this status",
    "type": "only events of this type",
    "wait": "hold the answer back until there is a row, for so many seconds at most",
}
"""What common parameters mean; another one is listed with its name alone."""


def text() -> str:
    """The page."""
    replies = Replies()
    try:
        sections = [_section(module, routes, replies) for module, routes in _by_module().items()]
    finally:
        replies.close()
    return page(
        "Control API",
        f"JSON under `{CONTROL}`, for tests, CI and people. `GET {CONTROL}/` lists the calls.",
        "**Which world.** A call that takes a world is about the world of the key in "
        "`Authorization: Bearer KEY`, or of `?world=ID`; without either of all worlds together. "
        "**Lists** are arrays, oldest first; the headers `Hakuna-Mock-Total` and "
        "`Hakuna-Mock-Evicted` count what there is and what was dropped, and `Hakuna-Mock-Next` "
        "gives the `after` of the next page, where there is one. **Errors** are "
        '`{"error": {"message": …}}` with the nearest names; a query parameter that nobody reads '
        "is one. **Off loopback** every call but `/health` needs the header "
        "`Hakuna-Mock-Admin: TOKEN`.",
        "The answers below were given by a mock of this version after the play "
        f"{code(replies.play)}; long lists and texts are cut with `…`.",
        table(
            ["call", "does"],
            (
                (f"[{method} {_plain(path)}](#{_anchor(method, path)})", angle(_first(handler)))
                for method, path, handler in ROUTES
            ),
        ),
        *sections,
    )


def _by_module() -> dict[str, list[tuple[str, str, Callable[..., Any]]]]:
    found: dict[str, list[tuple[str, str, Callable[..., Any]]]] = {}
    for method, path, handler in ROUTES:
        found.setdefault(handler.__module__, []).append((method, path, handler))
    return found


def _section(
    module: str, routes: list[tuple[str, str, Callable[..., Any]]], replies: Replies
) -> str:
    message = paragraphs((inspect.getdoc(sys.modules[module]) or "").split("\n\n")[0])
    parts = [f"## {module.rpartition('.')[2].replace('_', ' ').capitalize()}", angle(message)]
    parts += [_route(*route, replies) for route in routes]
    return "\n\n".join(parts)


def _route(method: str, path: str, handler: Callable[..., Any], replies: Replies) -> str:
    takes_world, names = _asks(handler)
    query = [(code(name), QUERY.get(name, "")) for name in names]
    if takes_world:
        query.append((code("world"), "narrows to one world, as its key does"))
    parts = [
        f"### {method} {_plain(path)}",
        angle(paragraphs(inspect.getdoc(handler) or "")),
        table(["query", "means"], query),
    ]
    shown = replies.shown(method, _plain(path))
    if shown:
        parts.append(block(shown.text, shown.language))
    return "\n\n".join(filter(None, parts))


def _asks(handler: Callable[..., Any]) -> tuple[bool, list[str]]:
    """Whether a handler takes a world, and the query parameters that it knows."""
    source = textwrap.dedent(inspect.getsource(handler))
    names: list[str] = []
    takes_world = False
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        takes_world |= node.func.id in ("scope_of", "sent_key", "find_order", "find_request")
        if node.func.id == "known_parameters":
            names += [ast.literal_eval(item) for item in node.args[1:]]
    return takes_world, names


def _first(handler: Callable[..., Any]) -> str:
    return " ".join((inspect.getdoc(handler) or "").split("\n\n")[0].split())


def _plain(path: str) -> str:
    return path.replace(":[^/]+}", "}")


def _anchor(method: str, path: str) -> str:
    """What GitHub makes of the heading."""
    heading = f"{method} {_plain(path)}".lower()
    return "".join(item for item in heading if item.isalnum() or item in " -_").replace(" ", "-")
