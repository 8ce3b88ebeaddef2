"""PostgreSQL as the engine of a log that several servers share.

The row of `head` is the lock: a transaction that appends holds it from before it reads what others
appended until it is committed, so the log has one order and no gaps, and nobody sees a position
before the ones that precede it. Clocks decide nothing. The lock is of the transaction, so a server
that dies while it holds it loses it with its connection.

The driver is psycopg: it blocks, as everything here does in a thread of its own, and Alembic and
LISTEN use the same one.
"""

import secrets
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
from sqlalchemy import URL, Connection, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from mock_server.start_error import StartError
from mock_server.store.log.database import Database
from mock_server.store.log.migrating import check_age, upgrade
from mock_server.store.log.schema import head, log, snapshot
from mock_server.store.state_target import shown

CHANNEL = "hakuna_mock_log"
"""Where servers tell each other that they appended something."""

UPGRADE_LOCK = 0x68_6B_6D_6B
"""The advisory lock that lets one server at a time make or change the tables."""

CONNECT_SECONDS = 4
LOCK_SECONDS, STATEMENT_SECONDS, IDLE_SECONDS = 4, 5, 10
"""How long the server waits for a lock, works on a statement, and lets a transaction wait for us:
after that a server that no longer answers does not keep the lock from the others.
"""

POLL_SECONDS = 1.0
"""How often the log is looked at without being told, for a notification may be lost."""

_HINTS = {
    "password authentication failed": "is the password right? It is taken from the URL, from "
    "PGPASSWORD, or from a file (?passfile=… in the URL, PGPASSFILE)",
    "no password supplied": "give a password in the URL, in PGPASSWORD, or in a file (?passfile=… "
    "in the URL, PGPASSFILE)",
    "connection refused": "is PostgreSQL running there, and the port right?",
    "timeout expired": "is the address right, and does a firewall let the connection through?",
    "name or service not known": "is the name of the host right?",
    "failed to resolve": "is the name of the host right?",
    "permission denied": "the user needs CREATE on the schema: GRANT CREATE ON SCHEMA public TO …",
}


class PostgresDatabase(Database):
    """A log in a PostgreSQL database, to which other servers write, too."""

    kind = "postgresql"
    shared = True
    answer_seconds = 6.0

    def __init__(self, url: URL, where: str) -> None:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=2,
            max_overflow=1,
            pool_timeout=CONNECT_SECONDS,
            pool_use_lifo=True,
            connect_args=_connect_args(url),
        )
        event.listen(engine, "connect", _set_up)
        super().__init__(engine, where)
        self._secret = str(url.password or "")
        self._own = secrets.token_hex(6)
        self._stopped = threading.Event()

    def reason(self, error: Exception) -> str:
        message = super().reason(error)
        return message.replace(self._secret, "***") if self._secret else message

    def size(self) -> int:
        tables = [table.name for table in (head, log, snapshot)]
        asked = " + ".join(f"pg_total_relation_size('{name}')" for name in tables)
        with self._reading() as connection:
            return int(connection.scalar(text(f"SELECT {asked}")) or 0)

    def shrink(self, *, whole: bool) -> None:
        if whole:  # else autovacuum does it
            connection = self._open_transaction().execution_options(isolation_level="AUTOCOMMIT")
            with self._named(connection):
                for table in (head, log, snapshot):
                    connection.execute(text(f"VACUUM {table.name}"))
                self._release()

    def listen(self, heard: Callable[[], None]) -> None:
        threading.Thread(
            target=self._listen, args=(heard,), name="hakuna-mock-listen", daemon=True
        ).start()

    def stop_listening(self) -> None:
        self._stopped.set()

    def _listen(self, heard: Callable[[], None]) -> None:
        while not self._stopped.is_set():
            with suppress(SQLAlchemyError, psycopg.Error, OSError):
                pooled = self.engine.raw_connection()
                raw: Any = pooled.driver_connection
                pooled.detach()
                with raw:
                    self._hear(raw, heard)
            heard()
            self._stopped.wait(POLL_SECONDS)

    def _hear(self, raw: Any, heard: Callable[[], None]) -> None:
        """Tell of what others append until the connection breaks, and every second in any case."""
        raw.autocommit = True
        raw.execute("SET statement_timeout = 0")
        raw.execute(f"LISTEN {CHANNEL}")
        while not self._stopped.is_set():
            told = [item.payload for item in raw.notifies(timeout=POLL_SECONDS, stop_after=1)]
            if told != [self._own]:
                heard()

    def abort(self) -> None:
        held = self._held
        with suppress(Exception):  # it may be gone already
            assert held is not None  # noqa: S101
            number = held.connection.dbapi_connection.pgconn.socket  # type: ignore[union-attr]
            with socket.socket(fileno=socket.dup(number)) as own:
                own.shutdown(socket.SHUT_RDWR)

    def _freeze_reads(self, connection: Connection) -> None:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))

    def _announce(self, connection: Connection, position: int) -> None:
        del position
        connection.execute(text(f"SELECT pg_notify('{CHANNEL}', :own)"), {"own": self._own})


def open_postgres(state: str, *, make: bool = True) -> PostgresDatabase:
    """The log of a database, its tables made where there are none unless `make` is False;
    StartError where it cannot be used.
    """
    where = shown(state)
    try:
        database = PostgresDatabase(make_url(state), where)
    except (ArgumentError, ValueError, TypeError) as error:
        raise StartError(
            f"--state {where}: this URL cannot be read ({type(error).__name__})"
        ) from None
    try:
        with database.engine.begin() as connection:
            _check_encoding(connection, where)
            connection.execute(text("SELECT pg_advisory_xact_lock(:it)"), {"it": UPGRADE_LOCK})
            _must_be_there(check_age(connection, where) or make, where)
            upgrade(connection)
    except SQLAlchemyError as error:
        database.close()
        raise StartError(f"--state {where}: {_in_words(database.reason(error))}") from None
    except BaseException:
        database.close()
        raise
    return database


def _must_be_there(there: bool, where: str) -> None:  # noqa: FBT001 - it reads as a sentence
    if not there:
        raise StartError(f"{where}: this database holds no state of hakuna-mock")


def _check_encoding(connection: Connection, where: str) -> None:
    encoding = connection.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8":
        raise StartError(
            f"--state {where}: the encoding of this database is {encoding}, which cannot hold all "
            "texts; make one with: createdb --encoding=UTF8 --template=template0 NAME"
        )


def _connect_args(url: URL) -> dict[str, Any]:
    """What the URL does not set itself."""
    defaults = {
        "connect_timeout": CONNECT_SECONDS,
        "application_name": "hakuna-mock",
        "client_encoding": "utf8",
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 8000,
    }
    return {name: value for name, value in defaults.items() if name not in url.query}


def _set_up(connection: Any, _record: object) -> None:
    connection.autocommit = True
    connection.execute(
        f"SET lock_timeout = '{LOCK_SECONDS}s'; SET statement_timeout = '{STATEMENT_SECONDS}s'; "
        f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'"
    )
    connection.autocommit = False


def _in_words(said: str) -> str:
    """What PostgreSQL answered, with what to do about it."""
    lower = said.lower()
    said = said.partition(" Multiple connection attempts failed")[0].strip().rstrip(".")
    for sign, advice in _HINTS.items():
        if sign in lower:
            return f"{said}; {advice}"
    if "database" in lower and "does not exist" in lower:
        return f"{said}; make it with: createdb --encoding=UTF8 NAME"
    return said
