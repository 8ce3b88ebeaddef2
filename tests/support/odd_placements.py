"""Lines of generated orders, and values that are accepted and remarked."""

from typing import Any

from chooser import Chooser


def with_oddities(chooser: Chooser, payload: dict[str, Any]) -> None:
    """Values that are accepted and remarked, and some that are simply good."""
    address, customer = payload["customer_billing_address"], payload["customer"]
    for _ in range(chooser.some(1, 3)):
        match chooser.below(8):
            case 0:
                customer["email"] = chooser.of(("n/a", "", "@", "\u202emax", "<script>"))
            case 1:
                address["zip"] = chooser.of(("123456", "", "0410", "D-04109", "DE-04109", "L-1234"))
            case 2:
                address["country"] = chooser.of(("at", "zz", "se", "lu", "gb", "xk", "pl", "us"))
            case 3:
                payload["order_currency"] = chooser.of(("sek", "xyz", "bgn", "gbp", "jpy", "usd"))
            case 4:
                payload["cart_id"] = chooser.of((None, "", "cart-1"))
            case 5:
                customer[chooser.of(("phone", "title", "Email"))] = chooser.of(("+491", "", "x"))
            case 6:
                address[chooser.of(("state", "address_line_3", "ZIP"))] = chooser.of((1, "x"))
            case _:
                address["zip"] = chooser.of(("SW1A 1AA", "00-001", "12345-6789", "1010", "113 37"))


def lines_of(chooser: Chooser) -> list[dict[str, Any]]:
    """Products on one or two lines, their plans, and now and then a line with something odd."""
    shared = chooser.chance(2)
    lines = []
    for product in ("d", "a")[: chooser.some(1, 2)]:
        lines.append(_line(f"{product}1", f"prd-{product}", chooser.of((1, 2, 3))))
        if chooser.chance(3):
            lines.append(_line(f"{product}2", f"prd-{product}", chooser.of((1, 2))))
        for number in range(chooser.of((1, 1, 2, 0))):
            name = "pq"[number] + product
            sku = "plan" if shared else f"plan-{name}"
            plan = _line(name, sku, chooser.of((1, 2, 1, 3)), f"prd-{product}")
            if chooser.chance(20):
                plan["product_brand"] = chooser.of(("Hakuna", "HAKUNA", "Acme"))
            if chooser.chance(20):
                plan["price_amount"] = chooser.of((0, 0.0, 100.0))
            lines.append(plan)
    if chooser.chance(8):
        lines.append(_odd_line(chooser))
    if chooser.chance(10):
        lines.append(_plan_lookalike(chooser))
    if chooser.chance(12):  # a plan that was bought later
        lines = [_line("s", "plan-s", 1, chooser.of(("prd-d", "prd-a", "prd-s")))]
    if chooser.chance(12):
        lines.reverse()
    return lines


def _plan_lookalike(chooser: Chooser) -> dict[str, Any]:
    """A line that may be meant as a plan, or not, because of its product, brand or properties."""
    line = _line("l", chooser.of(("plan", "plan-s", "prd-l")), 1)
    match chooser.below(3):
        case 0:
            line["product_brand"] = chooser.of(("hakuna.care", " HAKUNA", "akuna"))
        case 1:
            names = ("product_reference", "productReferenceId", "product_referrence", "reference")
            values = ("prd-d", "prd-l", "l", "", None, 7, {"product_reference": 1})
            line[chooser.of(names)] = chooser.of(values)
        case _:
            named = [{"size": 1}, {"name": "Product Reference", "value": "prd-d"}]
            line["custom_properties"] = chooser.of(
                (
                    {"properties": named},
                    {"hakuna": {"product-reference": "prd-d"}},
                    {"key": "product_reference", "value": "prd-a", "name": None},
                )
            )
    return line


def _odd_line(chooser: Chooser) -> dict[str, Any]:
    line: dict[str, Any]
    match chooser.below(12):
        case 0:
            line = _line("s", "prd-s", 1, "prd-zzz")
        case 1:
            line = _line("s", "prd-s", 1, "prd-s")
        case 2:
            line = _line("s", "prd-s", 1, "plan")
        case 3:
            line = _line("d1", "prd-d", 2)
        case 4:
            line = _line("pd", "prd-x", 2, "prd-a")
        case 5:
            line = _line("s", "prd-d", 1, "prd-d")
        case 6:
            line = _line("s", "prd-s", 1)
            line["product_brand"] = chooser.of(("hakuna", "Hakuna"))
        case 7:
            line = _line("s", "prd-s", 1)
            line["custom_properties"] = chooser.of(
                (None, {}, {"product_reference": None}, {"free": [1, {"a": 2}]})
            )
        case 8:
            line = _line("s", "prd-s", 1, "prd-d")
            line["custom_properties"]["protection_line_item_id"] = chooser.of(("d1", None, 1))
        case 9:
            line = _line("s", "prd-s", 1)
            line["custom_properties"] = {
                chooser.of(("product_refrence", "productReference", "free")): "prd-d"
            }
        case 10:
            line = _line("s", "prd-s", 1, " prd-d")
            line["protection_line_item_id"] = "d1"
        case _:
            line = _line("d1", "plan", 1, chooser.of(("prd-d", "d1")))
            line["product_brand"] = chooser.of(("hakuna", "Hakuna"))
            line["price_amount"] = chooser.of((0, 1))
    return line


def _line(name: str, product: str, quantity: int, reference: str | None = None) -> dict[str, Any]:
    line: dict[str, Any] = {
        "id": name,
        "quantity": quantity,
        "price_amount": 8499 if reference else 89900,
        "product_id": product,
        "product_title": name.upper(),
        "product_brand": "hakuna" if reference else "Apple",
    }
    if reference:
        line["custom_properties"] = {"product_reference": reference}
    return line
