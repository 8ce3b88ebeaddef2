"""Who waits for a log: the futures of decisions, and how they are told."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from contracts.values import dataclass
from mock_server.store.decisions import Decisions

T = TypeVar("T")


@dataclass(slots=True)
class Waiting(Generic[T]):
    """Somebody who waits for a decision."""

    future: "asyncio.Future[T]"
    decide: Callable[[Decisions], T]
    prepare: Callable[[Decisions], Awaitable[None]] | None = None
    """Where deciding takes long, its first part, which leaves the loop to others."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What somebody will be told once it is durable: a result, or what `decide` raised."""

    future: "asyncio.Future[Any]"
    result: Any = None
    error: Exception | None = None

    def tell(self) -> None:
        """Tell it."""
        if self.error is not None:
            fail(self.future, self.error)
        else:
            answer(self.future, self.result)


def decided(item: Waiting[Any], decisions: Decisions) -> Decided:
    """Decide for somebody; an error is theirs alone."""
    try:
        return Decided(item.future, item.decide(decisions))
    except Exception as error:  # noqa: BLE001 - it belongs to who asked
        return Decided(item.future, error=error)


def answer(future: "asyncio.Future[Any]", result: Any) -> None:
    """Give a result to somebody who may have left."""
    if not future.done():
        future.set_result(result)


def fail(future: "asyncio.Future[Any]", error: Exception) -> None:
    """Give an error to somebody who may have left."""
    if not future.done():
        future.set_exception(error)
        future.exception()  # nobody may be left who asks for it


def ignored(future: "asyncio.Future[Any]") -> None:
    """What comes of work that nobody waits for any more."""
    if not future.cancelled():
        future.exception()
