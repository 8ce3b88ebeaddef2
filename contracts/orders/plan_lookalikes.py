"""Lines that look like a protection although they carry no `product_reference`."""

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any, NamedTuple

from contracts.json_text.pointer import child

PROVIDER_BRAND = "hakuna"
_REFERENCE = "productreference"
_LIKENESS = 0.9
_LENGTHS = range(14, 20)
"""Names that are shorter or longer cannot be that similar."""

_REQUIRED = frozenset(
    ("id", "quantity", "price_amount", "product_id", "product_title", "product_brand")
)


class StrayReference(NamedTuple):
    """A reference in another place or spelling than `custom_properties.product_reference`."""

    pointer: str
    value: str


def is_protection_product(product_id: str, protection_products: Iterable[str]) -> bool:
    """Whether the setting names this product: by its id, or by a prefix that ends in `*`."""
    return any(
        product_id.startswith(product[:-1]) if product.endswith("*") else product_id == product
        for product in protection_products
    )


def has_provider_brand(brand: str) -> bool:
    """Whether a brand begins like the provider's, in any case: `Hakuna`, `hakuna.care`."""
    return brand.strip().casefold().startswith(PROVIDER_BRAND)


def stray_reference(line: dict[str, Any], pointer: str) -> StrayReference | None:
    """The first value of a placed line that looks like a misplaced or misspelt reference.

    A value that names the line itself is none: shops have references of their own.
    """
    if line.keys() == _REQUIRED:  # as most lines are
        return None
    own = {line["id"], line["product_id"]}
    for place, name, value in _members(line, pointer):
        if isinstance(value, str) and value and value not in own and _names_a_reference(name):
            return StrayReference(place, value)
    return None


def _members(value: Any, pointer: str) -> Iterator[tuple[str, str, Any]]:
    """Every named value inside, with its pointer; `{"name": N, "value": V}` names V, too."""
    if isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _members(inner, child(pointer, number))
    elif isinstance(value, dict):
        label = value.get("name", value.get("key"))
        for name, inner in value.items():
            place = child(pointer, name)
            yield place, label if name == "value" and isinstance(label, str) else name, inner
            yield from _members(inner, place)


@lru_cache(maxsize=1024)
def _names_a_reference(name: str) -> bool:
    letters = "".join(item for item in name.casefold() if item.isalnum())
    if _REFERENCE in letters:
        return True
    if len(letters) not in _LENGTHS:
        return False
    return SequenceMatcher(None, letters, _REFERENCE).ratio() >= _LIKENESS
