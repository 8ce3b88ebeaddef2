"""Who keeps an event loop to itself: every step of a server's connection is timed.

A step is what runs between two looks of the loop at its sockets, so nobody else is answered
meanwhile. It is timed in CPU time of its thread, less what the garbage collector took, so that a
busy machine is not blamed on a handler. uvloop has steps of its own, which are not seen.
"""

import asyncio
import gc
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp.web_protocol import RequestHandler

MAX_SECONDS = 0.1
"""A step may take so much CPU time."""


class Watchdog:
    """Collects the steps that took too long, each as a sentence with its request."""

    def __init__(self) -> None:
        self.barked: list[str] = []
        self._latest: dict[int, str] = {}
        self._local = threading.local()

    def forget(self) -> None:
        """Begin anew, before a test."""
        self.barked.clear()
        self._latest.clear()

    @contextmanager
    def on_guard(self) -> Iterator[None]:
        """Time every step of every loop of this process."""
        run = asyncio.events.Handle._run
        handle_request = RequestHandler._handle_request

        async def noted(connection: Any, request: Any, *arguments: Any) -> Any:
            self._latest[id(connection)] = f"{request.method} {request.path_qs[:200]}"
            return await handle_request(connection, request, *arguments)

        def timed(handle: Any) -> None:
            connection = _connection_of(handle)
            if connection is None:
                run(handle)
                return
            self._local.collected = 0.0
            begun = time.thread_time()
            run(handle)
            spent = time.thread_time() - begun - self._local.collected
            if spent > MAX_SECONDS:
                request = self._latest.get(id(connection), "a first request")
                self.barked.append(f"{request} took {spent * 1000:.0f} ms")

        asyncio.events.Handle._run = timed
        RequestHandler._handle_request = noted
        gc.callbacks.append(self._collecting)
        try:
            yield
        finally:
            gc.callbacks.remove(self._collecting)
            asyncio.events.Handle._run = run
            RequestHandler._handle_request = handle_request

    def _collecting(self, phase: str, _info: object) -> None:
        now = time.thread_time()
        if phase == "start":
            self._local.collection_began = now
        else:
            began = getattr(self._local, "collection_began", now)
            self._local.collected = getattr(self._local, "collected", 0.0) + now - began


def _connection_of(handle: Any) -> RequestHandler | None:
    """The connection of a server that a callback works for; None for everything else."""
    owner = getattr(handle._callback, "__self__", None)
    if isinstance(owner, asyncio.Task):
        frame = getattr(owner.get_coro(), "cr_frame", None)
        owner = frame.f_locals.get("self") if frame is not None else None
    found = owner if isinstance(owner, RequestHandler) else getattr(owner, "_protocol", None)
    return found if isinstance(found, RequestHandler) else None
