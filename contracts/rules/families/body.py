"""The body against the contract: JSON, fields, formats."""

from collections.abc import Iterator
from typing import Any

from contracts import schemas
from contracts.findings.finding import Basis
from contracts.json_text.pointer import join
from contracts.rules.rule import (
    ADVICE,
    DOCUMENTED,
    INFERRED,
    PLACED,
    VIOLATION,
    WARNING,
    BodyContext,
    Example,
    Found,
    RequestContext,
    Stage,
    rule,
)
from contracts.schemas import validator
from contracts.suggestions import MAX_GUESSES, did_you_mean, resembles

_ADDRESS = "/payload/customer_billing_address"
Path = tuple[str | int, ...]

MAX_COMPARED = 1_000
"""So many different names of custom properties of one body are compared with `product_reference`:
a body may hold 40,000 of them, and no shop has more than a few dozen.
"""


def _errors(context: BodyContext, rule_id: str) -> Iterator[Found]:
    for error in context.schema_errors:
        if error.rule == rule_id:
            basis = Basis(error.basis) if error.basis else None
            yield Found(error.pointer, error.message, error.fix, basis=basis, sources=error.sources)


@rule(
    id="body-invalid",
    title="The body is a valid event",
    stage=Stage.SCHEMA,
    severity=VIOLATION,
    basis=DOCUMENTED,
    sources=("S", "RS"),
    fix="see the schema: hakuna-mock schema",
    passes=("P{d:1}",),
    violates=(
        Example("P{d:1}", edits={"/payload/line_items/0/quantity": 0}),
        Example("P{d:1}", without=("/payload/customer",)),
        Example("P{d:1}", raw="{"),
    ),
    always_refuses=True,
    untyped=True,
)
def body_invalid(context: BodyContext) -> Iterator[Found]:
    """A malformed event is refused with 400 and has no effect.

    No official schema is published: that a field is required is inferred from the examples, which
    all carry it. The basis of each finding is that of the part of the schema that it breaks.
    """
    return _errors(context, "body-invalid")


@rule(
    id="unknown-event-type",
    title="The event type is one of the five",
    stage=Stage.SCHEMA,
    severity=VIOLATION,
    basis=DOCUMENTED,
    sources=("S",),
    fix="use one of the five event types, exactly",
    passes=("P{d:1}",),
    violates=(Example("P{d:1}", edits={"/type": "order_paid"}),),
    always_refuses=True,
    untyped=True,
)
def unknown_event_type(context: BodyContext) -> Iterator[Found]:
    """Other order events exist in shops, but not in this API; the comparison is case-sensitive."""
    return _errors(context, "unknown-event-type")


@rule(
    id="timestamp-format",
    title="Timestamps are RFC 3339 strings with an offset",
    stage=Stage.SCHEMA,
    severity=VIOLATION,
    basis=DOCUMENTED,
    sources=("S",),
    fix="write 2022-02-20T00:00:00.000Z",
    passes=("P{d:1}", Example("P{d:1}", edits={"/payload/placed_at": "2024-03-01T10:00:00+01:00"})),
    violates=(
        Example("P{d:1}", edits={"/payload/placed_at": 1645315200000}),
        Example("P{d:1}", edits={"/payload/placed_at": "2022-02-20"}),
        Example("P{d:1} X", edits={"/payload/cancelled_at": "2022-02-20T00:00:00"}),
    ),
    always_refuses=True,
)
def timestamp_format(context: BodyContext) -> Iterator[Found]:
    """Other generations of this API took epoch numbers, so this is a migration's usual mistake.

    A time without offset means another instant in each time zone, and return windows count days.
    """
    return _errors(context, "timestamp-format")


@rule(
    id="country-format",
    title="Country codes are two lowercase letters",
    stage=Stage.SCHEMA,
    severity=VIOLATION,
    basis=DOCUMENTED,
    sources=("LO", "TB", "OFU"),
    events=(PLACED,),
    fix='write the lowercase ISO 3166-1 code, for example "de"',
    passes=("P{d:1}",),
    violates=(
        Example("P{d:1}", edits={f"{_ADDRESS}/country": "DE"}),
        Example("P{d:1}", edits={f"{_ADDRESS}/country": ""}),
    ),
    always_refuses=True,
)
def country_format(context: BodyContext) -> Iterator[Found]:
    """The country decides which insurance may be sold, so it may not even be empty."""
    return _errors(context, "country-format")


