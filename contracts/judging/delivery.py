"""How a reply leaves: sent, cut or held back. The shell does what the value says, and nothing else.

Which it is follows from the verdict's reply and the fault that plays.
"""

import json
from dataclasses import dataclass
from typing import Any

from contracts.faults.fault import FAULT_HEADER, Fault
from contracts.faults.outage import OUTAGE

Headers = tuple[tuple[str, str], ...]

_JSON = ("Content-Type", "application/json")
_BAD_GATEWAY = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    b"<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>hakuna-mock fault</center>\r\n"
    b"</body>\r\n</html>\r\n"
)


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


def encoded(body: dict[str, Any]) -> bytes:
    """A reply's body as bytes."""
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def delivery(
    status: int | None, headers: Headers, body: dict[str, Any], fault: Fault | None
) -> Delivery:
    """How the reply to a request leaves; `status` is None where a fault swallows it."""
    if fault is None:
        assert status is not None  # noqa: S101 - only faults swallow replies
        return Send(status, (*headers, _JSON), encoded(body))
    effect = fault.effect
    if effect.name == "timeout":
        return Hang(fault.id == OUTAGE, effect.delay_ms)
    if status is None:
        return Cut(effect.name == "reset", effect.delay_ms)
    if not any(name == FAULT_HEADER for name, _ in headers):
        headers = (*headers, (FAULT_HEADER, effect.name))
    if effect.name == "bad_gateway":
        html = (*headers, ("Content-Type", "text/html"))
        return Send(status, html, _BAD_GATEWAY, effect.delay_ms)
    if effect.name == "extra_fields" and status == 200:
        body = {**body, "status": "accepted", "meta": {"trace": body.get("event_id"), "tags": []}}
    data = encoded(body)
    if effect.name == "bad_json":
        data = data[: len(data) // 2]
    if effect.name == "empty":
        data = b""
    return Send(status, (*headers, _JSON), data, effect.delay_ms)
