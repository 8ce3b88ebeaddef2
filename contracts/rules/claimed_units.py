"""The price of the units that findings speak of, as the order is now."""

from collections.abc import Iterable

from contracts.findings.at_stake import LEFT_OVER, Claim
from contracts.orders.order import Order


def amount_of(order: Order, claim: Claim) -> int:
    """What the units of a claim cost, in minor units.

    Of left-over plans no more count than are left over now; the dearest that are active come first.
    """
    if claim.kind != LEFT_OVER:
        line = order.lines.get(claim.place)
        return line.item.price_amount * claim.units if line else 0
    group = order.groups.get(claim.place)
    if group is None:
        return 0
    return _dearest(order, claim.lines or group.plan_lines, _left(order, claim.place, claim.units))


def total_of(order: Order, kind: str, place: str, claims: Iterable[tuple[Claim, int]]) -> int:
    """What equal and different claims on one place cost together; each unit counts once.

    `claims` come with how many findings have them. A unit that an event repeats may be the one that
    is missing later, so of the units of a line that are counted twice the larger number counts.
    """
    if kind == LEFT_OVER:
        group = order.groups.get(place)
        claimed = sum(claim.units * times for claim, times in claims)
        return _dearest(order, group.plan_lines, _left(order, place, claimed)) if group else 0
    units: dict[str, int] = {}
    for claim, times in claims:
        units[claim.kind] = units.get(claim.kind, 0) + claim.units * times
    line = order.lines.get(place)
    return line.item.price_amount * max(units.values(), default=0) if line else 0


def _left(order: Order, reference: str, claimed: int) -> int:
    return min(claimed, order.active(order.groups[reference]).excess)


def _dearest(order: Order, line_ids: Iterable[str], units: int) -> int:
    lines = [order.lines[item] for item in line_ids]
    total = 0
    for line in sorted(lines, key=lambda item: -item.item.price_amount):
        taken = min(units, line.ledger.active)
        total += taken * line.item.price_amount
        units -= taken
        if not units:
            break
    return total
