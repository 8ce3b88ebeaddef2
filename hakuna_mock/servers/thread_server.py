"""A server in a thread of this process, on loopback and any free port."""

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from contracts.suggestions import hint
from hakuna_mock.servers.control_client import HakunaServer
from hakuna_mock.servers.real_time import monotonic
from mock_server.app import create_app
from mock_server.serving import Listening, listening, with_admin_token
from mock_server.settings import OPTIONS, Settings, SettingsError, read_settings

START_SECONDS = 30.0
STOP_SECONDS = 10.0


def own_server(**settings: Any) -> AbstractContextManager[HakunaServer]:
    """A server that listens until the block ends, in a thread of its own."""
    return server_under(_settings(settings))


@contextmanager
def server_under(settings: Settings) -> Iterator[HakunaServer]:
    """The same under settings that are read already; they name the port."""
    in_force = with_admin_token(settings)
    loop = _Loop(in_force)
    try:
        here = loop.start()
        server = HakunaServer(here.url, own=True, admin_token=in_force.admin_token)
        try:
            yield server
        finally:
            server.close()
    finally:
        loop.stop()


def _settings(settings: dict[str, Any]) -> Settings:
    """The settings in force: only what is given here, for a test must not depend on a shell."""
    for name in settings:
        if name not in OPTIONS:
            more = hint(name, OPTIONS, f"there are {', '.join(OPTIONS)}")
            raise SettingsError(f"running() has no setting {name!r}{more}")
    return read_settings({"port": 0, **settings}, environ={}, config=Path(os.devnull))


def _new_loop() -> asyncio.AbstractEventLoop:
    """A loop whose timers go on while a test stops the clock."""
    loop = asyncio.new_event_loop()
    loop.time = monotonic  # type: ignore[method-assign]
    return loop


class _Loop:
    """The event loop of a server in its thread, from its start to `stop`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._thread = threading.Thread(target=self._run, name="hakuna-mock", daemon=True)
        self._started = threading.Event()
        self._here: Listening | None = None
        self._failure: BaseException | None = None
        self._stop: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=_new_loop) as runner:
                runner.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - raised where somebody waits, in `start`
            self._failure = error
        finally:
            self._started.set()

    async def _serve(self) -> None:
        stop = asyncio.Event()
        async with listening(create_app(self._settings)) as here:
            self._here = here
            self._stop = (asyncio.get_running_loop(), stop)
            self._started.set()
            await stop.wait()

    def start(self) -> Listening:
        """Where it listens, once it does; whatever kept it from that is raised."""
        self._thread.start()
        self._started.wait(START_SECONDS)
        if self._failure is not None:
            raise self._failure
        if self._here is None:
            raise TimeoutError(f"the mock server did not start within {START_SECONDS:.0f} s")
        return self._here

    def stop(self) -> None:
        """End the server; an error where it does not end."""
        if self._stop is not None:
            loop, stop = self._stop
            loop.call_soon_threadsafe(stop.set)
        self._thread.join(STOP_SECONDS)
        if self._thread.is_alive():
            raise TimeoutError(f"the mock server did not end within {STOP_SECONDS:.0f} s")
