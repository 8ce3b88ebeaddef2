"""Listening, announcing it, and shutting down gracefully."""

import asyncio
import errno
import gc
import json
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path

from aiohttp import web

from contracts.drift.drift import Drift
from contracts.judging.replies import ENDPOINT
from contracts.values import dataclass
from contracts.worlds.rule_levels import silenced_refusals
from mock_server.app import create_app
from mock_server.event_loop.garbage import THRESHOLDS, Garbage
from mock_server.http.aiohttp_internals import check_aiohttp
from mock_server.http.connection import Connection
from mock_server.ignored_variables import variable_notices
from mock_server.log_lines import make_log, write_line
from mock_server.proxy.address import is_loopback
from mock_server.proxy.drift_file import DriftFile
from mock_server.proxy.upstream import Upstream
from mock_server.quickstart import DEFAULT_KEY
from mock_server.ready_file import ready_file
from mock_server.server_state import SERVER, Server
from mock_server.settings import Settings, max_refused
from mock_server.start_error import StartError

SHUTDOWN_SECONDS = 3.0
SWITCH_SECONDS = 0.0005
BACKLOG = 1024
"""How many connections may wait until they are accepted."""

AT_ONCE = 32
"""How many are accepted in one go: asyncio would take a whole backlog before it answers anybody."""

OTHER_FILES = 60
"""Files that the process needs beside its connections, roughly."""


class ListenError(StartError):
    """The address cannot be listened on."""


@dataclass(frozen=True)
class Listening:
    """Where a running server can be reached."""

    url: str
    settings: Settings
    sends_on_to: str = ""
    """The address of the provider, where this is a proxy."""

    @property
    def events_url(self) -> str:
        """Where events are posted."""
        return self.url + ENDPOINT

    @property
    def inspector_url(self) -> str:
        """Where people look."""
        return self.url + "/_mock/"

    def ready(self) -> str:
        """The content of the ready file."""
        return json.dumps(
            {
                "url": self.url,
                "events_url": self.events_url,
                "inspector_url": self.inspector_url,
                "pid": os.getpid(),
            }
        )


def with_admin_token(settings: Settings) -> Settings:
    """The settings with an admin token made where one is needed and none was given."""
    if settings.on_loopback or settings.admin_token is not None:
        return settings
    return replace(settings, admin_token=secrets.token_urlsafe(18))


Announce = Callable[[Listening, str | None], None]
"""Tells people that the server listens, and the admin token where one was made for this run."""


@asynccontextmanager
async def listening(app: web.Application) -> AsyncIterator[Listening]:
    """The application on its address, until the block ends. ListenError where that is taken."""
    settings = app[SERVER].settings
    runner = web.AppRunner(app, shutdown_timeout=SHUTDOWN_SECONDS, access_log=None)
    await runner.setup()
    manager = runner.server
    assert manager is not None  # noqa: S101 - setup has made it
    check_aiohttp(manager)
    loop = asyncio.get_running_loop()

    def connection() -> Connection:
        return Connection(manager, app[SERVER], loop=loop, **manager._kwargs)  # noqa: SLF001

    try:
        server = await loop.create_server(
            connection, settings.host, settings.port, backlog=AT_ONCE, reuse_address=True
        )
        for item in server.sockets:
            with socket.fromfd(item.fileno(), item.family, item.type) as listener:
                listener.listen(BACKLOG)
    except (OSError, OverflowError, UnicodeError) as error:
        await runner.cleanup()
        raise ListenError(_why_not(settings, error)) from error
    port = server.sockets[0].getsockname()[1]
    app[SERVER].url = f"http://{settings.reachable_host}:{port}"
    try:
        upstream = app[SERVER].upstream
        yield Listening(app[SERVER].url, settings, upstream.address.events_url if upstream else "")
    finally:
        server.close()
        await runner.cleanup()


def _why_not(settings: Settings, error: Exception) -> str:
    where = f"{settings.host}:{settings.port}"
    number = getattr(error, "errno", None)
    if isinstance(error, socket.gaierror | UnicodeError) or number == errno.EADDRNOTAVAIL:
        reason = "this is not an address of this machine"
        return (
            f"cannot listen on {where}: {reason}; choose another --host (127.0.0.1, ::1, 0.0.0.0)"
        )
    reason = os.strerror(number) if number and number > 0 else str(error)
    return f"cannot listen on {where}: {reason.lower()}; choose another --port (0: any free one)"


@dataclass(frozen=True)
class Proxying:
    """What makes a server a proxy: the provider behind it, and the file that keeps its drift."""

    upstream: Upstream
    drift_file: DriftFile | None = None


