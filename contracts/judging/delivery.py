"""How a reply leaves: sent, cut or held back. The shell does what the value says, and nothing else.

Which it is follows from the verdict's reply and the fault that plays.
"""

from typing import Any

from contracts.faults.catalogue import Ending
from contracts.faults.fault import FAULT_HEADER, Fault
from contracts.faults.outage import OUTAGE
from contracts.json_text.writer import encoded
from contracts.values import dataclass

Headers = tuple[tuple[str, str], ...]

_JSON = ("Content-Type", "application/json")


@dataclass(frozen=True, slots=True)
class Send:
    """Send a reply, `delay_ms` milliseconds late."""

    status: int
    headers: Headers
    body: bytes
    delay_ms: int = 0


@dataclass(frozen=True, slots=True)
class Cut:
    """End the connection without a reply, `reset` by a TCP reset."""

    reset: bool
    delay_ms: int = 0


@dataclass(frozen=True, slots=True)
class Hang:
    """Never reply; `until_outage_ends` cuts the connection when the world's outage is over."""

    until_outage_ends: bool
    delay_ms: int = 0


Delivery = Send | Cut | Hang


def delivery(
    status: int | None, headers: Headers, body: dict[str, Any], fault: Fault | None
) -> Delivery:
    """How the reply to a request leaves; `status` is None where a fault swallows it."""
    if fault is None:
        assert status is not None  # noqa: S101 - only faults swallow replies
        return Send(status, (*headers, _JSON), encoded(body))
    effect, kind = fault.effect, fault.effect.kind
    if kind.ending is Ending.HANG:
        return Hang(fault.id == OUTAGE, effect.delay_ms)
    if status is None:
        return Cut(kind.ending is Ending.RESET, effect.delay_ms)
    if not any(name == FAULT_HEADER for name, _ in headers):
        headers = (*headers, (FAULT_HEADER, effect.name))
    headers = (*headers, ("Content-Type", kind.content_type))
    return Send(status, headers, kind.content(body), effect.delay_ms)
