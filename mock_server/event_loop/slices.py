"""Long answers are made in slices, a few at a time: others are answered in between."""

import asyncio
import time
from collections import deque
from weakref import WeakKeyDictionary

SLICE_SECONDS = 0.001
"""How long an answer may go on at a time."""

AT_ONCE = 1
"""How many slices are made before everybody else had a turn, however many answers are under way."""


class _Turns:
    """Those that wait for their next slice, on one event loop."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self) -> None:
        """Wait for a turn."""
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self._waiting.append(turn)
        if len(self._waiting) == 1:
            loop.call_soon(self._give)
        await turn

    def _give(self) -> None:
        given = 0
        while self._waiting and given < AT_ONCE:
            turn = self._waiting.popleft()
            if not turn.done():  # one that is gone waits for nothing
                turn.set_result(None)
                given += 1
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._give)


_TURNS: WeakKeyDictionary[asyncio.AbstractEventLoop, _Turns] = WeakKeyDictionary()


class Slices:
    """One answer under way."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    async def begin(self) -> None:
        """Wait for the first slice: thousands may ask at the same moment."""
        await _TURNS.setdefault(asyncio.get_running_loop(), _Turns()).take()
        self._since = time.perf_counter()

    async def pause(self) -> None:
        """Let the others go on where this one had its slice."""
        if time.perf_counter() - self._since > SLICE_SECONDS:
            await self.begin()
