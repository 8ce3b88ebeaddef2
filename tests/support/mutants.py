"""Events with something wrong: one value dropped or replaced by an awkward one."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import page
from hypothesis import strategies as st

from contracts.json_text.pointer import at, child, split

PAGE_EVENTS: tuple[dict[str, Any], ...] = tuple(json.loads(text) for text in page.EXAMPLES)

RICH_PLACEMENT: dict[str, Any] = copy.deepcopy(PAGE_EVENTS[0])
RICH_PLACEMENT["payload"]["cart_id"] = "cart-1"
RICH_PLACEMENT["payload"]["customer"]["phone"] = "+49 89 1234"
"""The page's placement with the optional fields, too."""

EVENTS = (RICH_PLACEMENT, *PAGE_EVENTS[1:])

AWKWARD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    1.0,
    1.5,
    -0.0,
    5e-324,
    1e16,
    -1e308,
    2**53 + 1,
    2**64,
    10**307,
    -(10**307),
    "",
    " ",
    "1",
    "١",  # an Arabic digit one
    "de",
    "DE",
    "de\n",
    "\nde",
    "eur\n",
    "ǆe",  # one letter that looks like two
    "two\nlines",
    "\x00",
    "\U0001f4f1",
    "2022-02-20T00:00:00.000Z",
    "2022-02-20T00:00:00.000Z\n",
    "2022-02-30T00:00:00.000Z",
    "２022-02-20T00:00:00.000Z",  # a fullwidth digit two
    "2022-02-20",
    1645315200000,
    "order_cancelled",
    "order_paid",
    [],
    [None],
    [[]],
    ["de"],
    {},
    {"": None},
    {"product_reference": ""},
    {"type": "order_cancelled"},
    [{"line_item_id": "d"}],
)
"""Values that strict JSON lets through and validators may see differently."""


def pointers(document: Any, pointer: str = "") -> Iterator[str]:
    """Every place of a document, the whole document included."""
    yield pointer
    inner: Iterator[tuple[str | int, Any]] = iter(())
    if isinstance(document, dict):
        inner = iter(document.items())
    elif isinstance(document, list):
        inner = iter(enumerate(document))
    for step, value in inner:
        yield from pointers(value, child(pointer, step))


def replaced(document: Any, pointer: str, value: Any) -> Any:
    """A copy of the document with another value at that place."""
    if not pointer:
        return copy.deepcopy(value)
    changed = copy.deepcopy(document)
    parent, name = _parent(changed, pointer)
    parent[name] = copy.deepcopy(value)
    return changed


def dropped(document: Any, pointer: str) -> Any:
    """A copy of the document without that place."""
    changed = copy.deepcopy(document)
    parent, name = _parent(changed, pointer)
    del parent[name]
    return changed


def _parent(document: Any, pointer: str) -> tuple[Any, Any]:
    parent = at(document, pointer.rpartition("/")[0])
    name = split(pointer)[-1]
    return parent, int(name) if isinstance(parent, list) else name


def mutants_of(document: Any) -> Iterator[Any]:
    """Every way of dropping one value, or replacing it by an awkward one."""
    for pointer in pointers(document):
        if pointer:
            yield dropped(document, pointer)
        for value in AWKWARD:
            yield replaced(document, pointer, value)


@st.composite
def mutants(draw) -> Any:
    """An event with up to three wrong places."""
    document: Any = copy.deepcopy(draw(st.sampled_from(EVENTS)))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(sorted(pointers(document))))
        if place and draw(st.booleans()):
            document = dropped(document, place)
        else:
            document = replaced(document, place, draw(st.sampled_from(AWKWARD)))
    return document
