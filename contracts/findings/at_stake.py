"""What a finding costs: units that should not be there, and their price.

The arithmetic is a choice of hakuna-mock: no page of the provider says what a mistake costs. A
`price_amount` is read as the price of one unit.
"""

from collections.abc import Iterable
from dataclasses import field
from typing import Any

from contracts.money import money
from contracts.values import dataclass

LEFT_OVER = "left over"
"""Plans that are active beyond the products that they protect; the place is a product reference."""
REPEATED = "repeated"
"""Units that an event refunds once more; the place is a line."""
BEYOND = "beyond"
"""Units of a line that were refunded or cancelled although there were none left; a line, too."""


@dataclass(frozen=True, slots=True)
class AtStake:
    """An amount in minor units of a lowercase currency: 8499 and `eur` are 84.99 euros."""

    amount: int
    currency: str

    @property
    def in_words(self) -> str:
        """As people write it: `€84.99`."""
        return money(self.amount, self.currency)

    def to_json(self) -> dict[str, Any]:
        """As findings show it."""
        return {"amount": self.amount, "currency": self.currency}


@dataclass(frozen=True, slots=True)
class Claim:
    """The units that one finding speaks of.

    `kind` is one of the three above, `place` a product reference or a line. `lines` are the only
    plan lines that a claim on left-over plans means; without them all of the group.
    """

    kind: str
    place: str
    units: int
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Staked:
    """A claim with its price when the finding was opened; `subject` is the finding's."""

    claim: Claim
    amount: int
    subject: str = ""


Owner = tuple[str, str, str]
"""A finding by its owner, rule and subject."""


@dataclass(slots=True)
class Claimed:
    """Findings with equal claims, and what each of them stakes now."""

    amounts: dict[Owner, int] = field(default_factory=dict)

    @property
    def amount(self) -> int:
        """What each of them stakes: the same, for their claims are equal."""
        return next(iter(self.amounts.values()), 0)


@dataclass(slots=True)
class OrderStakes:
    """What the open findings of one order stake: their claims, and the sum of each place.

    Findings with equal claims are kept together, so that an event looks at few of them.
    """

    claimed: dict[tuple[str, str], dict[Claim, Claimed]] = field(default_factory=dict)
    totals: dict[tuple[str, str], int] = field(default_factory=dict)

    def copy(self) -> "OrderStakes":
        """The same, to be changed by itself."""
        return OrderStakes(
            {
                place: {claim: Claimed(dict(held.amounts)) for claim, held in claims.items()}
                for place, claims in self.claimed.items()
            },
            dict(self.totals),
        )

    def add(self, staked: Staked, owner: Owner) -> None:
        """A finding with this claim was opened."""
        claims = self.claimed.setdefault(place_of(staked.claim), {})
        claims.setdefault(staked.claim, Claimed()).amounts[owner] = staked.amount

    def release(self, owner: Owner) -> int:
        """The finding was resolved; what it staked. Only left-over plans can be settled."""
        freed, place = 0, (LEFT_OVER, owner[2])
        claims = self.claimed.get(place, {})
        for claim, held in list(claims.items()):
            freed += held.amounts.pop(owner, 0)
            if not held.amounts:
                del claims[claim]
        if not claims:
            self.claimed.pop(place, None)
        return freed

    def reprice(self, claim: Claim, amount: int) -> list[tuple[Owner, int]]:
        """Set what the findings with this claim stake now; by how much each of them changes."""
        held = self.claimed.get(place_of(claim), {}).get(claim, Claimed())
        changes = [(item, amount - before) for item, before in held.amounts.items()]
        held.amounts.update(dict.fromkeys(held.amounts, amount))
        return [(owner, change) for owner, change in changes if change]

    @property
    def total(self) -> int:
        """What all open findings of the order stake; each unit counts once."""
        return sum(self.totals.values())


def place_of(claim: Claim) -> tuple[str, str]:
    """Where the units of a claim are; units that are counted twice share a place a line."""
    return (LEFT_OVER if claim.kind == LEFT_OVER else BEYOND), claim.place


def by_currency(amounts: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    """Sums as verdicts and reports show them: one a currency, in the order of the codes."""
    totals: dict[str, int] = {}
    for currency, amount in amounts:
        totals[currency] = totals.get(currency, 0) + amount
    return [
        {"currency": currency, "amount": amount}
        for currency, amount in sorted(totals.items())
        if amount
    ]
