"""SQLite as the engine of a log: one file, one process, nothing lost when that is killed.

The file is locked for as long as the process lives, by the operating system, so a killed process
leaves no lock behind. `synchronous=FULL` lets a commit return only when it is on disk.
"""

import os
import secrets
import sqlite3
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.exc import DatabaseError as SqlError
from sqlalchemy.pool import StaticPool

from mock_server.start_error import StartError
from mock_server.store.log.database import Database, DatabaseError
from mock_server.store.log.migrating import check_age, upgrade

APPLICATION_ID = 0x68_6B_6D_6B
"""`hkmk` in the header of the file: it tells our files from those of others."""

MAGIC = b"SQLite format 3\0"
WAL_LIMIT = 64 * 1024 * 1024
FREED_PAGES = 2000
"""Pages of 4 KiB that are given back after a compaction while others wait."""

_WRONG = {
    "database is locked": "another process uses it; stop that one, or give each its own --state",
    "attempt to write a readonly database": "it cannot be written; check the file's permissions",
    "unable to open database file": "it cannot be opened; check the permissions of its folder",
    "file is not a database": "it is not a state file, or it is damaged",
    "database disk image is malformed": "it is damaged; restore a copy, or use another --state",
}


class SqliteDatabase(Database):
    """A log in a SQLite file, which no other process opens meanwhile."""

    kind = "sqlite"
    shared = False
    answer_seconds = 30.0

    def __init__(self, path: Path) -> None:
        # One connection for all: it holds the lock of the file.
        engine = create_engine(
            f"sqlite:///file:{_quoted(path)}?mode=rw&uri=true",
            poolclass=StaticPool,
            connect_args={"check_same_thread": False, "timeout": 0, "cached_statements": 50},
        )
        event.listen(engine, "connect", _set_up)
        super().__init__(engine, str(path))
        self._path = path

    def size(self) -> int:
        total = 0
        for suffix in ("", "-wal"):
            with suppress(OSError):
                total += Path(f"{self._path}{suffix}").stat().st_size
        return total

    def check(self) -> list[str]:
        with self._reading() as connection:
            found = connection.execute(text("PRAGMA integrity_check(20)")).scalars().all()
        return [str(item) for item in found if item != "ok"]

    def shrink(self, *, whole: bool) -> None:
        connection = self._open_transaction()
        with self._named(connection):
            raw: Any = connection.connection.dbapi_connection
            if whole:
                raw.execute("VACUUM")
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            else:
                raw.execute(f"PRAGMA incremental_vacuum({FREED_PAGES})").fetchall()
            self._release()


def open_sqlite(path: Path, *, make: bool = True) -> SqliteDatabase:
    """The log of a file, made where there is none unless `make` is False; StartError where it
    cannot be used, and then it is as it was.
    """
    try:
        if not path.exists() and not make:
            raise StartError(f"{path}: there is no such file; name the one that --state named")
        if make and (not path.exists() or path.stat().st_size == 0):
            _make(path)
        _check_header(path)
        return _opened(path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StartError(f"--state {path}: {reason}; check the path and its permissions") from None


def _make(path: Path) -> None:
    """Make the file under another name first, so that it is never seen half made."""
    if not path.parent.is_dir():
        raise StartError(
            f"--state {path}: there is no folder {path.parent}; make it, or use another path"
        )
    half = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    half.touch(mode=0o600)
    try:
        engine = create_engine(f"sqlite:///file:{_quoted(half)}?mode=rw&uri=true")
        with engine.begin() as connection:
            connection.execute(text("PRAGMA auto_vacuum=INCREMENTAL"))
            connection.execute(text(f"PRAGMA application_id={APPLICATION_ID}"))
            upgrade(connection)
        engine.dispose()
        if path.exists():
            half.replace(path)  # an empty file, such as one that a container mounts
        else:
            with suppress(FileExistsError):  # another process was faster
                os.link(half, path)
    except SqlError as error:
        raise StartError(f"--state {path}: {_in_words(error)}") from None
    finally:
        half.unlink(missing_ok=True)


def _check_header(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(100)
    if not path.is_file():
        raise StartError(f"--state {path}: this is not a file; name the file to keep the state in")
    found = struct.unpack(">I", start[68:72])[0] if len(start) == 100 else 0
    if not start.startswith(MAGIC) or found != APPLICATION_ID:
        raise StartError(
            f"--state {path}: this is not a state file of hakuna-mock, so it is left as it is; "
            "name another file (it is made where there is none)"
        )
    for item in (path, path.parent):
        if not os.access(item, os.W_OK):
            raise StartError(
                f"--state {path}: {item} cannot be written by this user; change its permissions or "
                "use another path"
            )


def _opened(path: Path) -> SqliteDatabase:
    database = SqliteDatabase(path)
    try:
        with database.engine.connect() as connection:
            check_age(connection, str(path))
            _start_writing(connection)
    except SqlError as error:
        database.close()
        raise StartError(f"--state {path}: {_in_words(error)}") from None
    except BaseException:
        database.close()
        raise
    try:
        database.probe()
    except DatabaseError as error:
        database.close()
        raise StartError(f"--state {path}: {_WRONG.get(str(error), str(error))}") from None
    return database


def _start_writing(connection: Connection) -> None:
    raw: Any = connection.connection.dbapi_connection
    connection.commit()
    raw.execute("PRAGMA journal_mode=WAL").fetchall()
    upgrade(connection)
    connection.commit()


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in (
        "locking_mode=EXCLUSIVE",
        "synchronous=FULL",
        f"journal_size_limit={WAL_LIMIT}",
        "cache_size=-8000",
        "mmap_size=0",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _in_words(error: SqlError) -> str:
    message = str(error.orig)
    return _WRONG.get(message, message)


def _quoted(path: Path) -> str:
    """A path as part of a file: URI, whose own signs `?`, `#` and `%` are."""
    from urllib.parse import quote  # noqa: PLC0415

    return quote(str(path.absolute()))
