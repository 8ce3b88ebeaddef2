"""One thread for what would keep the event loop to itself: large bodies and long dry runs.

One job at a time, in their order, so that everybody else shares the processor with one of them at
most. Python hands it over every few milliseconds.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

LARGE_BODY = 32 * 1024
"""Bytes from which on a body is read and judged in the thread: the worst of less takes 8 ms."""


class WorkerThread:
    """The thread of one server; it starts with its first job."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "hakuna-mock-worker")

    async def run(self, job: Callable[[], T]) -> T:
        """What the job returns, or raises."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, job)

    def close(self) -> None:
        """Drop the jobs that have not begun."""
        self._pool.shutdown(wait=False, cancel_futures=True)
