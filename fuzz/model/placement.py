"""Lines of a placed order in the naive model, their pairs, and the rules of placements."""

from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import Any

from contracts.values import dataclass
from fuzz.model.findings import Finding
from fuzz.model.plan_signs import is_named, misplaced_reference

Broken = tuple[str, str | None] | tuple[str, str | None, tuple[str, str, int]]
"""A rule, its severity where that is not the usual one, and the units that it costs."""

MAX_ENDED = 8
"""Of how many events a line remembers the units that they ended before shipment."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The product ids of a world's placed orders: of products, and of plans for other products."""

    products: frozenset[str]
    plans: frozenset[str]

    def __or__(self, other: "Elsewhere") -> "Elsewhere":
        return Elsewhere(self.products | other.products, self.plans | other.plans)


NOTHING_ELSEWHERE = Elsewhere(frozenset(), frozenset())


@dataclass(slots=True, eq=False)
class Line:
    """A line with its quantities; refunds and cancellations split by whether the unit had shipped.

    `reference` is the product it protects, None for a product. `shipped_at` are instants. `ended`
    are units that ended before they shipped, each as the time of their event and their number.
    """

    id: str
    product_id: str
    title: str
    reference: str | None
    ordered: int
    price: int = 0
    fulfilled: int = 0
    refunded_unshipped: int = 0
    refunded_shipped: int = 0
    cancelled_unshipped: int = 0
    cancelled_shipped: int = 0
    shipped_at: list[int] = field(default_factory=list)
    ended: list[tuple[int, int]] = field(default_factory=list)

    @property
    def unshipped(self) -> int:
        return self.ordered - self.fulfilled - self.refunded_unshipped - self.cancelled_unshipped

    @property
    def kept(self) -> int:
        return self.fulfilled - self.refunded_shipped - self.cancelled_shipped

    @property
    def active(self) -> int:
        return self.unshipped + self.kept

    def refund(self, units: int) -> None:
        """Take back units of which no more than the active ones: those that shipped first."""
        shipped = min(units, self.kept)
        self.refunded_shipped += shipped
        self.refunded_unshipped += units - shipped

    def cancel(self, units: int) -> None:
        """Take back units of which no more than the active ones: those that did not ship first."""
        unshipped = min(units, self.unshipped)
        self.cancelled_unshipped += unshipped
        self.cancelled_shipped += units - unshipped

    def remember_ended(self, at: int, units: int) -> None:
        """Units ended before they shipped; of too many times the two earliest count as one."""
        self.ended.append((at, units))
        self.ended.sort(key=lambda item: item[0])
        if len(self.ended) > MAX_ENDED:
            (first, some), (_, more) = self.ended[:2]
            self.ended[:2] = [(first, some + more)]

    def ended_later_than(self, at: int, units: int) -> bool:
        """Whether so many units ended later than that; if so, they are used up."""
        if units > sum(count for time, count in self.ended if time > at):
            return False
        left = []
        for time, count in self.ended:
            used = min(count, units) if time > at else 0
            units -= used
            if count > used:
                left.append((time, count - used))
        self.ended = left
        return True


@dataclass(slots=True)
class Pair:
    """The lines of one product and the plans that protect it. `open` are its pairing findings.

    `cancelled_alone` counts plan units that were cancelled without their product.
    """

    reference: str
    products: list[Line]
    plans: list[Line]
    excess_placed: int = 0
    cancelled_alone: int = 0
    open: list[Finding] = field(default_factory=list)

    @property
    def excess(self) -> int:
        """How many active plans more than active products there are."""
        plans = sum(line.active for line in self.plans)
        return max(0, plans - sum(line.active for line in self.products))

    @property
    def orphaned(self) -> bool:
        """Whether plans are left and no product."""
        return any(line.active for line in self.plans) and not any(
            line.active for line in self.products
        )


def reference_of(line: dict[str, Any]) -> str | None:
    """The product that a line of a placement protects."""
    reference = (line.get("custom_properties") or {}).get("product_reference")
    return None if reference is None else str(reference)


