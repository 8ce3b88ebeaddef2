"""A play that continues orders of which a world knows events already."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from contracts.event_kinds import EVENT_KINDS
from contracts.shorthand.bodies import body_of, instant_of
from contracts.shorthand.grammar import Play
from contracts.timing.rfc3339 import DAY, Instant, parse_instant


def undated_orders(plays: Iterable[Play]) -> list[str]:
    """The ids of the orders whose latest times `continued` needs."""
    return list(dict.fromkeys(play.order_id for play in plays if not play.dated))


def continued(
    plays: Sequence[Play], latest: Mapping[str, Instant], now: Instant
) -> list[dict[str, Any]]:
    """The bodies of plays for a world that may know some of their orders.

    `latest` holds the latest time of each order that the world knows, by its id. An event without
    `@` of such an order happens one day later, but not in the future; one of another order on its
    day, as in a play that continues nothing.
    """
    known = dict(latest)
    found = []
    for play in plays:
        at = instant_of(play.day)
        before = known.get(play.order_id)
        if before is not None:
            at = at if play.dated else min(before + DAY, max(before, now))
            known[play.order_id] = max(before, at)
        found.append(body_of(play, at))
    return found


def latest_time(bodies: Iterable[Mapping[str, Any]]) -> Instant | None:
    """The latest time in accepted events; None where there are none."""
    times = (time for body in bodies for time in _times(body))
    return max(filter(None, map(parse_instant, times)), default=None)


def _times(body: Mapping[str, Any]) -> list[str]:
    kind, payload = EVENT_KINDS[body["type"]], body["payload"]
    holders = kind.entries(payload) if kind.timed_items else [payload]
    return [
        next(str(holder[name]) for name in kind.times if holder.get(name)) for holder in holders
    ]
