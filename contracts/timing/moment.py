"""A point in time on two clocks: the world's, which can be stopped and set, and a monotonic one.

How long a client waited is what either clock says, the longer of the two: a test that sleeps and a
test that sets the clock forward have both waited.
"""

from contracts.timing.rfc3339 import Instant
from contracts.values import dataclass


@dataclass(frozen=True, slots=True)
class Moment:
    """`at` is the world's time, `monotonic_ns` a counter of nanoseconds that only goes forward."""

    at: Instant
    monotonic_ns: int = 0

    def since(self, earlier: "Moment") -> int:
        """Nanoseconds from an earlier moment, at least 0."""
        return max(self.at - earlier.at, self.monotonic_ns - earlier.monotonic_ns, 0)
