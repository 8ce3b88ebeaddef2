"""The clock of a world: it runs with the machine's, ahead of it, or stands still.

`timestamp-future` and everything that waits (an outage, `Retry-After`) reads it.
"""

import re
from typing import Any

from contracts.suggestions import hint
from contracts.timing.rfc3339 import DAY, SECOND, Instant, parse_instant, why_not_an_instant
from contracts.values import dataclass, replace

_SPAN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(ms|s|m|h|d|w)?")
_UNITS = {
    "ms": SECOND // 1000,
    "s": SECOND,
    "m": 60 * SECOND,
    "h": 3600 * SECOND,
    "d": DAY,
    "w": 7 * DAY,
}
_YEAR_1, _YEAR_9999 = -62_135_596_800 * SECOND, 253_402_300_799 * SECOND
_MEMBERS = ("reset", "freeze", "advance")


class ClockError(ValueError):
    """A clock cannot be set so; `pointer` says where in the document."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(message)
        self.pointer = pointer


@dataclass(frozen=True, slots=True)
class WorldClock:
    """`stopped` is the time at which it stands, None while it runs; `ahead` nanoseconds."""

    stopped: Instant | None = None
    ahead: int = 0

    def time(self, machine: Instant) -> Instant:
        """What it shows when the machine's clock shows that; it stays within RFC 3339."""
        return min(max(self._unbounded(machine), _YEAR_1), _YEAR_9999)

    def is_beyond(self, machine: Instant) -> bool:
        """Whether it is set to a time that RFC 3339 cannot write."""
        return not _YEAR_1 <= self._unbounded(machine) <= _YEAR_9999

    def _unbounded(self, machine: Instant) -> Instant:
        return machine + self.ahead if self.stopped is None else self.stopped

    def advanced(self, by: int) -> "WorldClock":
        """So many nanoseconds later; it goes on running, or standing."""
        if self.stopped is not None:
            return replace(self, stopped=self.stopped + by)
        return replace(self, ahead=self.ahead + by)

    def running(self, machine: Instant) -> "WorldClock":
        """Running on from the time that it shows."""
        return WorldClock(None, self.time(machine) - machine)


def set_clock(clock: WorldClock, asked: Any, machine: Instant) -> WorldClock:
    """The clock after `{"reset"?, "freeze"?, "advance"?}`, done in this order; ClockError else.

    `freeze` is true, a point in time, or false to run on; `advance` seconds, or text such as `14d`.
    """
    if not isinstance(asked, dict) or not asked:
        raise ClockError("", 'say what to do: {"advance": "14d"} or {"freeze": true}')
    for name in asked:
        if name not in _MEMBERS:
            more = hint(name, _MEMBERS)
            raise ClockError(f"/{name[:40]}", f"there is no such thing to do{more}")
    if asked.get("reset", True) is not True:
        raise ClockError("/reset", "must be true")
    if "reset" in asked:
        clock = WorldClock()
    if "freeze" in asked:
        clock = _frozen(clock, asked["freeze"], machine)
    if "advance" in asked:
        clock = clock.advanced(_span(asked["advance"]))
    if clock.is_beyond(machine):
        raise ClockError("/advance", "the clock shows the years 1 to 9999 only")
    return clock


def _frozen(clock: WorldClock, value: Any, machine: Instant) -> WorldClock:
    if value is True:
        return WorldClock(clock.time(machine))
    if value is False:
        return clock.running(machine)
    instant = parse_instant(value) if isinstance(value, str) else None
    if instant is None:
        why = why_not_an_instant(value)
        raise ClockError("/freeze", f"must be true, false or a point in time: {why}")
    return WorldClock(instant)


def _span(value: Any) -> int:
    """A span of time in nanoseconds: seconds as a number, or text such as `90s`, `12h`, `14d`."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 10**9:
        return round(value * SECOND)
    match = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ClockError("/advance", 'must be seconds, or text such as "90s", "12h", "14d"')
    return round(float(match[1]) * _UNITS[match[2] or "s"])
