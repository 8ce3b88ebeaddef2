"""Which store a server keeps its worlds in: the one place that knows them all.

A store is a class that does what `protocol.py` asks, and a line here.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from contracts.worlds.policy import Policy
from contracts.worlds.retention import Bounds
from mock_server.start_error import StartError
from mock_server.store.memory import MemoryStore
from mock_server.store.protocol import Store
from mock_server.store.state_target import is_postgres
from mock_server.store.worlds import Worlds

if TYPE_CHECKING:
    from mock_server.store.log.database import Database

MISSING = (
    "a durable state needs libraries that are not installed ({name}): "
    "pip install 'hakuna-mock[{extra}]'"
)


def open_store(
    state: str | None,
    policy: Policy,
    bounds: Bounds,
    notice: Callable[[str], None] = lambda _: None,
) -> Store:
    """The store that `--state` names, in memory for None; StartError where it cannot be used."""
    if state is None:
        return MemoryStore(policy, bounds, notice)
    database = open_database(state)
    from mock_server.store.log.database import DatabaseError  # noqa: PLC0415 - an extra
    from mock_server.store.log.log_store import LogStore  # noqa: PLC0415
    from mock_server.store.log.rows import DamagedLogError  # noqa: PLC0415

    try:
        return LogStore(database, lambda: Worlds(policy, bounds), notice)
    except (DatabaseError, DamagedLogError) as error:
        database.close()
        raise StartError(
            f"--state {database.where}: {error}; `hakuna-mock state check` says more"
        ) from None


def open_database(state: str, *, make: bool = True) -> "Database":
    """The database of a log, made where there is none unless `make` is False; StartError where it
    cannot be used.
    """
    postgres = is_postgres(state)
    try:
        if postgres:
            from mock_server.store.log.postgres import open_postgres  # noqa: PLC0415

            return open_postgres(state, make=make)
        from mock_server.store.log.sqlite import open_sqlite  # noqa: PLC0415

        return open_sqlite(Path(state), make=make)
    except ModuleNotFoundError as error:
        raise StartError(missing(error.name or "", state)) from None


def missing(name: str, state: str) -> str:
    """What to do where a library is not installed."""
    return MISSING.format(name=name, extra="postgres" if is_postgres(state) else "sqlite")
