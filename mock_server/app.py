"""The application: every route is wired here, and nowhere else."""

import random
import time
import uuid
from collections.abc import Awaitable, Callable

from aiohttp import HttpVersion10, hdrs, web

from contracts.judging.replies import ENDPOINT
from contracts.schemas import validator
from contracts.suggestions import hint, nearest
from contracts.version import __version__
from mock_server.control import ROUTES
from mock_server.control.responses import ControlError, Handler, answered
from mock_server.guard import METRICS, check_visitor
from mock_server.http.aiohttp_internals import forget_handlers
from mock_server.http.connection import KEEPALIVE_SECONDS, MAX_FIELD, MAX_HEADERS, MAX_LINE
from mock_server.http.events_endpoint import answer, answer_unexpected, its_turn
from mock_server.inspector import INSPECTOR, page, wants_page
from mock_server.inspector import ROUTES as PAGES
from mock_server.log_lines import LogLine, make_log
from mock_server.metrics.page import metrics
from mock_server.metrics.tally import TALLY, Tally
from mock_server.proxy.upstream import Upstream
from mock_server.server_state import SERVER, Clock, NewEventId, Server
from mock_server.settings import Settings
from mock_server.store.opening import open_store
from mock_server.store.protocol import Store, StoreUnavailableError

CONTROL = "/_mock/v1"
LINGER_SECONDS = 0.5


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock | None = None,
    new_event_id: NewEventId | None = None,
    log: LogLine | None = None,
    notice: Callable[[str], None] = lambda _: None,
    upstream: Upstream | None = None,
) -> web.Application:
    """The mock as an aiohttp application.

    `clock` gives the machine's time in nanoseconds since 1970, `new_event_id` fresh `evt-` ids;
    without it the settings decide (`--seed`), else randomness. `notice` gets what whoever runs the
    server should know, such as that the oldest orders are evicted. With an `upstream` events are
    sent on to it.
    """
    settings = settings or Settings()
    validator.warm_up()
    app = web.Application(
        middlewares=[_nothing_native],
        handler_args={
            "auto_decompress": False,
            "lingering_time": LINGER_SECONDS,
            "keepalive_timeout": KEEPALIVE_SECONDS,
            "access_log": None,
            "max_line_size": MAX_LINE,
            "max_field_size": MAX_FIELD,
            "max_headers": MAX_HEADERS,
        },
    )
    app[TALLY] = tally = Tally()
    store = open_store(settings.state, settings.policy, settings.bounds, notice)
    app[SERVER] = Server(
        settings=settings,
        store=store,
        # Looked up at each request, so that freezegun and time-machine rule it.
        clock=clock or (lambda: time.time_ns()),  # noqa: PLW0108
        random_unit=random.Random(settings.seed).random,  # noqa: S311 - chance, not secrecy
        new_event_id=new_event_id or event_ids(settings.seed, store),
        # Of a log that outlives this process, only the time of day means anything later.
        monotonic_ns=time.time_ns if store.durable else time.monotonic_ns,
        log=log or make_log("quiet"),
        started_at=time.monotonic(),
        count=tally.count,
        upstream=upstream,
    )
    app.on_startup.append(_follow_store)
    app.on_shutdown.append(_release_waiters)
    app.on_cleanup.append(_close_store)
    if upstream is not None:
        app.on_cleanup.append(_close_upstream)
    for method, path, handler in ROUTES:
        _add_control(app, method, CONTROL + path, handler)
    if not settings.no_ui:
        for path in (INSPECTOR, INSPECTOR + "/"):
            _add_control(app, "GET", path, _home)
        for path in (CONTROL, CONTROL + "/"):
            _add_control(app, "GET", path, _index)
        for method, path, handler in PAGES:
            _add_control(app, method, INSPECTOR + path, handler)
    _add_control(app, "*", "/_mock{rest:(?:/.*)?}", _unknown_control_path)
    _add_control(app, "GET", METRICS, metrics)
    app.router.add_get("/", _root, allow_head=True)
    # The endpoint has a route of its own, for a plain path is found without trying the others.
    app.router.add_post(ENDPOINT, answer, expect_handler=_expectation)
    app.router.add_route("*", "/{rest:.*}", answer, expect_handler=_expectation)
    return app


def event_ids(seed: int | None, store: Store | None = None) -> NewEventId:
    """Random ids, or the same ones for the same seed; in a durable store each request's own, for
    what was given out before a restart may not be given out again.
    """
    if seed is None:
        return lambda: f"evt-{uuid.uuid4()}"
    if store is not None and store.durable:

        def numbered() -> str:
            own = random.Random(f"{seed}-{store.position}")  # noqa: S311 - repeatable on purpose
            return f"evt-{uuid.UUID(int=own.getrandbits(128), version=4)}"

        return numbered
    seeded = random.Random(seed)  # noqa: S311 - repeatable on purpose
    return lambda: f"evt-{uuid.UUID(int=seeded.getrandbits(128), version=4)}"


def _add_control(app: web.Application, method: str, path: str, handler: Handler) -> None:
    """Add a route under /_mock; whoever may GET may ask for the head alone."""
    for item in (method, hdrs.METH_HEAD) if method == hdrs.METH_GET else (method,):
        app.router.add_route(item, path, _guarded(handler), expect_handler=_control_expectation)


