"""Long answers are made in slices, so that others are answered in between."""

import asyncio
import time

SLICE_SECONDS = 0.001
"""How long an answer may go on at a time: several of them are made side by side."""


class Slices:
    """One answer under way."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    async def pause(self) -> None:
        """Let the others go on where this one had its slice."""
        if time.perf_counter() - self._since > SLICE_SECONDS:
            await asyncio.sleep(0)
            self._since = time.perf_counter()
