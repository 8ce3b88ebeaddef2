"""What open findings stake, as an effect of a compacted log."""

from collections import Counter

from contracts.findings.at_stake import Claimed, OrderStakes, place_of
from contracts.worlds.effects import OrderStaked, StakesRestored
from contracts.worlds.world import World


def stakes_restored(world: World) -> StakesRestored:
    """The effect that gives a world these stakes."""
    orders = tuple(
        OrderStaked(
            order_id,
            tuple((*place, total) for place, total in stakes.totals.items()),
            tuple(
                (claim, tuple((*owner, amount) for owner, amount in held.amounts.items()))
                for claims in stakes.claimed.values()
                for claim, held in claims.items()
            ),
        )
        for order_id, stakes in world.stakes.items()
    )
    return StakesRestored(orders, tuple(world.at_stake.items()))


def restore_stakes(world: World, effect: StakesRestored) -> None:
    """Carry the effect out."""
    world.stakes = {order.order_id: _stakes_of(order) for order in effect.orders}
    world.at_stake = Counter(dict(effect.sums))


def _stakes_of(staked: OrderStaked) -> OrderStakes:
    stakes = OrderStakes(totals={(kind, place): total for kind, place, total in staked.totals})
    for claim, findings in staked.claims:
        amounts = {(owner, rule, subject): amount for owner, rule, subject, amount in findings}
        stakes.claimed.setdefault(place_of(claim), {})[claim] = Claimed(amounts)
    return stakes
