"""What every page shares: the templates, the frame around the content, the headers.

The first import of this module is the first import of jinja2.
"""

import json
import time
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import quote

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import escape

from contracts.faults.catalogue import CATALOGUE
from contracts.findings.finding import Severity
from contracts.http.credentials import mask_keys
from contracts.judging.replies import ENDPOINT
from contracts.money import sums
from contracts.rules import RULES
from contracts.timing.rfc3339 import Instant, show
from contracts.version import __version__
from mock_server.control.world_scope import scope_of
from mock_server.event_loop.slices import Slices
from mock_server.inspector import INSPECTOR, wants_page
from mock_server.inspector.conditions import conditions, waiting_faults
from mock_server.inspector.finding_groups import fold
from mock_server.inspector.links import Links
from mock_server.inspector.stake_words import stake_sentence
from mock_server.inspector.visible_text import cut, visible
from mock_server.quickstart import curl
from mock_server.server_state import SERVER

MAX_WORLDS = 200
"""The picker offers the latest ones; parallel tests make thousands."""

PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # A form whose page sends no referrer is posted with `Origin: null`, which the guard refuses.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Hakuna-Mock": __version__,
}

_NAVIGATION = (
    ("events", "/", "Events"),
    ("orders", "/orders", "Orders"),
    ("findings", "/findings", "Findings"),
    ("playground", "/playground", "Playground"),
    ("coverage", "/coverage", "Coverage"),
    ("drift", "/drift", "Drift"),
    ("rules", "/rules", "Rules"),
    ("scenarios", "/scenarios", "Scenarios"),
)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader(__package__, "templates"),
        autoescape=True,
        finalize=visible,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {
        "cut": cut,
        "fold": fold,
        "when": show,
        "clock": _clock,
        "day_and_clock": _day_and_clock,
        "segment": _segment,
        "as_json": _as_json,
        "as_typed": escape,
        "money": sums,
    }
    made.globals |= {
        "version": __version__,
        "effects_by_name": CATALOGUE,
        "stake_sentence": stake_sentence,
        "titles": {rule.id: rule.title for rule in RULES.values()},
    }
    return made


def _clock(instant: Instant) -> str:
    return show(instant)[11:23]


def _day_and_clock(instant: Instant) -> str:
    """The time of day; on another day than the machine's today, with the date before it."""
    text = show(instant)
    today = show(time.time_ns())[:10]
    return text[11:19] if text[:10] == today else f"{text[:10]} {text[11:19]}"


def _as_json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _segment(text: str) -> str:
    """Any text as one segment of a path."""
    return quote(text.encode("utf-8", "replace"), safe="")


async def rendered(
    request: web.Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> web.Response:
    """A page: the template with its values, inside the frame."""
    server = request.app[SERVER]
    world_id = await scope_of(request)
    reader = await server.store.read()
    worlds = list(reader.worlds())
    chosen = [row for row in worlds if row.id == world_id]
    counts = reader.open_counts(world_id)
    base = f"http://{request.host}"

    keys = server.settings.keys
    pieces = (
        _environment()
        .get_template(f"{template}.html.jinja")
        .generate(
            link=Links(world_id if chosen else None),
            # What a provider did is worth a place only where there is one.
            navigation=[item for item in _NAVIGATION if item[0] != "drift" or server.upstream],
            worlds=[
                *chosen,
                *(row for row in worlds[: -MAX_WORLDS - 1 : -1] if row.id != world_id),
            ],
            world=chosen[0] if chosen else None,
            world_titles={row.id: row.title for row in worlds},
            counts={str(severity): counts[severity] for severity in Severity},
            waiting_faults=waiting_faults(reader, world_id),
            conditions=conditions(server, reader, world_id),
            at_stake=reader.at_stake(world_id),
            instance=server.instance,
            resets=server.resets,
            seen=max(reader.latest_number(world_id), reader.latest_number(None)),
            here_path=request.rel_url.raw_path_qs if request.method == "GET" else "",
            events_url=base + ENDPOINT,
            try_it=curl(base + ENDPOINT, keys[0] if keys else "").strip(),
            twin=_twin(request),
            logged_in=server.settings.admin_token is not None,
            **values,
        )
    )
    html, slices = [], Slices()
    await slices.begin()
    for piece in pieces:
        html.append(piece)
        await slices.pause()
    return web.Response(
        body=mask_live("".join(html)).encode("utf-8", "replace"),
        status=status,
        headers={"Content-Type": "text/html; charset=utf-8", **PAGE_HEADERS, **(headers or {})},
    )


def mask_live(html: str) -> str:
    """The page without a live key, should one have come this far inside a body."""
    return mask_keys(html) if "sk_live_" in html else html


def _twin(request: web.Request) -> str:
    """The address of this page as JSON."""
    path = request.rel_url.raw_path.rstrip("/")
    path = f"{path}/events" if path == INSPECTOR else path
    return f"{path}.json" + (f"?{request.rel_url.raw_query_string}" if request.query_string else "")


def plain(text: str, *, status: int = 200) -> web.Response:
    """A page of nothing but text, to be copied."""
    return web.Response(
        body=text.encode("utf-8", "replace"),
        status=status,
        headers={"Content-Type": "text/plain; charset=utf-8", **PAGE_HEADERS},
    )


def split_twin(name: str) -> tuple[str, bool]:
    """The name in an address, and whether its JSON twin was meant."""
    return (name[:-5], True) if name.endswith(".json") and len(name) > 5 else (name, False)


def wants_twin(request: web.Request) -> bool:
    """Whether JSON is wanted: by the address, or because no browser asks."""
    return request.path.endswith(".json") or not wants_page(request)


def bare(template: str, *, status: int = 200, **values: Any) -> web.Response:
    """A page outside the frame, which tells nothing of what the mock knows."""
    html = _environment().get_template(f"{template}.html.jinja").render(**values)
    return web.Response(
        body=mask_live(html).encode("utf-8", "replace"),
        status=status,
        headers={"Content-Type": "text/html; charset=utf-8", **PAGE_HEADERS},
    )
