"""The database of a log: reading it, appending to it, snapshots. All calls block.

One class for both engines, over SQLAlchemy Core; `sqlite.py` and `postgres.py` say what differs.
Only one thread at a time may use it.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from contracts.values import dataclass
from contracts.worlds.effect_codec import VERSION
from mock_server.store.decisions import Applied
from mock_server.store.log.rows import (
    DamagedLogError,
    Frozen,
    LogRow,
    PartRow,
    apply_part,
    apply_rows,
    row_of,
    without_collections,
)
from mock_server.store.log.schema import head, log, snapshot
from mock_server.store.worlds import Worlds

PART_BYTES = 1024 * 1024
"""Parts of a snapshot are written together up to this size; nothing else is written meanwhile."""

CLEANED, CLEANED_PARTS = 1000, 10
"""Rows of the log and of snapshots that are deleted at once."""

FETCHED = 500
"""Rows that are fetched at once where all are read."""


class DatabaseError(Exception):
    """The database did not do what it was asked; the text says why, without passwords."""


class LogIsNewerError(DatabaseError):
    """A later release writes to this log now."""


@dataclass(frozen=True)
class Head:
    """What the log is and how far it goes."""

    store_id: str
    position: int
    snapshot_position: int
    generation: int


@dataclass(frozen=True)
class Loaded:
    """Worlds as the log made them. `tail` is the length of the log since the last snapshot."""

    worlds: Worlds
    head: Head
    position: int
    tail: int


class Database:
    """A log in a database. Every method but `abort` raises DatabaseError."""

    kind: str
    shared: bool
    answer_seconds: float
    """A database that has not answered for so long is given up: clients get 503."""

    def __init__(self, engine: Engine, where: str) -> None:
        self.engine = engine
        self.where = where
        self._held: Connection | None = None

    def load(self, new_worlds: Callable[[], Worlds]) -> Loaded:
        """Worlds made from the snapshot and the log after it; DamagedLogError where one is none."""
        with self._reading() as connection, without_collections():
            self._freeze_reads(connection)
            about = self._head(connection)
            worlds = new_worlds()
            for part in self._parts(connection, about.generation):
                apply_part(worlds, part)
            rows = self._all_rows(connection, about.snapshot_position)
            position, tail, _ = apply_rows(worlds, rows, about.snapshot_position)
            if position != about.position:
                raise DamagedLogError(
                    f"the log ends at position {position}, its head says {about.position}"
                )
            return Loaded(worlds, about, position, tail)

    def begin(self, after: int) -> tuple[Head, list[LogRow]]:
        """Begin a transaction that nobody else writes beside, and what others have appended.

        `append` or `rollback` must follow.
        """
        connection = self._open_transaction()
        with self._named(connection):
            row = connection.execute(select(head).with_for_update()).one()
            about = self._checked(row)
            return about, self._rows(connection, after, about.position)

    def append(self, applied: Sequence[Applied], position: int) -> int:
        """Append effects and commit: when this returns they are durable. How long they are."""
        rows = [row_of(item) for item in applied]
        connection = self._held or self._open_transaction()
        with self._named(connection):
            connection.execute(insert(log), rows)
            connection.execute(update(head).values(position=position))
            self._announce(connection, position)
            connection.commit()
            self._release()
        return sum(len(row["effects"]) for row in rows)

    def rollback(self) -> None:
        """End the transaction that `begin` began; nothing of it stays."""
        connection = self._held
        if connection is not None:
            with self._named(connection):
                connection.rollback()
                self._release()

    def fetch(self, after: int) -> tuple[Head, list[LogRow]]:
        """What others have appended after a position. It may be less than `head` says, where it was
        compacted meanwhile.
        """
        with self._reading() as connection:
            about = self._head(connection)
            return about, self._rows(connection, after, about.position)

    def probe(self) -> None:
        """Write something that changes nothing, to see whether that is possible."""
        connection = self._open_transaction()
        with self._named(connection):
            self._checked(connection.execute(select(head)).one())
            connection.execute(update(head).values(id=1))
            connection.commit()
            self._release()

    def write_parts(self, generation: int, number: int, parts: Sequence[PartRow]) -> None:
        """Write rows of a snapshot that does not count yet."""
        rows = [
            {
                "generation": generation,
                "number": number + place,
                "part": part.part,
                "world_id": part.world_id,
                "content": part.content,
            }
            for place, part in enumerate(parts)
        ]
        connection = self._open_transaction()
        with self._named(connection):
            connection.execute(insert(snapshot), rows)
            connection.commit()
            self._release()

    def switch(self, generation: int, position: int, replaced: int) -> Sequence[int] | None:
        """Let a snapshot count instead of the log up to `position`: the snapshots that count no
        more, which `clean` deletes with that log. None, and nothing is changed, where `replaced` is
        not the last one any more.
        """
        connection = self._open_transaction()
        with self._named(connection):
            about = self._checked(connection.execute(select(head).with_for_update()).one())
            others = select(snapshot.c.generation).distinct()
            found = connection.execute(others.where(snapshot.c.generation != generation)).scalars()
            stale: Sequence[int] | None = found.all()
            if about.generation == replaced:
                values = {"generation": generation, "snapshot_position": position}
                connection.execute(update(head).values(values))
            else:
                stale = None
                connection.execute(delete(snapshot).where(snapshot.c.generation == generation))
            connection.commit()
            self._release()
        return stale

    def clean(self, position: int, stale: Sequence[int]) -> bool:
        """Delete some of what a snapshot stands for; whether more is left. A snapshot under way,
        of another server, is not `stale`.
        """
        connection = self._open_transaction()
        with self._named(connection):
            old = select(log.c.position).where(log.c.position <= position)
            rows = connection.execute(old.order_by(log.c.position).limit(CLEANED)).scalars().all()
            if rows:
                connection.execute(delete(log).where(log.c.position <= rows[-1]))
            place = snapshot.c.generation, snapshot.c.number
            of_stale = select(*place).where(snapshot.c.generation.in_(stale))
            parts = connection.execute(of_stale.limit(CLEANED_PARTS)).all() if stale else []
            for generation, number in parts:
                this = snapshot.c.generation == generation, snapshot.c.number == number
                connection.execute(delete(snapshot).where(*this))
            connection.commit()
            self._release()
        return bool(rows or parts)

    def compact(self, frozen: Frozen, replaced: int) -> bool:
        """Write a snapshot whole, let it count, and clean up; False where `switch` gives None."""
        generation, number = new_generation(), 0
        for parts in batches(frozen.parts()):
            self.write_parts(generation, number, parts)
            number += len(parts)
        stale = self.switch(generation, frozen.position, replaced)
        while stale is not None and self.clean(frozen.position, stale):
            pass
        return stale is not None

    def log_length(self) -> tuple[int, int]:
        """How many rows the log has after the last snapshot, and how many the snapshot."""
        with self._reading() as connection:
            about = self._head(connection)
            tail = select(func.count()).where(log.c.position > about.snapshot_position)
            rows = connection.scalar(tail) or 0
            of_snapshot = snapshot.c.generation == about.generation
            counted = select(func.count()).select_from(snapshot).where(of_snapshot)
            return rows, connection.scalar(counted) or 0

    def size(self) -> int:
        """Bytes on disk."""
        raise NotImplementedError

    def check(self) -> list[str]:
        """What the engine itself finds wrong with its file."""
        return []

    def shrink(self, *, whole: bool) -> None:
        """Give back what was freed; `whole` takes its time and gives back all."""

    def listen(self, heard: Callable[[], None]) -> None:
        """Call `heard`, in another thread, when another process may have appended something."""

    def stop_listening(self) -> None:
        """End that."""

    def abort(self) -> None:
        """From another thread: let the call that hangs fail."""

    def close(self) -> None:
        """Let go of the database."""
        if self._held is not None:
            self._held.close()
            self._held = None
        self.engine.dispose()

    def _rows(self, connection: Connection, after: int, last: int) -> list[LogRow]:
        """The rows of the log after a position, up to another one, in order."""
        if last <= after:
            return []
        chosen = select(log).where(log.c.position > after, log.c.position <= last)
        found = connection.execute(chosen.order_by(log.c.position)).all()
        return [LogRow(row.position, row.world_id, row.effects) for row in found]

    def _all_rows(self, connection: Connection, after: int) -> Iterator[LogRow]:
        """All rows after a position, which may be too many to hold at once."""
        asked = select(log).where(log.c.position > after).order_by(log.c.position)
        for row in connection.execution_options(yield_per=FETCHED).execute(asked):
            yield LogRow(row.position, row.world_id, row.effects)

    def _parts(self, connection: Connection, generation: int) -> Iterator[PartRow]:
        chosen = select(snapshot).where(snapshot.c.generation == generation)
        asked = chosen.order_by(snapshot.c.number)
        for row in connection.execution_options(yield_per=4).execute(asked):
            yield PartRow(row.part, row.world_id, row.content)

    def _head(self, connection: Connection) -> Head:
        return self._checked(connection.execute(select(head)).one())

    @staticmethod
    def _checked(row: Row[Any]) -> Head:
        if row.effects_version > VERSION:
            raise LogIsNewerError("a later release of hakuna-mock writes to it; install that one")
        return Head(row.store_id, row.position, row.snapshot_position, row.generation)

    def _freeze_reads(self, connection: Connection) -> None:
        """Let all reads of this transaction see the same moment."""

    def _announce(self, connection: Connection, position: int) -> None:
        """Tell other processes, in the transaction that appends."""

    def _open_transaction(self) -> Connection:
        try:
            self._held = self.engine.connect()
        except SQLAlchemyError as error:
            raise DatabaseError(self.reason(error)) from error
        return self._held

    def _release(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None

    @contextmanager
    def _named(self, connection: Connection) -> Iterator[None]:
        """Roll back and raise DatabaseError where something fails."""
        try:
            yield
        except (SQLAlchemyError, DatabaseError, OSError, UnicodeError) as error:
            self._held = None
            _give_up(connection)
            if isinstance(error, DatabaseError):
                raise
            raise DatabaseError(self.reason(error)) from error

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """A connection to read with."""
        connection = self._open_transaction()
        with self._named(connection):
            yield connection
            connection.rollback()
            self._release()

    def reason(self, error: Exception) -> str:
        """What went wrong, in a few words."""
        cause = getattr(error, "orig", None) or error
        return " ".join(str(cause).split()) or type(cause).__name__


def _give_up(connection: Connection) -> None:
    """End a transaction that failed, on a connection that may be broken."""
    try:
        connection.rollback()
    except (SQLAlchemyError, OSError):
        connection.invalidate()
    finally:
        connection.close()


def new_generation() -> int:
    """The name of a snapshot that nobody else takes."""
    return secrets.randbits(62) or 1


def batches(parts: Iterable[PartRow]) -> Iterator[list[PartRow]]:
    """Rows of a snapshot, as many together as are written at once."""
    batch: list[PartRow] = []
    size = 0
    for part in parts:
        batch.append(part)
        size += len(part.content)
        if size >= PART_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
