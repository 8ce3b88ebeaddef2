"""The customer's data: codes that exist, currencies that fit, plausible e-mail and postal code."""

import pytest
from plays import Shop, told

from contracts.shorthand import bodies


def told_about(**values: str) -> list[str]:
    """What is said of a placement with these customer values."""
    body = bodies("P{d:1}")[0]
    payload = body["payload"]
    payload["order_currency"] = values.pop("currency", "eur")
    payload["customer"]["email"] = values.pop("email", "max@example.com")
    payload["customer_billing_address"].update({"zip": "", **values})
    shop = Shop()
    shop.send(body)
    return told(shop)


@pytest.mark.parametrize(
    ("country", "currency"),
    [("de", "eur"), ("at", "eur"), ("se", "sek"), ("ch", "chf"), ("gb", "gbp"), ("us", "usd")],
)
def test_the_currency_of_the_country_passes(country, currency):
    assert told_about(country=country, currency=currency) == []


@pytest.mark.parametrize(
    ("country", "currency"), [("de", "sek"), ("se", "eur"), ("ch", "eur"), ("us", "gbp")]
)
def test_another_existing_currency_is_a_mismatch(country, currency):
    assert told_about(country=country, currency=currency) == ["currency-country-mismatch"]


def test_a_country_in_transition_has_two_currencies():
    assert told_about(country="bg", currency="eur") == []
    assert told_about(country="bg", currency="bgn") == []


def test_an_unknown_currency_is_not_also_a_mismatch():
    assert told_about(country="de", currency="xyz") == ["currency-unknown"]


def test_an_unknown_country_is_not_also_a_mismatch():
    assert told_about(country="zz", currency="sek") == ["country-unknown"]


def test_countries_outside_the_table_may_pay_in_anything():
    assert told_about(country="jp", currency="eur") == []


@pytest.mark.parametrize("email", ["", "max@example.com", "max@localhost", "@", "ü@ö"])
def test_an_e_mail_address_is_empty_or_holds_an_at(email):
    assert told_about(email=email) == []


@pytest.mark.parametrize("email", ["n/a", "max.example.com", " "])
def test_another_text_is_no_e_mail_address(email):
    assert told_about(email=email) == ["email-format"]


def test_kosovo_is_a_country_although_iso_3166_1_has_no_code_for_it():
    assert told_about(country="xk") == []


@pytest.mark.parametrize("zip_code", ["", "81371", "DE-81371", "D-81371", "81 371"])
def test_a_plausible_or_empty_postal_code_passes(zip_code):
    assert told_about(zip=zip_code) == []


@pytest.mark.parametrize("zip_code", ["123456", "1067", "8137l", "-"])
def test_another_text_is_no_german_postal_code(zip_code):
    assert told_about(zip=zip_code) == ["zip-format"]
