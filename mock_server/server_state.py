"""What the application carries along, under typed keys."""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from contracts.judging.verdict import Verdict
from contracts.timing.moment import Moment
from contracts.timing.rfc3339 import Instant
from contracts.worlds.journal import Entry
from mock_server.event_loop.turns import Turns
from mock_server.proxy.upstream import Upstream
from mock_server.settings import Settings
from mock_server.store.protocol import Store
from mock_server.store.worker_thread import WorkerThread

Clock = Callable[[], Instant]
"""The machine's time in nanoseconds since 1970; what a world's clock shows, its settings say."""

NewEventId = Callable[[], str]
"""A fresh `evt-` id."""


@dataclass
class Server:
    """One running mock: its settings, its store, and what must not be global."""

    settings: Settings
    store: Store
    clock: Clock
    new_event_id: NewEventId
    log: Callable[[Entry, str | None, str | None], None]
    started_at: float
    monotonic_ns: Callable[[], int] = time.monotonic_ns
    random_unit: Callable[[], float] = field(default_factory=lambda: random.Random().random)  # noqa: S311
    """A number from 0 to 1 for faults that play by chance."""
    worker: WorkerThread = field(default_factory=WorkerThread)
    turns: Turns = field(default_factory=Turns)
    count: Callable[[Verdict, Entry], None] = lambda _verdict, _entry: None
    """Told of every judged request; the metrics listen."""
    kept: list[Callable[[], None]] = field(default_factory=list)
    """Called after each request that was kept."""
    in_work: set[int] = field(default_factory=set)
    """The numbers of those that the worker judges now: later ones may be kept before them."""
    resets: int = 0
    """How often a world was cleared or deleted: what was shown of it is gone."""
    changes: int = 0
    """How often settings, clocks or faults were changed: pages show what is not as usual."""
    upstream: Upstream | None = None
    """The provider that events are sent on to, where this server is a proxy."""
    url: str = ""
    """Where the server listens, as soon as it does."""
    background: set[asyncio.Task[None]] = field(default_factory=set)
    """Small jobs under way that nobody awaits; the loop keeps only weak references."""

    closing: bool = False
    _changed: asyncio.Event | None = None
    _numbering: threading.Lock = field(default_factory=threading.Lock)

    async def now(self, world_id: str | None) -> Moment:
        """What the clock of a world shows; for None that of new worlds."""
        policy = (await self.store.read()).policy(world_id)
        return Moment(policy.clock.time(self.clock()), self.monotonic_ns())

    @property
    def answers_at_once(self) -> bool:
        """Whether the reply to a plain event waits for nothing: no provider, disk or database."""
        return self.upstream is None and self.store.judges_at_once

    @property
    def changed(self) -> asyncio.Event:
        """Set with the next request that is kept; made where somebody waits for it."""
        if self._changed is None:
            self._changed = asyncio.Event()
        return self._changed

    @property
    def instance(self) -> str:
        """Another one for each log: numbers that were seen in another mean nothing here."""
        return self.store.identity

    @property
    def latest_seq(self) -> int:
        """The number of the latest request outside /_mock, whoever sent it."""
        return self.store.latest_number

    def next_seq(self, *, in_work: bool = False) -> int:
        """The number of a request that is being decided on; the worker asks, too."""
        with self._numbering:
            number = self.store.next_number()
            if in_work:
                self.in_work.add(number)
            return number

    @property
    def settled_seq(self) -> int:
        """All requests up to this number are kept: no row with a lower one comes later."""
        return min(self.in_work, default=self.latest_seq + 1) - 1

    def in_background(self, job: Coroutine[Any, Any, None]) -> None:
        """Let a small job run that nobody awaits."""
        task = asyncio.get_running_loop().create_task(job)
        self.background.add(task)
        task.add_done_callback(self.background.discard)

    def announce(self) -> None:
        """Wake everybody who waits for a request."""
        if self._changed is not None:
            self._changed.set()
            self._changed = None
        for noted in self.kept:
            noted()

    def others_changed(self, forgot: bool) -> None:  # noqa: FBT001 - the store's callback
        """Another process changed the store."""
        if forgot:
            self.announce_reset()
        else:
            self.announce()

    def announce_change(self) -> None:
        """Tell them that settings, a clock or faults are not as they were."""
        self.changes += 1
        self.announce()

    def announce_reset(self) -> None:
        """Tell them that something was forgotten."""
        self.resets += 1
        self.announce()


SERVER = web.AppKey("server", Server)
