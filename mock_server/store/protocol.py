"""What a store is: worlds, and a log of the effects that made them.

It decides and appends in one transaction and gives away values only, so nobody outside holds
anything that changes. A new store is one class with these methods and its line in `opening.py`.
"""

from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

from contracts.values import dataclass
from contracts.worlds.effects import Effect
from contracts.worlds.world import World
from mock_server.store.reader import Reader

T = TypeVar("T")


class UnknownWorldError(LookupError):
    """There is no world with that id (any more)."""


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """What a transaction decided: a result for whoever asked, and the effects to append."""

    result: T
    effects: tuple[Effect, ...]


class Aside(Protocol):
    """Runs a job outside the event loop, as `WorkerThread.run` does."""

    def __call__(self, job: Callable[[], T], /) -> Awaitable[T]: ...


class StoreUnavailableError(Exception):
    """The store cannot be read or written just now; nothing was changed. The text says why.

    `in_doubt`: the connection broke during the commit, so it may have been changed after all.
    """

    def __init__(self, why: str, *, in_doubt: bool = False) -> None:
        super().__init__(why)
        self.in_doubt = in_doubt


class Store(Protocol):
    """A keeper of worlds. `kind` names it in `/health`; `durable` says whether it survives.

    `shared` says that other processes write to it, too; `identity` is another one for each log, so
    numbers that were seen in one mean nothing in another. Each method raises StoreUnavailableError
    where the store cannot be reached in time.
    """

    kind: str
    durable: bool
    shared: bool
    identity: str

    @property
    def problem(self) -> str | None:
        """Why nothing can be written at the moment; None where all is well."""

    @property
    def judges_at_once(self) -> bool:
        """Whether `change_key` now waits for nothing, so that its reply can be written at once."""

    @property
    def latest_number(self) -> int:
        """The number of the latest request that is kept or was."""

    def next_number(self) -> int:
        """The number of a request that is being decided on.

        Of a shared store it may only be asked for while deciding.
        """

    def start(self, on_change: Callable[[bool], None]) -> None:
        """Begin to follow other processes. `on_change` is called after each change that one of them
        made, with whether it made something disappear.
        """

    async def close(self) -> None:
        """Let go of files and connections."""

    @property
    def position(self) -> int:
        """How many effects the log has seen."""

    async def change_key(
        self, key: str | None, decide: Callable[[World], Change[T]], aside: Aside | None = None
    ) -> T:
        """Decide in the world of a key, which is made on first use, and append what was decided.

        None is the world of requests without a good key. `aside` runs `decide` elsewhere, because
        it takes long; nothing else is decided in that world meanwhile.
        """

    async def change(
        self, world_id: str | None, decide: Callable[[World], Change[T]], aside: Aside | None = None
    ) -> T:
        """The same in the world with that id; UnknownWorldError where there is none."""

    async def change_all(self, decide: Callable[[World], Change[T]]) -> T:
        """The same in every world and in what new ones start with, in all of them or in none.

        The result is that of what new ones start with.
        """

    async def delete(self, world_id: str) -> None:
        """Delete a world with its settings; UnknownWorldError where there is none."""

    async def read(self) -> Reader:
        """Everything that was appended so far, for reading."""
