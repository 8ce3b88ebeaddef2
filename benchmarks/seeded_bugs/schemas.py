"""Bugs of the schema: every field that is required by mistake, optional by mistake, or untyped."""

from functools import partial

from contracts import schemas
from contracts.event_kinds import EVENT_TYPES
from contracts.schemas import validator
from seeded_bugs import Mutant, add, bug
from seeded_bugs.seams import definition, numbers


def _objects():
    """Every object of the contract with its name: payloads, items, customer, address."""
    for kind in EVENT_TYPES:
        yield kind, schemas.schema(kind)["properties"]["payload"]
    shared = schemas.schema("common")["$defs"]
    for name in (
        "customer",
        "address",
        "line_item",
        "fulfillment_item",
        "refund_item",
        "cancelled_line_item",
    ):
        yield name, shared[name]
    yield "custom_properties", shared["line_item"]["properties"]["custom_properties"]


def _not_required(node, field):
    node["required"].remove(field)


def _untyped(node, field):
    node["properties"][field] = {}


def _no_null(node, field):
    node["properties"][field]["type"] = node["properties"][field]["type"][0]


def _no_null_time(node, field):
    node["properties"][field] = {"$ref": "common.json#/$defs/timestamp"}


for _name, _node in _objects():
    for _field in _node.get("required", ()):
        add(
            Mutant(
                f"{_name}.{_field}-not-required".replace("_", "-"),
                "schema",
                f"`{_field}` of {_name} may be left out.",
                partial(_not_required, _node, _field),
            )
        )
    for _field, _inner in _node["properties"].items():
        add(
            Mutant(
                f"{_name}.{_field}-untyped".replace("_", "-"),
                "schema",
                f"`{_field}` of {_name} may be anything.",
                partial(_untyped, _node, _field),
            )
        )
        if isinstance(_inner.get("type"), list) or _inner.get("$ref", "").endswith("_or_null"):
            _patch = _no_null if "type" in _inner else _no_null_time
            add(
                Mutant(
                    f"{_name}.{_field}-null-refused".replace("_", "-"),
                    "schema",
                    f"`{_field}` of {_name} is optional, but null is refused.",
                    partial(_patch, _node, _field),
                )
            )


@bug("schema")
def quantity_zero():
    """A quantity may be 0."""
    definition("quantity")["minimum"] = 0


@bug("schema")
def quantity_of_at_most_99():
    """A quantity has two digits at most."""
    definition("quantity")["maximum"] = 99


@bug("schema")
def quantity_fractional():
    """A quantity may be 1.5."""
    definition("quantity")["type"] = "number"


@bug("schema")
def cancelled_quantity_zero():
    """A cancelled quantity may be 0."""
    definition("cancelled_line_item")["properties"]["quantity"]["minimum"] = 0


@bug("schema")
def free_products_refused():
    """A price of 0 is refused."""
    definition("line_item")["properties"]["price_amount"]["minimum"] = 1


@bug("schema")
def negative_price():
    """A price may be negative."""
    del definition("line_item")["properties"]["price_amount"]["minimum"]


@bug("schema")
def empty_id():
    """Ids may be empty."""
    del definition("id")["minLength"]


@bug("schema")
def long_id_refused():
    """Ids have 40 characters at most."""
    definition("id")["maxLength"] = 40


@bug("schema")
def ascii_ids_only():
    """Ids are letters, digits and hyphens."""
    definition("id")["pattern"] = "^[A-Za-z0-9_-]*$"


@bug("schema")
def empty_texts_refused():
    """Empty strings are refused where the provider asks for them."""
    definition("text")["minLength"] = 1


@bug("schema")
def long_texts_refused():
    """Texts have 255 characters at most."""
    definition("text")["maxLength"] = 255


@bug("schema")
def empty_list():
    """An order without lines is accepted."""
    payload = schemas.schema("order_placed")["properties"]["payload"]
    del payload["properties"]["line_items"]["minItems"]


@bug("schema")
def empty_refund():
    """A refund without entries is accepted."""
    payload = schemas.schema("order_refund_added")["properties"]["payload"]
    del payload["properties"]["refund_items"]["minItems"]


@bug("schema")
def country_in_capitals():
    """`DE` is a country code."""
    definition("country")["pattern"] = "^[A-Za-z]{2}$"


@bug("schema")
def currency_in_capitals():
    """`EUR` is a currency code."""
    definition("currency")["pattern"] = "^[A-Za-z]{3}$"


@bug("schema")
def currency_with_digits():
    """Letters of a currency may be digits."""
    definition("currency")["pattern"] = "^[a-z0-9]{3}$"


@bug("schema")
def reference_empty():
    """An empty `product_reference` is accepted."""
    custom = definition("line_item")["properties"]["custom_properties"]
    del custom["properties"]["product_reference"]["minLength"]


@bug("schema")
def unknown_fields_refused():
    """A field outside the contract is refused."""
    for kind in EVENT_TYPES:
        schemas.schema(kind)["properties"]["payload"]["additionalProperties"] = False


@bug("schema")
def custom_properties_closed():
    """Properties of the shop's own are refused."""
    custom = definition("line_item")["properties"]["custom_properties"]
    custom["additionalProperties"] = False


@bug("schema")
def strictly_integers():
    """1.0 is not a quantity."""
    numbers(_finite=float)
    old = validator.accepts
    validator.accepts = lambda document: old(document) and ".0" not in repr(document)