def lines_of(placed: list[dict[str, Any]]) -> dict[str, Line]:
    """The lines by id; of a repeated id the first."""
    lines: dict[str, Line] = {}
    for line in placed:
        if line["id"] not in lines:
            lines[line["id"]] = Line(
                line["id"],
                line["product_id"],
                line["product_title"],
                reference_of(line),
                int(line["quantity"]),
                int(line["price_amount"]),
            )
    return lines


def pairs_of(lines: dict[str, Line]) -> list[Pair]:
    """One pair for each product of the order that a line refers to."""
    pairs = []
    for reference in dict.fromkeys(line.reference for line in lines.values()):
        products = [
            line
            for line in lines.values()
            if line.reference is None and line.product_id == reference
        ]
        if reference is not None and products:
            plans = [line for line in lines.values() if line.reference == reference]
            pair = Pair(reference, products, plans)
            pair.excess_placed = pair.excess
            pairs.append(pair)
    return pairs


def elsewhere(orders: Iterable[dict[str, Line]]) -> Elsewhere:
    """What these orders hold, by their lines."""
    lines = [line for order in orders for line in order.values()]
    return Elsewhere(
        frozenset(line.product_id for line in lines if line.reference is None),
        frozenset(_plans_for_others(lines)),
    )


def _plans_for_others(lines: Iterable[Line]) -> set[str]:
    return {
        line.product_id
        for line in lines
        if line.reference is not None and line.reference != line.product_id
    }


def placement_rules(
    placed: list[dict[str, Any]],
    lines: dict[str, Line],
    pairs: list[Pair],
    others: Elsewhere,
    plan_products: tuple[str, ...],
) -> Iterator[Broken]:
    """The rules that a first placement breaks, once for each line or product."""
    seen: set[str] = set()
    plans = others.plans | _plans_for_others(lines.values())
    protected = {line.reference for line in lines.values()}
    for line in placed:
        if line["id"] in seen:
            yield "line-item-id-duplicate", None
            continue
        seen.add(line["id"])
        if "protection_line_item_id" in (line.get("custom_properties") or {}):
            yield "legacy-linkage", None
        reference = reference_of(line)
        if reference is not None:
            yield from _protection_rules(line, reference, lines, pairs, others)
        elif is_named(line["product_id"], plan_products):
            yield "protection-missing-reference", "violation"
        elif (
            line["product_brand"].strip().casefold()[:6] == "hakuna"
            or line["product_id"] in plans
            or (misplaced_reference(line) and line["product_id"] not in protected)
        ):
            yield "protection-missing-reference", "warning"
    for pair in pairs:
        if pair.excess_placed:
            units = ("plans", pair.reference, pair.excess_placed)
            yield "protection-exceeds-product", None, units


def _protection_rules(
    line: dict[str, Any],
    reference: str,
    lines: dict[str, Line],
    pairs: list[Pair],
    others: Elsewhere,
) -> Iterator[Broken]:
    brand = line["product_brand"]
    if brand.casefold() == "hakuna" and brand != "hakuna":
        yield "protection-brand-case", None
    if line["price_amount"] == 0:
        yield "protection-price-zero", None
    if reference == line["product_id"]:
        yield "protection-self-reference", None
    elif not any(pair.reference == reference for pair in pairs):
        if any(other.product_id == reference for other in lines.values()):
            yield "protection-references-protection", None
        else:
            bought_later = reference in others.products
            units = ("plan line", line["id"], int(line["quantity"]))
            severity = "warning" if bought_later else "violation"
            yield "protection-dangling-reference", severity, units


def units_again(
    lines: dict[str, Line], asked: Iterable[tuple[str, int]]
) -> tuple[tuple[str, str, int], ...]:
    """The units of a refund that is sent once more, of those lines that the order has."""
    units: dict[str, int] = {}
    for line_id, count in asked:
        if line_id in lines:
            units[line_id] = units.get(line_id, 0) + count
    return tuple(("again", line_id, count) for line_id, count in units.items())
