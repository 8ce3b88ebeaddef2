"""Lines of a placed order in the naive model, their pairs, and the rules of facts 3.2."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fuzz.model.findings import Finding


@dataclass(slots=True, eq=False)
class Line:
    """A line with its quantities; refunds and cancellations split by whether the unit had shipped.

    `reference` is the product it protects, None for a product. `shipped_at` are instants.
    """

    id: str
    product_id: str
    title: str
    reference: str | None
    ordered: int
    fulfilled: int = 0
    refunded_unshipped: int = 0
    refunded_shipped: int = 0
    cancelled_unshipped: int = 0
    cancelled_shipped: int = 0
    shipped_at: list[int] = field(default_factory=list)

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


def placement_rules(
    placed: list[dict[str, Any]], lines: dict[str, Line], pairs: list[Pair]
) -> Iterator[str]:
    """The rules of facts 3.2 that a first placement breaks, once for each line or product."""
    seen: set[str] = set()
    for line in placed:
        if line["id"] in seen:
            yield "line-item-id-duplicate"
            continue
        seen.add(line["id"])
        if "protection_line_item_id" in (line.get("custom_properties") or {}):
            yield "legacy-linkage"
        reference = reference_of(line)
        if reference is not None:
            yield from _protection_rules(line, reference, lines, pairs)
        elif line["product_brand"].casefold() == "hakuna":
            yield "protection-missing-reference"
    for pair in pairs:
        if pair.excess_placed:
            yield "protection-exceeds-product"


def _protection_rules(
    line: dict[str, Any], reference: str, lines: dict[str, Line], pairs: list[Pair]
) -> Iterator[str]:
    brand = line["product_brand"]
    if brand.casefold() == "hakuna" and brand != "hakuna":
        yield "protection-brand-case"
    if line["price_amount"] == 0:
        yield "protection-price-zero"
    if reference == line["product_id"]:
        yield "protection-self-reference"
    elif not any(pair.reference == reference for pair in pairs):
        if any(other.product_id == reference for other in lines.values()):
            yield "protection-references-protection"
        else:
            yield "protection-dangling-reference"
