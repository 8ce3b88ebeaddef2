"""What makes this mock answer otherwise than usual: it is named on every page, and ends there."""

from collections.abc import Sequence

from contracts.timing.moment import Moment
from contracts.timing.rfc3339 import show
from contracts.values import dataclass
from contracts.worlds.policy import Enforcement, Policy
from mock_server.server_state import Server
from mock_server.store.reader import Reader

CLOCK, OUTAGE, REJECT, FAULTS = "clock", "outage", "reject", "faults"


@dataclass(frozen=True)
class Condition:
    """One of them: what it is, in words, and the button that ends it."""

    kind: str
    words: str
    button: str


def conditions(server: Server, reader: Reader, world_id: str | None) -> list[Condition]:
    """What is not as usual in a world, or in any world."""
    policies = list(reader.policies(world_id))
    found = []
    stopped = [policy.clock for policy in policies if policy.clock.stopped is not None]
    ahead = [
        policy.clock for policy in policies if policy.clock.stopped is None and policy.clock.ahead
    ]
    if stopped:
        when = show(stopped[0].time(server.clock()))[:19].replace("T", " ")
        words = f"The clock is stopped at {when} UTC{_in_worlds(world_id, stopped, policies)}"
        found.append(Condition(CLOCK, words, "Let it run"))
    elif ahead:
        when = show(ahead[0].time(server.clock()))[:16].replace("T", " ")
        words = f"The clock is set forward to {when} UTC{_in_worlds(world_id, ahead, policies)}"
        found.append(Condition(CLOCK, words, "Reset the clock"))
    now = server.monotonic_ns()
    out = [
        policy.outage
        for policy in policies
        if policy.outage and policy.outage.is_on(Moment(policy.clock.time(server.clock()), now))
    ]
    if out:
        words = (
            f"Outage ({out[0].mode}){_in_worlds(world_id, out, policies)}: no event gets through"
        )
        found.append(Condition(OUTAGE, words, "End the outage"))
    strict = [policy for policy in policies if policy.enforcement is Enforcement.REJECT]
    if strict:
        words = f"Reject mode{_in_worlds(world_id, strict, policies)}: violations are refused"
        found.append(Condition(REJECT, words, "Back to flag mode"))
    armed = waiting_faults(reader, world_id)
    if armed:
        words = f"{armed} fault{'' if armed == 1 else 's'} armed for the next requests"
        found.append(Condition(FAULTS, words, "Disarm"))
    return found


def waiting_faults(reader: Reader, world_id: str | None) -> int:
    """How many armed faults requests may still meet."""
    return sum(
        row["times"] is None or row["played"] < row["times"]
        for owner, row in reader.faults(None)
        if owner is None or world_id in (None, owner)
    )


def _in_worlds(world_id: str | None, some: Sequence[object], policies: Sequence[Policy]) -> str:
    """Of all worlds, in how many; of one there is nothing to say."""
    total = len(policies)
    if world_id is not None or len(some) == total:
        return ""
    return f" in {min(len(some), total - 1)} of {total - 1} worlds"
