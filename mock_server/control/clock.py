"""The clock of a world, or of all: reading, stopping and setting it forward."""

import re
from dataclasses import replace
from typing import Any

from aiohttp import web

from contracts.instant import DAY, SECOND, parse_instant, show, why_not_an_instant
from contracts.names import hint
from contracts.policy import Policy
from contracts.world_clock import WorldClock
from mock_server.control.answers import ControlError, Handler, answered, json_body, known_parameters
from mock_server.control.narrowing import narrowed
from mock_server.control.settings import change_policies
from mock_server.keys import SERVER

_SPAN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(ms|s|m|h|d|w)?")
_UNITS = {
    "ms": SECOND // 1000,
    "s": SECOND,
    "m": 60 * SECOND,
    "h": 3600 * SECOND,
    "d": DAY,
    "w": 7 * DAY,
}
_FIRST, _LAST = parse_instant("0001-01-01T00:00:00Z"), parse_instant("9999-12-31T23:59:59Z")
_MEMBERS = ("reset", "freeze", "advance")


async def clock(request: web.Request) -> web.Response:
    """What the clock shows; without a world, that of new worlds."""
    known_parameters(request)
    policy = await request.app[SERVER].store.policy(await narrowed(request))
    return answered(_shown(policy.clock, request.app[SERVER].clock()))


async def set_clock(request: web.Request) -> web.Response:
    """`{"advance": "14d"}`, `{"freeze": true}` or a time, `{"freeze": false}`, `{"reset": true}`.

    `reset` comes first, then `freeze`, then `advance`. Without a world, the clocks of all.
    """
    known_parameters(request)
    world_id = await narrowed(request)
    asked = await json_body(request)
    machine = request.app[SERVER].clock()

    def changed(policy: Policy) -> Policy:
        return replace(policy, clock=_changed(policy.clock, asked, machine))

    policy = await change_policies(request, world_id, changed)
    return answered(_shown(policy.clock, machine))


def _changed(clock: WorldClock, asked: Any, machine: int) -> WorldClock:
    if not isinstance(asked, dict) or not asked:
        raise ControlError(400, 'say what to do: {"advance": "14d"} or {"freeze": true}')
    for name in asked:
        if name not in _MEMBERS:
            more = hint(name, _MEMBERS)
            raise ControlError(400, f"/{name[:40]}: there is no such thing to do{more}")
    if asked.get("reset") not in (None, True, False):
        raise ControlError(400, "/reset: must be true")
    if asked.get("reset"):
        clock = WorldClock()
    freeze = asked.get("freeze")
    if freeze is True:
        clock = clock.stopped_at(clock.time(machine))
    elif freeze is False:
        clock = clock.running(machine)
    elif freeze is not None:
        instant = parse_instant(freeze) if isinstance(freeze, str) else None
        if instant is None:
            why = why_not_an_instant(freeze)
            raise ControlError(400, f"/freeze: must be true, false or a point in time: {why}")
        clock = clock.stopped_at(instant)
    if "advance" in asked:
        clock = clock.advanced(_span(asked["advance"]))
    if not _within(clock.time(machine)):
        raise ControlError(400, "/advance: the clock shows the years 1 to 9999 only")
    return clock


def _within(instant: int) -> bool:
    assert _FIRST is not None  # noqa: S101 - constants
    assert _LAST is not None  # noqa: S101
    return _FIRST <= instant <= _LAST


def _span(value: Any) -> int:
    """A span of time in nanoseconds: seconds as a number, or text such as `90s`, `12h`, `14d`."""
    text = str(value) if isinstance(value, int | float | str) else ""
    match = None if isinstance(value, bool) else _SPAN.fullmatch(text.strip())
    if match is None:
        raise ControlError(400, '/advance: must be seconds, or text such as "90s", "12h", "14d"')
    return round(float(match[1]) * _UNITS[match[2] or "s"])


def _shown(clock: WorldClock, machine: int) -> dict[str, Any]:
    return {
        "now": show(clock.time(machine)),
        "frozen": clock.stopped is not None,
        "ahead_s": (clock.time(machine) - machine) / SECOND,
    }


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/clock", clock),
    ("POST", "/clock", set_clock),
)
