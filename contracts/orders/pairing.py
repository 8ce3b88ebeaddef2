"""Pairing: which protections belong to which products, and when an event tears a pair apart.

For one reference R at a time: D(R) are the product lines with that product id, P(R) the protection
lines that point at it. Excess is how many plans are active beyond the active products.
"""

from enum import StrEnum

from contracts.values import dataclass


class Termination(StrEnum):
    """How units end in an event."""

    REFUND = "refund"
    CANCEL = "cancel"
    ORDER_CANCEL = "order-cancel"


@dataclass(frozen=True, slots=True)
class Unbalanced:
    """An event that left the pair unbalanced; its finding is open while it stands in the group."""

    event_id: str
    kind: Termination


@dataclass(frozen=True, slots=True)
class Group:
    """The pair of D(R) and P(R) of one order, by line ids, and what its history left behind.

    `standalone_cancelled` counts plan units that were cancelled without their product.
    """

    reference: str
    product_lines: tuple[str, ...]
    plan_lines: tuple[str, ...]
    placement_excess: int
    standalone_cancelled: int = 0
    unbalanced: tuple[Unbalanced, ...] = ()


@dataclass(frozen=True, slots=True)
class Active:
    """Active units of a group: products, and plans that cover them."""

    products: int
    plans: int

    @property
    def excess(self) -> int:
        """Plans left beyond the products left."""
        return max(0, self.plans - self.products)

    @property
    def orphaned(self) -> bool:
        """Whether plans remain and no product does."""
        return self.products == 0 and self.plans > 0


@dataclass(frozen=True, slots=True)
class PairChange:
    """What one event did to one group.

    `missing` are the plan units that the event should have ended as well (0: balanced), `resolved`
    the earlier unbalanced events that this one brings back into balance.
    """

    group: Group
    kind: Termination
    before: Active
    after: Active
    products_ended: int
    plans_ended: int
    missing: int
    resolved: tuple[Unbalanced, ...]

    @property
    def standalone_plans(self) -> int:
        """Plan units that this event ended without a product unit, of now or of earlier."""
        return max(0, self.plans_ended - self.products_ended - self.before.excess)


def pair_change(
    group: Group, kind: Termination, before: Active, after: Active, event_id: str
) -> tuple[Group, PairChange]:
    """The group after an event that ended units of it, and what there is to say about it."""
    products_ended = before.products - after.products
    missing = 0
    if products_ended and after.orphaned:
        missing = after.plans
    elif products_ended and after.excess > before.excess:
        missing = after.excess - before.excess
    unbalanced = group.unbalanced
    resolved: tuple[Unbalanced, ...] = ()
    if missing:
        unbalanced = (*unbalanced, Unbalanced(event_id, kind))
    elif unbalanced and after.excess <= group.placement_excess and not after.orphaned:
        resolved, unbalanced = unbalanced, ()
    change = PairChange(
        group, kind, before, after, products_ended, before.plans - after.plans, missing, resolved
    )
    cancelled_alone = change.standalone_plans if kind is Termination.CANCEL else 0
    return Group(
        group.reference,
        group.product_lines,
        group.plan_lines,
        group.placement_excess,
        group.standalone_cancelled + cancelled_alone,
        unbalanced,
    ), change
