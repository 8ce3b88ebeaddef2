"""What a placed order must hold together: its line ids, and the links of its protections."""

from collections.abc import Callable, Iterator

from contracts.findings.at_stake import LEFT_OVER, Claim
from contracts.json_text.pointer import child
from contracts.orders.events import LineItem, OrderPlaced
from contracts.orders.plan_lookalikes import (
    PROVIDER_BRAND,
    StrayReference,
    has_provider_brand,
    is_protection_product,
    stray_reference,
)
from contracts.rules.rule import (
    ADVICE,
    DOCUMENTED,
    HOUSE,
    INFERRED,
    PLACED,
    VIOLATION,
    WARNING,
    Example,
    Found,
    OrderContext,
    Stage,
    rule,
)
from contracts.suggestions import normalized, unicode_form
from contracts.timing.rfc3339 import DAY, days_from_civil, show

_FIRST = "/payload/line_items/0"
_SECOND = "/payload/line_items/1"
_CUSTOM_OF_SECOND = f"{_SECOND}/custom_properties"

EARLIEST_PLACEMENT = days_from_civil(2000, 1, 1) * DAY


@rule(
    id="line-item-id-duplicate",
    title="Line ids are unique within an order",
    stage=Stage.STATE,
    severity=WARNING,
    basis=INFERRED,
    sources=("inference",),
    because="Later events address a line by its id alone, so two lines with one id cannot be "
    "told apart.",
    events=(PLACED,),
    fix="give each line its own id",
    passes=("P{d:1, a:1}",),
    violates=("P{d:1, d=a:1}",),
)
def line_item_id_duplicate(context: OrderContext) -> Iterator[Found]:
    """Later events address lines by id. Of two lines with one id the first one can be addressed."""
    if not context.placed_lines or not isinstance(context.event, OrderPlaced):
        return
    seen: dict[str, LineItem] = {}
    for line in context.event.lines:
        first = seen.setdefault(line.id, line)
        if first is not line:
            yield Found(
                child(line.pointer, "id"),
                f"line id {line.id[:80]!r} appears twice in the order; "
                f"{line.title or line.product_id!r} can never be shipped, refunded or cancelled",
            )


@rule(
    id="protection-missing-reference",
    title="A protection names the product that it protects",
    stage=Stage.STATE,
    severity=WARNING,
    basis=DOCUMENTED,
    sources=("S", "CSV"),
    events=(PLACED,),
    fix="add custom_properties.product_reference with the product_id of the protected product",
    passes=("P{d:1, p:1>d}", Example("P{d:1}", edits={f"{_FIRST}/custom_properties": {"size": 1}})),
    violates=(
        Example("P{d:1}", edits={f"{_FIRST}/product_brand": "Hakuna"}),
        Example("P{d:1}", edits={f"{_FIRST}/product_brand": "hakuna.care"}),
        Example("P{d:1,p:1}", edits={f"{_SECOND}/product_reference": "prd-d"}),
        Example("P{d:1,p:1}", edits={_CUSTOM_OF_SECOND: {"productReference": "prd-d"}}),
        "P#1{d:1,p:1>d} P#2{d:1,p:1}",
    ),
    variants="violation where the setting protection_products names the product",
)
def protection_missing_reference(context: OrderContext) -> Iterator[Found]:
    """Only a `product_reference` makes a line a protection here. Without it the line is a product
    like any other: nothing holds its units against those of the product that it should protect.

    A line looks like a protection if the setting `protection_products` names its product, if its
    brand begins with `hakuna`, if a reference is in another place or spelling, or if its product
    carried a reference before in this world.
    """
    lines = context.placed_lines
    plans = {line.product_id for line in lines if line.protects_another}
    protected = {line.reference for line in lines}
    for line in lines:
        if line.is_protection:
            continue
        named = is_protection_product(line.product_id, context.protection_products)
        stray = None
        if line.product_id not in protected:  # else it is a product, whatever its fields are called
            stray = stray_reference(context.sent_line(line), line.pointer)
        signs = list(_signs_of_a_plan(context, line, plans, stray, named=named))
        if signs:
            yield Found(
                stray.pointer if stray else line.pointer,
                f"{line.name} is not treated as a protection, because it has no "
                f"custom_properties.product_reference; but {' and '.join(signs)}",
                _how_to_refer(stray, named=named),
                severity=VIOLATION if named else None,
            )


def _how_to_refer(stray: StrayReference | None, *, named: bool) -> str:
    fix = protection_missing_reference.fix
    if stray:
        fix = "move the reference to custom_properties.product_reference of this line"
    return f"{fix}, or remove the product from the setting protection_products" if named else fix


def _signs_of_a_plan(
    context: OrderContext,
    line: LineItem,
    plans: set[str],
    stray: StrayReference | None,
    *,
    named: bool,
) -> Iterator[str]:
    """Why a line without a reference looks like a protection."""
    if named:
        yield f"the setting protection_products names its product {line.product_id[:80]!r}"
    if stray:
        yield f"a reference to {stray.value[:80]!r} is in another place"
    if has_provider_brand(line.brand):
        yield f"its brand is {line.brand[:80]!r}"
    if line.product_id in plans:
        yield "another line of its product has one"
    elif earlier := context.products.order_with_protection(line.product_id):
        yield f"its product had one in order {earlier[:80]!r}"