async def serve(settings: Settings, announce: Announce, proxying: Proxying | None = None) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP."""
    for text in (*variable_notices(), *silenced_refusals(dict(settings.rules))):
        notice(text)
    log = make_log(settings.log_format, inspector=lambda: "" if settings.no_ui else app[SERVER].url)
    if settings.state is not None:
        # The thread of the log waits for the interpreter after each call of the database; while the
        # loop is busy that takes this long, and 5 ms by default.
        sys.setswitchinterval(SWITCH_SECONDS)
    with ready_file(settings.ready_file) if settings.ready_file else nullcontext() as publish:
        protected = with_admin_token(_with_room(settings))
        upstream = proxying.upstream if proxying else None
        app = create_app(protected, log=log, notice=notice, upstream=upstream)
        gc.freeze()  # what a state brought stays, too
        app[SERVER].kept.append(Garbage().note)
        await _load(app[SERVER])
        async with listening(app) as here, _keeping(app[SERVER], proxying):
            _refuse_itself(here, upstream)
            stopped = _on_signals()
            announce(here, None if settings.admin_token else protected.admin_token)
            if publish is not None:
                publish(here.ready())
            await stopped.wait()


@asynccontextmanager
async def _keeping(server: Server, proxying: Proxying | None) -> AsyncIterator[None]:
    """Keep the file of drift while the block runs, where there is one."""
    if proxying is None or proxying.drift_file is None:
        yield
        return

    async def read() -> Drift:
        drift = (await server.store.read()).drift(None)
        drift.upstreams = (proxying.upstream.address.url,)
        return drift

    task = asyncio.create_task(proxying.drift_file.keep(read, notice))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _refuse_itself(here: Listening, upstream: Upstream | None) -> None:
    """A proxy that is its own provider would ask itself for ever."""
    if upstream is None:
        return
    address = upstream.address
    if is_loopback(address.host) and here.url.endswith(f":{address.port}"):
        raise StartError(f"--upstream {address.url} is this server itself; name the provider")


def _on_signals() -> asyncio.Event:
    """Set by each signal that ends the server; one that is ignored, as by nohup, stays so."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None or signal.getsignal(number) is signal.SIG_IGN:
            continue
        try:
            loop.add_signal_handler(number, stopped.set)
        except NotImplementedError:  # the loop of Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopped.set))
    return stopped


def _with_room(settings: Settings) -> Settings:
    """The settings with as many connections as this process may have files open.

    Beyond that accepting would fail again and again, with nobody told.
    """
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return settings
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    connections = settings.max_connections
    needed = connections + max_refused(connections) + OTHER_FILES
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return settings
    expected = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (expected, hard))
        soft = expected
    possible = connections_within(soft)
    if possible >= connections:
        return settings
    notice(f"at most {possible} connections at once: this process may open {soft} files (ulimit)")
    return replace(settings, max_connections=possible)


def connections_within(files: int) -> int:
    """How many connections a process that may open so many files can take."""
    free = files - min(OTHER_FILES, files // 8)
    return max(1, free - max_refused(free))


def notice(said: str) -> None:
    """Tell whoever runs the server, beside the log."""
    write_line(sys.stderr, f"hakuna-mock: {said}")


async def _load(server: Server) -> None:
    """Play the scenarios of `--load`, each under the first key that exists."""
    if not server.settings.load:
        return
    # Only then are scenarios worth their import.
    from contracts.scenarios.catalogue import shipped  # noqa: PLC0415
    from contracts.suggestions import hint  # noqa: PLC0415
    from mock_server.scenarios.files import ScenarioFileError, find_scenario  # noqa: PLC0415
    from mock_server.scenarios.loading import load  # noqa: PLC0415

    if server.store.position:
        notice("--load is passed over: what is kept in the state was loaded before")
        return
    key = next(iter(server.settings.keys), DEFAULT_KEY)
    for name in server.settings.load:
        try:
            scenario = find_scenario(name)
        except ScenarioFileError as error:
            raise StartError(f"--load {error}") from None
        if scenario is None:
            more = hint(name, shipped(), "hakuna-mock scenarios lists them")
            raise StartError(f"--load: there is no scenario {name[:100]!r}{more}")
        await load(server, scenario, key)


def run(settings: Settings, announce: Announce, proxying: Proxying | None = None) -> None:
    """`serve` in an event loop of its own."""
    _fill_standard_streams()
    # What start-up made stays for good; without this every full collection walks it again.
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    with asyncio.Runner(loop_factory=_loop_factory(settings.loop)) as runner:
        runner.run(serve(settings, announce, proxying))


def _fill_standard_streams() -> None:
    """Give each closed standard stream the null device: a socket on their numbers ends uvloop."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
        if getattr(sys, name) is None:
            # Kept open for the life of the process.
            setattr(sys, name, Path(os.devnull).open("r+", encoding="utf-8"))  # noqa: SIM115


def _loop_factory(name: str) -> Callable[[], asyncio.AbstractEventLoop]:
    if name == "asyncio":
        return asyncio.new_event_loop
    try:
        import uvloop  # noqa: PLC0415 - optional
    except ImportError:
        if name == "auto":
            return asyncio.new_event_loop
        raise StartError(
            "--loop uvloop: uvloop is not installed; pip install 'hakuna-mock[speed]'"
        ) from None
    return uvloop.new_event_loop
