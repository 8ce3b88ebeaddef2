"""Garbage collection in small steps, so that no client waits for a large one.

What is kept of requests has no cycles: it goes when nothing refers to it. Python would look at all
of it again and again nevertheless, for seconds where a world is full. So while requests come the
young objects are looked at 50 times a second, which takes a few milliseconds, and those that stay
are not looked at any more (`gc.freeze`).
"""

import asyncio
import gc

STEP_SECONDS = 0.02
STEPS_OF_YOUNG = 5
"""After so many steps those that survived them are looked at together, for the last time."""

THRESHOLDS = (5_000, 4, 1_000)
"""For what is made without requests: new objects, and how often a younger generation is looked at
before an older one.
"""


class Garbage:
    """Collects as long as requests come; without any it does nothing."""

    def __init__(self) -> None:
        self._timer: asyncio.TimerHandle | None = None
        self._steps = 0

    def note(self) -> None:
        """A request left something behind."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(STEP_SECONDS, self._collect)

    def _collect(self) -> None:
        self._timer = None
        self._steps += 1
        if self._steps % STEPS_OF_YOUNG:
            gc.collect(0)
        else:
            gc.collect(1)
            gc.freeze()