@rule(
    id="protection-dangling-reference",
    title="A protected product is in the same order",
    stage=Stage.STATE,
    severity=VIOLATION,
    basis=DOCUMENTED,
    sources=("CH", "S"),
    events=(PLACED,),
    fix="set product_reference to the product_id of a line of this order",
    passes=("P{d:1, p:1>d}", "P#1{d:1} P#2{d:1, p:1>d}@3"),
    violates=("P{p:1>x}", "P{d:1, p:1>zzz}", "P#1{d:1} P#2{p:1>d}@3"),
    variants="warning where another order of this world has the product",
)
def protection_dangling_reference(context: OrderContext) -> Iterator[Found]:
    """There is no plan without its product: a reference that leads nowhere insures nothing.

    A plan may be bought later, in an order of its own. No page tells whether the provider links
    it to the product's order; here nothing is paired across orders.
    """
    lines = context.placed_lines
    known = {line.product_id for line in lines}
    dangling = [link for link in context.placed_links if link[1] not in known]
    meant = _product_that_was_meant(lines if dangling else [])
    for line, reference, pointer in dangling:
        message = f"{line.name} protects {reference[:80]!r}, but no line has that product_id"
        orders = context.products.orders_with_product(reference)
        if orders:
            names = ", ".join(repr(order[:80]) for order in orders)
            yield Found(
                pointer,
                f"{message} in this order, only in {names}; no page tells whether the provider "
                "links a plan to a product of another order, and here nothing is paired across "
                "orders",
                "place the plan in the order of its product, or ask the provider whether a plan "
                "may be bought in an order of its own",
                subject=line.id,
                severity=WARNING,
                claims=(_alone(line, reference),),
            )
        else:
            gone = context.evictions.or_evicted_product()
            yield Found(
                pointer,
                f"{message}{gone}",
                meant(reference),
                subject=line.id,
                claims=(_alone(line, reference),),
            )


def _alone(line: LineItem, reference: str) -> Claim:
    """All units of a plan whose product the order does not have."""
    return Claim(LEFT_OVER, reference, line.quantity, (line.id,))


def _product_that_was_meant(lines: list[LineItem]) -> Callable[[str], str]:
    """Advice about references that name no product; the products are looked through once."""
    products = [line for line in lines if not line.is_protection]
    by_line_id = {line.id: line.product_id for line in products}
    by_letters = {line.product_id.strip().casefold(): line.product_id for line in products}
    by_look = {normalized(line.product_id): line.product_id for line in products}

    def meant(reference: str) -> str:
        if reference in by_line_id:
            return f"this is a line id; use its product_id {by_line_id[reference]!r}"
        if product_id := by_letters.get(reference.strip().casefold()):
            return f"write it exactly like the product_id: {product_id!r}"
        if twin := by_look.get(normalized(reference)):
            return (
                f"product_id {twin!r} looks the same, but is written in Unicode form "
                f"{unicode_form(twin)}, this one in {unicode_form(reference)}: send both alike"
            )
        return ""

    return meant


@rule(
    id="protection-self-reference",
    title="A protection does not protect itself",
    stage=Stage.STATE,
    severity=VIOLATION,
    basis=DOCUMENTED,
    sources=("CH",),
    events=(PLACED,),
    fix="set product_reference to the product_id of the protected product, not of the plan",
    passes=("P{d:1, p:1>d}",),
    violates=("P{p:1>p}",),
)
def protection_self_reference(context: OrderContext) -> Iterator[Found]:
    """The reference names the product, not the plan: there is no plan without its product."""
    for line, reference, pointer in context.placed_links:
        if reference == line.product_id:
            yield Found(pointer, f"{line.name} names its own product_id {reference!r} as protected")


@rule(
    id="protection-references-protection",
    title="A protection protects a product, not another protection",
    stage=Stage.STATE,
    severity=WARNING,
    basis=DOCUMENTED,
    sources=("OFR",),
    events=(PLACED,),
    fix="set product_reference to the product_id of the product itself",
    passes=("P{d:2, p:1>d, s:1>d}",),
    violates=("P{d:1, p:1>d, s:1>p}",),
)
def protection_references_protection(context: OrderContext) -> Iterator[Found]:
    """Several plans may cover one product, each directly; plans on plans are not offered."""
    lines = context.placed_lines
    products = {line.product_id for line in lines if line.reference is None}
    plans = {line.product_id: line for line in lines if line.reference is not None}
    for line, reference, pointer in context.placed_links:
        other = plans.get(reference)
        if other and reference not in products and reference != line.product_id:
            yield Found(pointer, f"{line.name} protects {other.name}, which is a protection itself")


