"""The customer's data: codes that exist, currencies that fit, plausible e-mail and postal code."""

from collections.abc import Iterator

from contracts.orders.events import OrderPlaced
from contracts.rules.rule import (
    ADVICE,
    DOCUMENTED,
    INFERRED,
    PLACED,
    WARNING,
    BodyContext,
    Example,
    Found,
    Stage,
    rule,
)
from contracts.schemas.codes import codes, postal_code_problem

_ADDRESS = "/payload/customer_billing_address"
_COUNTRY = f"{_ADDRESS}/country"
_CURRENCY = "/payload/order_currency"


@rule(
    id="country-unknown",
    title="The country code exists",
    stage=Stage.BODY,
    severity=WARNING,
    basis=DOCUMENTED,
    sources=("GL", "LO"),
    events=(PLACED,),
    fix="use a code of ISO 3166-1",
    passes=(Example("P{d:1}", edits={_COUNTRY: "at", f"{_ADDRESS}/zip": "1010"}),),
    violates=(Example("P{d:1}", edits={_COUNTRY: "zz"}),),
)
def country_unknown(context: BodyContext) -> Iterator[Found]:
    """A well-formed code that names no country is a typing error or a placeholder."""
    if isinstance(context.event, OrderPlaced) and context.event.country not in codes().countries:
        yield Found(_COUNTRY, f"{context.event.country!r} is not a country code of ISO 3166-1")


@rule(
    id="currency-unknown",
    title="The currency code exists",
    stage=Stage.BODY,
    severity=WARNING,
    basis=DOCUMENTED,
    sources=("GL", "LO"),
    events=(PLACED,),
    fix="use a code of ISO 4217",
    passes=("P{d:1}",),
    violates=(Example("P{d:1}", edits={_CURRENCY: "xyz"}),),
)
def currency_unknown(context: BodyContext) -> Iterator[Found]:
    """A well-formed code that names no currency is a typing error or a placeholder."""
    if isinstance(context.event, OrderPlaced) and context.event.currency not in codes().currencies:
        yield Found(_CURRENCY, f"{context.event.currency!r} is not a currency code of ISO 4217")


@rule(
    id="currency-country-mismatch",
    title="Prices are in the currency of the customer's country",
    stage=Stage.BODY,
    severity=WARNING,
    basis=DOCUMENTED,
    sources=("LO",),
    events=(PLACED,),
    fix="send prices in the currency of the customer's country",
    passes=(
        Example("P{d:1}", edits={_COUNTRY: "se", _CURRENCY: "sek", f"{_ADDRESS}/zip": "11122"}),
        Example("P{d:1}", edits={_COUNTRY: "jp", _CURRENCY: "eur", f"{_ADDRESS}/zip": "1"}),
    ),
    violates=(Example("P{d:1}", edits={_CURRENCY: "sek"}),),
)
def currency_country_mismatch(context: BodyContext) -> Iterator[Found]:
    """Plans are priced in the local currency. Countries outside our table are skipped."""
    event = context.event
    if not isinstance(event, OrderPlaced) or event.currency not in codes().currencies:
        return
    expected = codes().country_currencies.get(event.country)
    if expected and event.currency not in expected:
        yield Found(
            _CURRENCY,
            f"the order is in {event.currency}, but the customer's country ({event.country}) "
            f"pays in {expected[0]}",
        )


@rule(
    id="email-format",
    title="The e-mail address is plausible or empty",
    stage=Stage.BODY,
    severity=ADVICE,
    basis=DOCUMENTED,
    sources=("OFU",),
    events=(PLACED,),
    fix='send an address, or "" if you have none',
    passes=("P{d:1}", Example("P{d:1}", edits={"/payload/customer/email": ""})),
    violates=(Example("P{d:1}", edits={"/payload/customer/email": "n/a"}),),
)
def email_format(context: BodyContext) -> Iterator[Found]:
    """The policy is mailed to this address. The provider asks for "" where there is none."""
    if isinstance(context.event, OrderPlaced):
        email = context.document["payload"]["customer"]["email"]
        if email and "@" not in email:
            yield Found("/payload/customer/email", "this is not an e-mail address: it has no @")


@rule(
    id="zip-format",
    title="The postal code is plausible or empty",
    stage=Stage.BODY,
    severity=ADVICE,
    basis=INFERRED,
    sources=("inference",),
    because="Postal codes have known forms, but no page says that they are checked.",
    events=(PLACED,),
    fix='send the postal code of the address, or "" if you have none',
    passes=("P{d:1}", Example("P{d:1}", edits={f"{_ADDRESS}/zip": ""})),
    violates=(Example("P{d:1}", edits={f"{_ADDRESS}/zip": "123456"}),),
)
def zip_format(context: BodyContext) -> Iterator[Found]:
    """Leading zeros get lost where codes are kept as numbers. The page's own example breaks this
    rule (123456 is not a German code), so it is advice only. Other countries are skipped.
    """
    if isinstance(context.event, OrderPlaced):
        zip_code = context.document["payload"]["customer_billing_address"]["zip"]
        expected = postal_code_problem(context.event.country, zip_code)
        if expected:
            yield Found(
                f"{_ADDRESS}/zip",
                f"{zip_code[:40]!r} is not a postal code of {context.event.country}: "
                f"those have {expected}",
            )
