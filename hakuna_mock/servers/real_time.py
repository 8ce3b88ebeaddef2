"""Time that passes whatever a test does to its clock: waiting goes on under freezegun."""

import time


def monotonic() -> float:
    """Seconds of the system's clock, which freezegun stops only where there is no other way to it.

    (Windows has no `clock_gettime`.)
    """
    if hasattr(time, "clock_gettime"):
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.monotonic()
