"""Compaction: from time to time a snapshot takes the place of the log up to it.

What was evicted, reset or deleted is not in the snapshot, so this is what makes it leave the disk,
and what bounds the size of the database and the time to start.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Protocol, TypeVar

from mock_server.store.log.database import Database, Head, batches, new_generation
from mock_server.store.log.rows import PartRow, freeze
from mock_server.store.protocol import StoreUnavailableError
from mock_server.store.worlds import Worlds

T = TypeVar("T")

LEAST_TAIL = 24 * 1024 * 1024
"""A log shorter than this, in characters, is not compacted: it is read in two seconds."""

SHARE_OF_MEMORY = 4
"""Worlds that fill the memory are worth a snapshot when so many times less has been appended."""


class Compacted(Protocol):
    """What a compaction needs of its store."""

    tail: int
    head: Head

    @property
    def position(self) -> int:
        """How far the log goes."""

    @property
    def worlds(self) -> Worlds:
        """The worlds at that position."""

    @property
    def database(self) -> Database:
        """Where the log is."""

    async def job(self, work: Callable[[], T]) -> T:
        """Let the database do something between two groups."""


class Compaction:
    """Compacts the log of a store when it has become long; one at a time."""

    def __init__(self, store: Compacted) -> None:
        self._store = store
        self._running: asyncio.Task[None] | None = None

    def consider(self) -> None:
        """Begin where it is time."""
        store = self._store
        if store.tail < max(LEAST_TAIL, store.worlds.bytes // SHARE_OF_MEMORY):
            return
        if self._running is None or self._running.done():
            self._running = asyncio.get_running_loop().create_task(self._compact())

    async def stop(self) -> None:
        """Break off; what was written of a snapshot that does not count is deleted by the next."""
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    async def _compact(self) -> None:
        store = self._store
        database, replaced, before = store.database, store.head.generation, store.tail
        # No await between reading the position and taking hold of the worlds.
        frozen = freeze(store.worlds, store.position)
        generation, number = new_generation(), 0
        parts = batches(frozen.parts())
        with suppress(StoreUnavailableError):
            while (batch := await asyncio.to_thread(_next, parts)) is not None:
                await store.job(partial(database.write_parts, generation, number, batch))
                number += len(batch)
            switch = partial(database.switch, generation, frozen.position, replaced)
            stale = await store.job(switch)
            if stale is not None:
                store.tail = max(0, store.tail - before)
                store.head = Head(
                    store.head.store_id, store.head.position, frozen.position, generation
                )
                while await store.job(partial(database.clean, frozen.position, stale)):
                    pass
                await store.job(partial(database.shrink, whole=False))


def _next(parts: Iterator[list[PartRow]]) -> list[PartRow] | None:
    return next(parts, None)
