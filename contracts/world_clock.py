"""The clock of a world: it runs with the machine's, ahead of it, or stands still.

`timestamp-future` and everything that waits (an outage, `Retry-After`) reads it.
"""

from dataclasses import dataclass, replace

from contracts.instant import Instant


@dataclass(frozen=True, slots=True)
class WorldClock:
    """`stopped` is the time at which it stands, None while it runs; `ahead` nanoseconds."""

    stopped: Instant | None = None
    ahead: int = 0

    def time(self, machine: Instant) -> Instant:
        """What it shows when the machine's clock shows that."""
        return machine + self.ahead if self.stopped is None else self.stopped

    def advanced(self, by: int) -> "WorldClock":
        """So many nanoseconds later; it goes on running, or standing."""
        if self.stopped is not None:
            return replace(self, stopped=self.stopped + by)
        return replace(self, ahead=self.ahead + by)

    def stopped_at(self, instant: Instant) -> "WorldClock":
        """Standing at that time."""
        return WorldClock(instant)

    def running(self, machine: Instant) -> "WorldClock":
        """Running on from the time that it shows."""
        return WorldClock(None, self.time(machine) - machine)
