"""What a world is told: how strict it is, which credentials it takes, what its clock shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from contracts.faults.outage import Outage
from contracts.findings.finding import OFF, RuleLevel
from contracts.http.credentials import Auth
from contracts.timing.world_clock import WorldClock


class Enforcement(StrEnum):
    """`flag` answers 200 and records; `reject` refuses violations and changes nothing."""

    FLAG = "flag"
    REJECT = "reject"


@dataclass(frozen=True)
class Policy:
    """Settings of one judgement.

    `levels` overrides the severity of single rules (`off` included); `api_keys` are the keys that
    exist (empty: any well-formed sandbox key). `outage` and `clock` are for testing queues and
    windows; `retries_per_second` is how many attempts of one event `retry-storm` allows. An
    order takes at most `max_order_events` events (None: any number), for judging one costs more the
    more there are.
    """

    enforcement: Enforcement = Enforcement.FLAG
    auth: Auth = Auth.BOTH
    levels: Mapping[str, RuleLevel] = field(default_factory=dict)
    api_keys: frozenset[str] = frozenset()
    retries_per_second: int = 5
    outage: Outage | None = None
    clock: WorldClock = WorldClock()
    max_order_events: int | None = None

    @property
    def off(self) -> frozenset[str]:
        """The rules that are switched off."""
        return frozenset(rule for rule, level in self.levels.items() if level == OFF)
