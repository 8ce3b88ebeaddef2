"""The settings of a world: how strict it is, which credentials it takes, what its clock shows."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from contracts.faults.outage import Outage
from contracts.findings.finding import OFF, Finding, RuleLevel, Severity
from contracts.http.credentials import Auth
from contracts.schemas.provider_contract import ProviderContract
from contracts.timing.world_clock import WorldClock
from contracts.values import cached_property, dataclass


class Enforcement(StrEnum):
    """`flag` answers 200 and records; `reject` refuses violations and changes nothing."""

    FLAG = "flag"
    REJECT = "reject"


MAX_NAME = 40
"""Characters of a world's name."""


class Decision(StrEnum):
    """Whether a request that breaks one rule is refused, whatever the enforcement."""

    REFUSE = "refuse"
    ACCEPT = "accept"


@dataclass(frozen=True)
class Policy:
    """Settings of one judgement.

    `levels` overrides the severity of single rules (`off` included), `decisions` whether breaking
    one of them is refused; `api_keys` are the keys that exist (empty: any well-formed sandbox key).
    `outage` and `clock` are for testing queues and windows; `retries_per_second` is how many
    attempts of one event `retry-storm` allows. `protection_products` are product ids, or prefixes
    that end in `*`, whose lines are plans; `timestamp_tolerance` is how many seconds two times of
    an order may be in the wrong order. An order takes at most `max_order_events` events (None: any
    number), for judging one costs more the more there are.
    """

    enforcement: Enforcement = Enforcement.FLAG
    auth: Auth = Auth.BOTH
    levels: Mapping[str, RuleLevel] = field(default_factory=dict)
    api_keys: frozenset[str] = frozenset()
    retries_per_second: int = 5
    protection_products: tuple[str, ...] = ()
    timestamp_tolerance: int = 1
    outage: Outage | None = None
    clock: WorldClock = WorldClock()
    max_order_events: int | None = None
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    provider_contract: ProviderContract | None = None
    """The reader's copy of the provider's document. It belongs to the server and is not stored."""
    name: str = ""
    """What people call the world; "" where nobody named it."""
    key_names: Mapping[str, str] = field(default_factory=dict)
    """The names given with the server's keys, by the id of the key's world; they hold where `name`
    is empty. They belong to the server and are not stored."""

    @cached_property
    def off(self) -> frozenset[str]:
        """The rules that are switched off."""
        return frozenset(rule for rule, level in self.levels.items() if level == OFF)


def refuses(finding: Finding, policy: Policy) -> bool:
    """Whether a request with this finding is refused because of it."""
    decision = policy.decisions.get(finding.rule)
    if decision is not None:
        return decision is Decision.REFUSE
    return policy.enforcement == Enforcement.REJECT and finding.severity is Severity.VIOLATION


def check_protection_product(product: str) -> str:
    """A product id, or a prefix of ids that ends in `*`; ValueError for anything else."""
    if not product or product == "*" or "*" in product[:-1]:
        raise ValueError("must be a product id, or the beginning of one and then *")
    return product