def _guarded(handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The handler behind the door of /_mock, its errors as JSON."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        await its_turn(request)
        try:
            check_visitor(request, request.app[SERVER].settings)
            return await handler(request)
        except (ControlError, StoreUnavailableError) as raised:
            error = raised if isinstance(raised, ControlError) else _unavailable(raised)
            if request.path.startswith(CONTROL) or request.app[SERVER].settings.no_ui:
                return error.to_response()
            return await _error_for(request, error)

    return guarded


async def _error_for(request: web.Request, error: ControlError) -> web.StreamResponse:
    """The error as a page where a person asked, else as JSON."""
    if not wants_page(request):
        return error.to_response()
    from mock_server.inspector.bare.error import error_page  # noqa: PLC0415 - jinja2, when asked for

    return error_page(request, error)


def _unavailable(error: StoreUnavailableError) -> ControlError:
    return ControlError(503, f"the state cannot be reached: {error}; try again in a moment")


async def _follow_store(app: web.Application) -> None:
    app[SERVER].store.start(app[SERVER].others_changed)


async def _close_store(app: web.Application) -> None:
    await app[SERVER].store.close()
    forget_handlers()


async def _release_waiters(app: web.Application) -> None:
    """Long polls must not delay the end of the server."""
    app[SERVER].closing = True
    app[SERVER].turns.finish()
    app[SERVER].announce()
    app[SERVER].worker.close()


async def _close_upstream(app: web.Application) -> None:
    upstream = app[SERVER].upstream
    assert upstream is not None  # noqa: S101 - added only then
    await upstream.close()


@web.middleware
async def _nothing_native(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Targets that no route can match (`OPTIONS *`, `CONNECT`) get the documented body, too."""
    try:
        return await handler(request)
    except web.HTTPException:
        return await answer(request)


_events_page = page("events")


async def _home(request: web.Request) -> web.StreamResponse:
    """The first page for people, the index for programs."""
    return await (_events_page if wants_page(request) else _index)(request)


async def _index(_request: web.Request) -> web.Response:
    """What there is to ask."""
    return answered(
        {
            "hakuna-mock": "the control API; events are posted to " + ENDPOINT,
            "calls": [f"{method} {CONTROL}{_plain(path)}" for method, path, _ in ROUTES],
        }
    )


async def _root(request: web.Request) -> web.StreamResponse:
    """The bare address: the inspector for people, where things are for programs."""
    no_ui = request.app[SERVER].settings.no_ui
    if wants_page(request) and not no_ui:
        return web.Response(status=303, headers={"Location": f"{INSPECTOR}/"})
    places = {"events": f"POST {ENDPOINT}", "control_api": f"{CONTROL}/"}
    if not no_ui:
        places["inspector"] = f"{INSPECTOR}/"
    return answered({"hakuna-mock": __version__, **places})


def _plain(path: str) -> str:
    """A route as people write it: `/orders/{order_id}`."""
    return path.replace(":[^/]+}", "}")


async def _unknown_control_path(request: web.Request) -> web.StreamResponse:
    """404 with the nearest names, or 405 where only the method is wrong."""
    allowed = sorted(
        {
            route.method
            for route in request.app.router.routes()
            if route.method != hdrs.METH_ANY
            and route.resource is not None
            and (info := route.resource.get_info())
            and (
                info.get("path") == request.path
                or ("pattern" in info and info["pattern"].fullmatch(request.path))
            )
        }
    )
    if allowed:
        useful = " or ".join(method for method in allowed if method != hdrs.METH_HEAD)
        error = ControlError(405, f"{request.method} is not for {request.path[:80]}; use {useful}")
        return error.to_response({"Allow": ", ".join(allowed)})
    paths = [CONTROL + _plain(path) for _, path, _ in ROUTES]
    if wants_page(request) and not request.path.startswith(CONTROL):
        paths = [INSPECTOR + path for method, path, _ in PAGES if method == "GET"]
    meant = nearest(request.path, paths)
    close = [meant] if meant else []
    more = hint(request.path, paths, f"see {CONTROL}/ for what there is")
    error = ControlError(404, f"there is nothing at {request.path[:80]}{more}", nearest=close)
    if request.path.startswith(CONTROL) or request.app[SERVER].settings.no_ui:
        return error.to_response()
    return await _error_for(request, error)


async def _expectation(request: web.Request) -> web.StreamResponse | None:
    """`Expect: 100-continue` is answered with 100, any other expectation with the error body."""
    expected = _unmet_expectation(request)
    return None if expected is None else await answer_unexpected(request, expected)


async def _control_expectation(request: web.Request) -> web.StreamResponse | None:
    """The same under /_mock, where errors are the control API's."""
    expected = _unmet_expectation(request)
    if expected is None:
        return None
    message = f"the expectation {expected[:40]!r} cannot be met; only 100-continue can"
    reply = ControlError(400, message).to_response()
    reply.force_close()
    return reply


def _unmet_expectation(request: web.Request) -> str | None:
    """None where the client may go on (and is told so), else what it expects."""
    expected = request.headers.get(hdrs.EXPECT, "")
    if expected.strip().lower() != "100-continue":
        return expected
    transport = request.transport
    # A client of HTTP/1.0 does not know interim replies (RFC 9110 section 10.1.1).
    if request.version > HttpVersion10 and transport is not None and not transport.is_closing():
        transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    return None
