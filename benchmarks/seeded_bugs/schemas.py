"""Bugs of the schema: every field that is required by mistake, optional by mistake, or untyped."""

from functools import partial

from contracts import explain, gate, schemas, strict_json
from contracts.instant import parse_instant
from seeded_bugs import Mutant, add, bug


def _objects():
    """Every object of the contract with its name: payloads, items, customer, address."""
    for kind in schemas.EVENT_TYPES:
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


def _definition(name):
    return schemas.schema("common")["$defs"][name]


@bug("schema")
def quantity_zero():
    """A quantity may be 0."""
    _definition("quantity")["minimum"] = 0


@bug("schema")
def quantity_of_at_most_99():
    """A quantity has two digits at most."""
    _definition("quantity")["maximum"] = 99


@bug("schema")
def quantity_fractional():
    """A quantity may be 1.5."""
    _definition("quantity")["type"] = "number"


@bug("schema")
def cancelled_quantity_zero():
    """A cancelled quantity may be 0."""
    _definition("cancelled_line_item")["properties"]["quantity"]["minimum"] = 0


@bug("schema")
def free_products_refused():
    """A price of 0 is refused."""
    _definition("line_item")["properties"]["price_amount"]["minimum"] = 1


@bug("schema")
def negative_price():
    """A price may be negative."""
    del _definition("line_item")["properties"]["price_amount"]["minimum"]


@bug("schema")
def empty_id():
    """Ids may be empty."""
    del _definition("id")["minLength"]


@bug("schema")
def long_id_refused():
    """Ids have 40 characters at most."""
    _definition("id")["maxLength"] = 40


@bug("schema")
def ascii_ids_only():
    """Ids are letters, digits and hyphens."""
    _definition("id")["pattern"] = "^[A-Za-z0-9_-]*$"


@bug("schema")
def empty_texts_refused():
    """Empty strings are refused where the provider asks for them."""
    _definition("text")["minLength"] = 1


@bug("schema")
def long_texts_refused():
    """Texts have 255 characters at most."""
    _definition("text")["maxLength"] = 255


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
    _definition("country")["pattern"] = "^[A-Za-z]{2}$"


@bug("schema")
def currency_in_capitals():
    """`EUR` is a currency code."""
    _definition("currency")["pattern"] = "^[A-Za-z]{3}$"


@bug("schema")
def currency_with_digits():
    """Letters of a currency may be digits."""
    _definition("currency")["pattern"] = "^[a-z0-9]{3}$"


@bug("schema")
def reference_empty():
    """An empty `product_reference` is accepted."""
    custom = _definition("line_item")["properties"]["custom_properties"]
    del custom["properties"]["product_reference"]["minLength"]


@bug("schema")
def unknown_fields_refused():
    """A field outside the contract is refused."""
    for kind in schemas.EVENT_TYPES:
        schemas.schema(kind)["properties"]["payload"]["additionalProperties"] = False


@bug("schema")
def custom_properties_closed():
    """Properties of the shop's own are refused."""
    custom = _definition("line_item")["properties"]["custom_properties"]
    custom["additionalProperties"] = False


def _times(check):
    gate.is_date_time = lambda value: not isinstance(value, str) or check(value)
    explain.is_date_time = gate.is_date_time


@bug("schema")
def only_utc():
    """Times with an offset are refused: only `Z` is known."""
    _times(lambda text: parse_instant(text) is not None and text.endswith("Z"))


@bug("schema")
def milliseconds_needed():
    """Times without a fraction are refused."""
    _times(lambda text: parse_instant(text) is not None and "." in text)


@bug("schema")
def six_digits_of_a_second():
    """More than six digits of a second are refused."""
    _times(lambda text: parse_instant(text) is not None and len(text) <= 32)


@bug("schema")
def lowercase_time_refused():
    """`t` and `z` are refused, which RFC 3339 allows."""
    _times(lambda text: parse_instant(text) is not None and text.upper() == text)


@bug("schema")
def leap_second_refused():
    """23:59:60 is refused."""
    _times(lambda text: parse_instant(text) is not None and ":60" not in text)


@bug("schema")
def strictly_integers():
    """1.0 is no quantity."""
    strict_json._finite = float
    old = gate.accepts
    gate.accepts = lambda document: old(document) and ".0" not in repr(document)


@bug("schema")
def nested_too_deeply():
    """A body may be nested as deeply as it likes."""
    strict_json.MAX_DEPTH = 900


@bug("schema")
def one_level_less():
    """A body may be nested 63 levels deep, one less than told."""
    strict_json.MAX_DEPTH = 63


@bug("schema")
def byte_order_mark_forgiven():
    """A byte order mark is skipped."""
    old = strict_json._decoded
    strict_json._decoded = lambda body: old(body.removeprefix(b"\xef\xbb\xbf"))


@bug("schema")
def other_encoding_forgiven():
    """Bytes that are no UTF-8 are read as Latin-1."""
    old = strict_json._decoded

    def decoded(body):
        found = old(body)
        return found if isinstance(found, str) else body.decode("latin-1")

    strict_json._decoded = decoded


@bug("schema")
def not_a_number_forgiven():
    """NaN and Infinity are numbers."""
    strict_json._refuse_constant = float


@bug("schema")
def too_large_number_forgiven():
    """1e999 is a number."""
    strict_json._finite = lambda digits: (
        int(value) if (value := float(digits)).is_integer() else value
    )


@bug("schema")
def lone_surrogate_forgiven():
    """A lone surrogate is text."""
    strict_json._lone_surrogate = lambda _value: None


@bug("schema")
def first_of_two_keys():
    """Of a key that stands twice the first value counts."""
    old = strict_json.json.loads

    def loads(text, **named):
        hook = named["object_pairs_hook"]

        def first(pairs):
            found = hook(pairs)
            for key, value in reversed(pairs):
                found[key] = value
            return found

        return old(text, **{**named, "object_pairs_hook": first})

    strict_json.json = type(
        "json",
        (),
        {"loads": staticmethod(loads), "JSONDecodeError": strict_json.json.JSONDecodeError},
    )


@bug("schema")
def repeated_key_unnoticed():
    """A key that stands twice raises no finding."""
    strict_json._pointers_of = lambda _repeated, _value: ()