@rule(
    id="currency-format",
    title="Currency codes are three lowercase letters",
    stage=Stage.SCHEMA,
    severity=VIOLATION,
    basis=DOCUMENTED,
    sources=("LO", "GL"),
    events=(PLACED,),
    fix='write the lowercase ISO 4217 code, for example "eur"',
    passes=("P{d:1}",),
    violates=(Example("P{d:1}", edits={"/payload/order_currency": "EUR"}),),
    always_refuses=True,
)
def currency_format(context: BodyContext) -> Iterator[Found]:
    """Most shop systems hold the codes in capitals; the provider's pages have them in lowercase."""
    return _errors(context, "currency-format")


@rule(
    id="json-duplicate-key",
    title="Object keys are unique",
    stage=Stage.REQUEST,
    severity=WARNING,
    basis=INFERRED,
    sources=("inference",),
    because="JSON leaves open which of two values counts, and no page of the provider says it.",
    fix="send each key once",
    passes=("P{d:1}",),
    violates=(
        Example(
            "P{d:1} X",
            raw='{"type": "order_cancelled", "payload": {"order_id": "ord-0", "order_id": "ord-1",'
            ' "cancelled_at": "2024-03-02T09:00:00.000Z"}}',
        ),
    ),
)
def json_duplicate_key(context: RequestContext) -> Iterator[Found]:
    """JSON leaves open which value counts; the last one does here, the first one elsewhere."""
    for pointer in context.duplicates:
        yield Found(
            pointer, "this key appears more than once in its object; the last value was used"
        )


@rule(
    id="unknown-field",
    title="No unknown fields",
    stage=Stage.BODY,
    severity=ADVICE,
    basis=INFERRED,
    sources=("inference",),
    because="Two stored versions of the events page differ in a field, so unlisted fields seem "
    "to be accepted.",
    fix="remove the field",
    passes=("P{d:1}", Example("P{d:1}", edits={"/payload/cart_id": "cart-9"})),
    violates=(
        Example("P{d:1}", edits={"/payload/shop": "berlin"}),
        Example(
            "P{d:1,p:1>d}",
            edits={"/payload/line_items/0/custom_properties": {"product_refrence": "prd-d"}},
        ),
    ),
)
def unknown_field(context: BodyContext) -> Iterator[Found]:
    """Unknown fields are accepted (fields come and go on the page), but a misspelt optional field
    is lost in silence: a protection with `product_refrence` protects nothing.
    """
    document = context.document
    if validator.lists_every_field(document):
        return
    kind = schemas.schema(document["type"])
    for count, (path, known) in enumerate(_unknown(document, kind, (), {})):
        name = str(path[-1])
        message = f"the contract has no field {name[:80]!r} here"
        yield Found(join(path), message, _field_fix(path, known, guess=count < MAX_GUESSES))


def _field_fix(path: Path, known: list[str], *, guess: bool) -> str:
    if path[-2:-1] == ("custom_properties",):  # only near misses of the reference are unknown there
        return f"did you mean {known[0]}?"
    meant = did_you_mean(str(path[-1]), known) if guess else ""
    if not meant and path[:2] == ("payload", "line_items"):
        return f"{unknown_field.fix}, or move it into custom_properties of its line item"
    return meant


def _unknown(
    value: Any, node: dict[str, Any], path: Path, misspelt: dict[str, bool]
) -> Iterator[tuple[Path, list[str]]]:
    """The unlisted keys of a document: their paths, and the names that are listed there.

    `misspelt` remembers which names of custom properties look like the reference.
    """
    node = schemas.resolved(node)
    if isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _unknown(inner, node.get("items", {}), (*path, place), misspelt)
    elif isinstance(value, dict):
        known = node.get("properties", {})
        free = node.get("title") == "Custom properties"
        for name, inner in value.items():
            if name not in known:
                if free and name not in misspelt and len(misspelt) < MAX_COMPARED:
                    misspelt[name] = resembles(name, "product_reference")
                if not free or misspelt.get(name):
                    yield (*path, name), list(known)
            elif isinstance(inner, dict | list):
                yield from _unknown(inner, known[name], (*path, name), misspelt)
