"""An outage: for a while every event of a world meets the same fault. For testing queues."""

from typing import Any

from contracts.faults.catalogue import Effect, FaultError
from contracts.faults.fault import Fault
from contracts.suggestions import hint
from contracts.timing.moment import Moment
from contracts.timing.rfc3339 import SECOND
from contracts.values import dataclass

MODES = {"refuse": "unavailable", "hang": "timeout", "reset": "reset"}
"""What can be said, and the effect that it means."""

MAX_SECONDS = 86_400

OUTAGE = "the outage"
"""The id of its fault; with a blank, so that no armed fault has the same one."""


@dataclass(frozen=True)
class Outage:
    """`seconds` is how long it lasts, None until it is ended."""

    mode: str
    begun: Moment
    seconds: float | None = None

    def left(self, now: Moment) -> float | None:
        """Seconds to its end, 0 when it is over; None where it has no end."""
        if self.seconds is None:
            return None
        return max(0.0, self.seconds - now.since(self.begun) / SECOND)

    def is_on(self, now: Moment) -> bool:
        """Whether it still lasts."""
        return self.left(now) != 0

    @property
    def fault(self) -> Fault:
        """What every event meets meanwhile."""
        return Fault(OUTAGE, Effect(MODES[self.mode]), times=None)

    def to_json(self, now: Moment) -> dict[str, Any] | None:
        """As the settings show it; None when it is over."""
        left = self.left(now)
        if left == 0:
            return None
        shown = None if left is None else round(left, 3)
        return {"mode": self.mode, "seconds": self.seconds, "left_s": shown}


def read_outage(asked: Any, now: Moment, current: Outage | None) -> Outage | None:
    """The outage of a JSON document: null or false for none, a mode, or `{"mode", "seconds"?}`.

    What the settings showed (it has `left_s`) goes on; anything else begins anew.
    """
    if asked is None or asked is False:
        return None
    if isinstance(asked, str):
        asked = {"mode": asked}
    if not isinstance(asked, dict):
        raise FaultError('must be null, "refuse", or {"mode": "hang", "seconds": 30}', "/outage")
    for name in asked:
        if name not in ("mode", "seconds", "left_s"):
            more = hint(name, ("mode", "seconds"))
            raise FaultError(f"there is no {name[:40]!r} in an outage{more}", "/outage")
    mode, seconds = asked.get("mode", "refuse"), asked.get("seconds")
    if not isinstance(mode, str) or mode not in MODES:
        more = hint(str(mode), MODES)
        raise FaultError(f"must be one of {', '.join(MODES)}{more}", "/outage/mode")
    number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if seconds is not None and not (number and 0 < seconds <= MAX_SECONDS):
        raise FaultError(f"must be a number of seconds up to {MAX_SECONDS}", "/outage/seconds")
    same = current is not None and (current.mode, current.seconds) == (mode, seconds)
    if "left_s" in asked and same:
        return current
    return Outage(mode, now, seconds)