@rule(
    id="protection-exceeds-product",
    title="Sell at most one plan for each product unit",
    stage=Stage.STATE,
    severity=VIOLATION,
    basis=DOCUMENTED,
    sources=("CH", "OFR"),
    events=(PLACED,),
    fix="sell one plan per unit of the product at most",
    passes=("P{d:2, p:1>d, s:1>d}",),
    violates=("P{d:1, p:2>d}",),
)
def protection_exceeds_product(context: OrderContext) -> Iterator[Found]:
    """One plan covers one unit, so a second plan for the same unit covers nothing."""
    lines = context.step.after.lines
    for group in context.step.after.groups.values() if context.placed_lines else ():
        if group.product_lines and group.placement_excess:
            plan = lines[group.plan_lines[-1]].item
            ordered = sum(
                lines[product_line].ledger.ordered for product_line in group.product_lines
            )
            product = lines[group.product_lines[0]].item
            found = Found(
                child(plan.pointer, "quantity"),
                f"{ordered + group.placement_excess} protections ({', '.join(group.plan_lines)}) "
                f"for {ordered} × {product.title or product.product_id}",
                subject=group.reference,
                claims=(Claim(LEFT_OVER, group.reference, group.placement_excess),),
            )
            yield found.corrected_by(context.correction)


@rule(
    id="protection-brand-case",
    title="Write the provider's brand in lowercase",
    stage=Stage.STATE,
    severity=ADVICE,
    basis=DOCUMENTED,
    sources=("OF",),
    events=(PLACED,),
    fix='write "hakuna"',
    passes=("P{d:1, p:1>d}",),
    violates=(Example("P{d:1, p:1>d}", edits={"/payload/line_items/1/product_brand": "Hakuna"}),),
)
def protection_brand_case(context: OrderContext) -> Iterator[Found]:
    """The order feed asks for all lowercase; the events page itself writes it with a capital, so
    this is advice only.
    """
    for line, _, _ in context.placed_links:
        if line.brand != PROVIDER_BRAND and line.brand.casefold() == PROVIDER_BRAND:
            pointer = child(line.pointer, "product_brand")
            yield Found(pointer, f"the brand of {line.name} is {line.brand!r}, not all lowercase")


@rule(
    id="protection-price-zero",
    title="Protections have a price",
    stage=Stage.STATE,
    severity=ADVICE,
    basis=DOCUMENTED,
    sources=("CH", "IC"),
    events=(PLACED,),
    fix="send what the customer pays for the plan, in cents",
    passes=("P{d:1, p:1>d}",),
    violates=(Example("P{d:1, p:1>d}", edits={"/payload/line_items/1/price_amount": 0}),),
)
def protection_price_zero(context: OrderContext) -> Iterator[Found]:
    """Plans are sold at the offered price and never discounted; 0 is a placeholder that stayed."""
    for line, _, _ in context.placed_links:
        if line.price_amount == 0:
            yield Found(child(line.pointer, "price_amount"), f"{line.name} costs 0")


@rule(
    id="legacy-linkage",
    title="Link from the protection to the product",
    stage=Stage.STATE,
    severity=ADVICE,
    basis=DOCUMENTED,
    sources=("OFU", "S"),
    events=(PLACED,),
    fix="put product_reference on the protection line instead",
    passes=("P{d:1, p:1>d}",),
    violates=(
        Example(
            "P{d:1}",
            edits={f"{_FIRST}/custom_properties": {"protection_line_item_id": "line-p"}},
        ),
    ),
)
def legacy_linkage(context: OrderContext) -> Iterator[Found]:
    """The older order feed linked from the product to its plan; events link the other way round,
    and only that link counts.
    """
    for line in context.placed_lines:
        custom = context.sent_line(line).get("custom_properties")
        if custom and "protection_line_item_id" in custom:
            pointer = child(child(line.pointer, "custom_properties"), "protection_line_item_id")
            yield Found(pointer, f"{line.name} is linked in the way of the older order feed")


@rule(
    id="placement-date-implausible",
    title="A placement has a real date",
    stage=Stage.ARRIVAL,
    severity=ADVICE,
    basis=HOUSE,
    sources=("house",),
    because="No page sets a limit, but no shop of today sends an order of the last century.",
    events=(PLACED,),
    fix="send the time at which the order was placed; check for a date that was never set",
    passes=("P{d:1}",),
    violates=(
        Example("P{d:1}", edits={"/payload/placed_at": "0001-01-01T00:00:00.000Z"}),
        Example("P{d:1}", edits={"/payload/placed_at": "1970-01-01T00:00:00.000Z"}),
    ),
)
def placement_date_implausible(context: OrderContext) -> Iterator[Found]:
    """The year 1 is the zero of times in .NET and Go, 1970 that of epoch numbers: mostly the field
    of the order was never set.
    """
    event = context.event
    if isinstance(event, OrderPlaced) and event.placed_at < EARLIEST_PLACEMENT:
        yield Found("/payload/placed_at", f"the order was placed at {show(event.placed_at)}")
