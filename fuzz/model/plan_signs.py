"""What makes a line look like a plan although it carries no reference."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any


def is_named(product_id: str, plan_products: tuple[str, ...]) -> bool:
    """Whether the setting names the product, by its id or by how it begins."""
    for pattern in plan_products:
        if pattern == product_id:
            return True
        if pattern.endswith("*") and product_id.startswith(pattern.removesuffix("*")):
            return True
    return False


def misplaced_reference(line: dict[str, Any]) -> bool:
    """Whether a text that names something else than the line is called much like a reference."""
    return any(
        isinstance(value, str)
        and value not in ("", line["id"], line["product_id"])
        and _like_a_reference(name)
        for name, value in _named_values(line)
    )


def _named_values(value: Any) -> Iterator[tuple[str, Any]]:
    inner = list(value.items()) if isinstance(value, dict) else []
    for name, item in inner:
        yield name, item
    # Some shops write properties as {"name": "...", "value": "..."}, or with "key".
    called = [dict(inner)[item] for item in ("name", "key") if item in dict(inner)][:1]
    if called and isinstance(called[0], str) and "value" in value:
        yield called[0], value["value"]
    children = [item for _, item in inner] if inner else value if isinstance(value, list) else []
    for item in children:
        yield from _named_values(item)


@lru_cache(maxsize=1024)  # every event brings the same few names again
def _like_a_reference(name: str) -> bool:
    plain = "".join(letter for letter in name.casefold() if letter.isalnum())
    if "productreference" in plain:
        return True
    return SequenceMatcher(None, plain[:40], "productreference").ratio() >= 0.9
