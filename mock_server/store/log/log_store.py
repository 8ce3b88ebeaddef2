"""The durable store: worlds in memory that follow a log in a database.

Everything that changes goes through one task, which takes what has come meanwhile as one group:

1. Where other processes write, too: take the lock of the log, and catch up on it.
2. Decide one after the other, each on the worlds that the one before left.
3. Append all that was decided in one transaction. Only when it is committed does anybody learn what
   was decided; so under load many requests share one wait for the disk.

A large body is judged in a thread, in a group of its own: other writes wait for it, reads do not.

If the commit fails, nobody is told anything but that: the worlds, which are ahead of the log now,
are made anew from it. Reads wait while worlds are ahead of the log, so they never show what may
still be lost.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

from contracts.http.credentials import mask
from contracts.worlds.world import World
from mock_server.store.decisions import Decisions
from mock_server.store.log.compaction import Compaction
from mock_server.store.log.database import Database, DatabaseError, Head, Loaded
from mock_server.store.log.rows import DamagedLogError, LogRow, apply_rows
from mock_server.store.log.waiting import Decided, Waiting, answer, decided, fail, ignored
from mock_server.store.memory import world_id_of
from mock_server.store.notices import Notices
from mock_server.store.protocol import Aside, Change, StoreUnavailableError
from mock_server.store.reader import Reader
from mock_server.store.worlds import Worlds

T = TypeVar("T")

MAX_GROUP = 100
"""So many verdicts share one transaction; more would keep the first one waiting."""

LOAD_SECONDS = 120.0
"""Making all worlds anew may take longer."""

RETRY_SECONDS = 0.5
"""How often a database that failed is tried again."""


class LogStore:
    """Worlds that follow a log; `Store` says what each method does."""

    durable = True
    judges_at_once = False

    def __init__(
        self,
        database: Database,
        new_worlds: Callable[[], Worlds],
        notice: Callable[[str], None],
    ) -> None:
        self.kind = database.kind
        self.shared = database.shared
        self.problem: str | None = None
        self._database = database
        self._new_worlds = new_worlds
        self._notice = notice
        self._notices = Notices(notice)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="hakuna-mock-log")
        self._writers: deque[Waiting[Any]] = deque()
        self._readers: list[asyncio.Future[None]] = []
        self._jobs: deque[tuple[asyncio.Future[Any], Callable[[], Any]]] = deque()
        self._draining: asyncio.Task[None] | None = None
        self._recovering: asyncio.Task[None] | None = None
        self._compaction = Compaction(self)
        self._ahead = False
        self._closed = False
        self._on_change: Callable[[bool], None] = lambda _: None
        self._follow(database.load(new_worlds))

    def _follow(self, loaded: Loaded) -> None:
        """Go on with worlds that were made from the log."""
        self._worlds = loaded.worlds
        self._decisions = Decisions(loaded.worlds, self._notices, keeps_log=True)
        self._decisions.position = loaded.position
        self._reader = Reader(loaded.worlds)
        self._ahead = False
        self.head = loaded.head
        self.identity = loaded.head.store_id
        self.tail = loaded.tail

    @property
    def position(self) -> int:
        return self._decisions.position

    @property
    def latest_number(self) -> int:
        return self._decisions.latest_number

    @property
    def worlds(self) -> Worlds:
        """What the log made, for a snapshot."""
        return self._worlds

    @property
    def database(self) -> Database:
        """Where the log is, for jobs."""
        return self._database

    def next_number(self) -> int:
        return self._decisions.next_number()

    def start(self, on_change: Callable[[bool], None]) -> None:
        self._on_change = on_change
        loop = asyncio.get_running_loop()

        def heard() -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._look)

        self._database.listen(heard)

    async def close(self) -> None:
        self._closed = True
        await self._compaction.stop()
        for task in (self._recovering, self._draining):
            if task is not None:
                await asyncio.wait({task}, timeout=self._database.answer_seconds)
        self._database.stop_listening()
        with suppress(StoreUnavailableError):
            await self._run(self._database.close)
        self._thread.shutdown(wait=False)

    async def change_key(
        self, key: str | None, decide: Callable[[World], Change[T]], aside: Aside | None = None
    ) -> T:
        if key is None:
            return await self.change(None, decide, aside)
        world_id, masked = world_id_of(key), mask(key)
        if aside is not None:
            await self._decided(lambda decisions: decisions.make(world_id, masked))
            return await self.change(world_id, decide, aside)
        return await self._decided(lambda decisions: decisions.in_key(world_id, masked, decide))

    async def change(
        self, world_id: str | None, decide: Callable[[World], Change[T]], aside: Aside | None = None
    ) -> T:
        if aside is None:
            return await self._decided(lambda decisions: decisions.in_world(world_id, decide))
        made: list[Change[T]] = []

        async def prepare(decisions: Decisions) -> None:
            world = decisions.known(world_id)
            made.append(await aside(lambda: decide(world)))

        return await self._decided(
            lambda decisions: decisions.in_world(world_id, lambda _: made[0]), prepare
        )

    async def change_all(self, decide: Callable[[World], Change[T]]) -> T:
        return await self._decided(lambda decisions: decisions.in_all(decide))

    async def delete(self, world_id: str) -> None:
        await self._decided(lambda decisions: decisions.delete(world_id))

    async def read(self) -> Reader:
        if self._ahead and self.problem is not None:
            raise StoreUnavailableError(self.problem)
        if self.shared:
            self._refuse_if_broken()
        if self.shared or self._ahead:
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._readers.append(future)
            self._drain()
            await future
        return self._reader

    async def job(self, work: Callable[[], T]) -> T:
        """Let the database do something between two groups."""
        self._refuse_if_broken()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.append((future, work))
        self._drain()
        return await future

    async def _decided(
        self,
        decide: Callable[[Decisions], T],
        prepare: Callable[[Decisions], Awaitable[None]] | None = None,
    ) -> T:
        self._refuse_if_broken()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._writers.append(Waiting(future, decide, prepare))
        self._drain()
        return await future

    def _refuse_if_broken(self) -> None:
        if self.problem is not None:
            raise StoreUnavailableError(self.problem)
        if self._closed:
            raise StoreUnavailableError("the server is stopping")

    def _look(self) -> None:
        """Another process may have appended something."""
        if self.problem is None and not self._closed:
            self._readers.append(asyncio.get_running_loop().create_future())
            self._drain()

    def _drain(self) -> None:
        if self._draining is None or self._draining.done():
            self._draining = asyncio.get_running_loop().create_task(self._drained())

    async def _drained(self) -> None:
        """Serve everybody who waits, group by group."""
        while self._writers or self._readers or self._jobs:
            readers, self._readers = self._readers, []
            writers = self._next_group()
            try:
                if writers:
                    await self._group(writers)
                elif readers and self.shared:
                    await self._catch_up()
            except StoreUnavailableError as error:
                self._broke(str(error))
                self._refuse_all(error, [writer.future for writer in writers] + readers)
            for reader in readers:
                answer(reader, None)
            # Whoever was answered reads before anything else is decided.
            await asyncio.sleep(0)
            if self._jobs:
                await self._do(*self._jobs.popleft())

    def _next_group(self) -> list[Waiting[Any]]:
        """Who is decided on together; what takes long is alone."""
        group: list[Waiting[Any]] = []
        while self._writers and len(group) < MAX_GROUP:
            if self._writers[0].prepare is not None and group:
                break
            item = self._writers.popleft()
            if not item.future.done():
                group.append(item)
                if item.prepare is not None:
                    break
        return group

    async def _group(self, writers: list[Waiting[Any]]) -> None:
        """Decide for these, commit, and tell them."""
        if self.shared:
            await self._lock()
        decisions = self._decisions
        told: list[Decided] = []
        try:
            if (prepare := writers[0].prepare) is not None:
                await prepare(decisions)
            self._ahead = True
            told = [decided(writer, decisions) for writer in writers]
        except Exception as error:  # noqa: BLE001 - what takes long is alone, so it is theirs
            told = [Decided(writers[0].future, error=error)]
        applied = decisions.taken()
        if applied:
            try:
                self.tail += await self._run(self._database.append, applied, decisions.position)
            except StoreUnavailableError as lost:
                raise StoreUnavailableError(str(lost), in_doubt=self.shared) from lost
        elif self.shared:
            await self._run(self._database.rollback)
        self._ahead = False
        if not self.shared:  # else others may have written since the commit
            for reader in self._readers:
                answer(reader, None)
            self._readers.clear()
        for item in told:
            item.tell()
        self._compaction.consider()

    async def _lock(self) -> None:
        """Begin a transaction that no other process writes beside, the worlds up to date."""
        if self._took(*await self._run(self._database.begin, self._decisions.position)):
            return
        await self._run(self._database.rollback)
        await self._make_anew()
        if not self._took(*await self._run(self._database.begin, self._decisions.position)):
            raise StoreUnavailableError("the log changes faster than it can be read")

    async def _catch_up(self) -> None:
        """Take over what other processes have appended so far."""
        if not self._took(*await self._run(self._database.fetch, self._decisions.position)):
            await self._make_anew()

    def _took(self, about: Head, rows: list[LogRow]) -> bool:
        """Carry out what other processes have appended; False where some of it was compacted before
        it was seen here.
        """
        before = self._decisions.position
        if about.position == before:
            self.head = about
            return True
        try:
            position, length, forgot = apply_rows(self._worlds, rows, before)
        except DamagedLogError:
            position, length, forgot = -1, 0, True
        if position != about.position:
            self._ahead = True
            return False
        self._decisions.position = position
        self.tail = self.tail + length if about.generation == self.head.generation else length
        self.head = about
        self._on_change(forgot)
        return True

    async def _make_anew(self) -> None:
        """Make the worlds from the log; the old ones go first, for both may not fit."""
        empty = self._new_worlds()
        self._worlds, self._reader = empty, Reader(empty)
        self._decisions = Decisions(empty, self._notices, keeps_log=True)
        loaded = await self._run(self._database.load, self._new_worlds, seconds=LOAD_SECONDS)
        self._follow(loaded)
        self._on_change(True)

    async def _do(self, future: "asyncio.Future[Any]", work: Callable[[], Any]) -> None:
        try:
            answer(future, await self._run(work, seconds=LOAD_SECONDS))
        except StoreUnavailableError as error:
            self._broke(str(error))
            self._refuse_all(error, [future])

    def _broke(self, why: str) -> None:
        """Nothing can be written: refuse at once from now on, and try until it works again."""
        if self.problem is None:
            self.problem = why
            self._notice(f"the state cannot be written: {why}; events get 503 until it can")
        if self._recovering is None or self._recovering.done():
            self._recovering = asyncio.get_running_loop().create_task(self._recovered())

    def _refuse_all(self, error: StoreUnavailableError, these: "list[asyncio.Future[Any]]") -> None:
        """Tell these and everybody else who waits."""
        waiting = [writer.future for writer in self._writers] + [job for job, _ in self._jobs]
        for future in (*these, *waiting, *self._readers):
            fail(future, error)
        self._writers.clear()
        self._jobs.clear()
        self._readers.clear()

    async def _recovered(self) -> None:
        """Try until the worlds are those of the log again, and the log can be written."""
        while not self._closed:
            with suppress(StoreUnavailableError, DamagedLogError):
                if self._ahead:
                    await self._make_anew()
                await self._run(self._database.probe)
                self.problem = None
                self._notice("the state can be written again")
                return
            await asyncio.sleep(RETRY_SECONDS)

    async def _run(
        self, work: Callable[..., T], *arguments: Any, seconds: float | None = None
    ) -> T:
        """Let the log's thread do something, and wait for it, but not for ever."""
        seconds = seconds or self._database.answer_seconds
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._thread, work, *arguments)
        done, _ = await asyncio.wait({running}, timeout=seconds)
        if not done:
            running.add_done_callback(ignored)
            self._database.abort()
            raise StoreUnavailableError(f"the database did not answer within {seconds:.0f} s")
        try:
            return running.result()
        except DatabaseError as error:
            raise StoreUnavailableError(str(error)) from error
