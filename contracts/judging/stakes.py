"""What an accepted event changes of what the findings of its order stake."""

from collections.abc import Iterable, Iterator, Mapping

from contracts.findings.at_stake import LEFT_OVER, Claim, OrderStakes, Staked, place_of
from contracts.findings.finding import Finding, Resolution
from contracts.orders.order import Order, Step
from contracts.rules.claimed_units import amount_of, total_of
from contracts.worlds.effects import StakeChanged

Place = tuple[str, str]


def stake_changes(
    known: OrderStakes | None,
    steps: tuple[Step, ...],
    opened: tuple[Finding, ...],
    resolved: Iterable[Resolution],
    order_id: str,
) -> Iterator[StakeChanged]:
    """The places whose sums or findings stake something else after the event.

    `known` is what stood before; most orders stake nothing, and cost nothing here.
    """
    new = [
        (claim, (finding.owner, finding.rule, claim.subject))
        for finding in opened
        for claim in finding.claims
    ]
    if known is None and not new:
        return
    order = steps[-1].after
    settled = {(item.owner, item.rule, item.subject) for item in resolved}
    places = dict.fromkeys(place_of(item.claim) for item, _ in new)
    if known:
        places |= dict.fromkeys(
            place
            for step in steps
            for pair in step.pairs
            if (place := (LEFT_OVER, pair.group.reference)) in known.claimed
        )
    for place in places:
        counted = _still_open(known, place, settled)
        for item, owner in new:
            if place_of(item.claim) == place and owner not in settled:
                counted[item.claim] = counted.get(item.claim, 0) + 1
        yield from _changed(known, order, order_id, place, counted, [item for item, _ in new])


def _still_open(
    known: OrderStakes | None, place: Place, settled: set[tuple[str, str, str]]
) -> dict[Claim, int]:
    """How many findings of before have each claim on a place, without those that are settled."""
    claimed = known.claimed.get(place, {}) if known else {}
    return {
        claim: len(held.amounts) - sum(item in held.amounts for item in settled)
        for claim, held in claimed.items()
    }


def _changed(
    known: OrderStakes | None,
    order: Order,
    order_id: str,
    place: Place,
    counted: Mapping[Claim, int],
    new: Iterable[Staked],
) -> Iterator[StakeChanged]:
    total = total_of(order, *place, counted.items())
    stated = {item.claim: item.amount for item in new}
    before = known.claimed.get(place, {}) if known else {}
    claims = []
    for claim, times in counted.items():
        if not times:
            continue
        amount = amount_of(order, claim)
        held = before.get(claim)
        if stated.get(claim, amount) != amount or (held and held.amount != amount):
            claims.append((claim, amount))
    if claims or total != (known.totals.get(place, 0) if known else 0):
        yield StakeChanged(order_id, order.currency, place, total, tuple(claims))
