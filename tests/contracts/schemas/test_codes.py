"""ISO codes and the tables of currencies and postal codes."""

import re

import pytest

from contracts.schemas.codes import codes, postal_code_problem

EU = [
    "at",
    "be",
    "bg",
    "cy",
    "cz",
    "de",
    "dk",
    "ee",
    "es",
    "fi",
    "fr",
    "gr",
    "hr",
    "hu",
    "ie",
    "it",
    "lt",
    "lu",
    "lv",
    "mt",
    "nl",
    "pl",
    "pt",
    "ro",
    "se",
    "si",
    "sk",
]
TABLED = {*EU, "is", "li", "no", "gb", "ch", "us"}


def test_there_are_as_many_countries_as_iso_3166_1_has_and_kosovo():
    assert len(codes().countries) == 249 + 1
    assert all(re.fullmatch("[a-z]{2}", code) for code in codes().countries)


@pytest.mark.parametrize("code", ["de", "at", "gb", "xk", "uk", "zz", "eu"])
def test_only_codes_that_name_a_country_exist(code):
    assert (code in codes().countries) == (code in ("de", "at", "gb", "xk"))


@pytest.mark.parametrize("code", ["eur", "sek", "usd", "chf", "gbp", "jpy"])
def test_current_currencies_exist(code):
    assert code in codes().currencies


@pytest.mark.parametrize("code", ["dem", "xyz", "euro", ""])
def test_gone_and_invented_currencies_do_not_exist(code):
    assert code not in codes().currencies


def test_the_tables_cover_the_eu_the_eea_the_uk_switzerland_and_the_us():
    assert codes().country_currencies.keys() == TABLED
    assert codes().postal_codes.keys() == TABLED


def test_the_tables_name_only_codes_that_exist():
    assert codes().country_currencies.keys() <= codes().countries
    for currencies in codes().country_currencies.values():
        assert set(currencies) <= codes().currencies


@pytest.mark.parametrize(
    ("country", "zip_code"),
    [
        ("de", "81371"),
        ("de", "01067"),
        ("de", "DE-81371"),
        ("at", "1010"),
        ("se", "111 22"),
        ("nl", "1012 AB"),
        ("nl", "1012ab"),
        ("gb", "SW1A 1AA"),
        ("gb", "M1 1AE"),
        ("ie", "D02 AF30"),
        ("pl", "00-950"),
        ("pt", "1000-001"),
        ("mt", "VLT 1117"),
        ("us", "94105"),
        ("us", "94105-1420"),
        ("lv", "LV-1010"),
        ("ch", "8001"),
        ("lu", "L-1234"),
        ("de", "D-10115"),
        ("de", "D 10115"),
        ("de", "d10115"),
        ("at", "A-1010"),
        ("ch", "CH-8001"),
        ("fr", "F-75001"),
        ("it", "I-00184"),
        ("be", "B-1000"),
        ("nl", "NL-1012 AB"),
        ("es", "E-28001"),
        ("se", "S-111 22"),
        ("no", "N-0150"),
        ("fi", "FIN-00100"),
        ("si", "SLO-1000"),
        ("hu", "H-1051"),
        ("li", "FL-9490"),
        ("gr", "EL-10431"),
        ("gb", "L1 8JQ"),
    ],
)
def test_usual_spellings_of_postal_codes_are_plausible(country, zip_code):
    assert postal_code_problem(country, zip_code) is None


@pytest.mark.parametrize(
    ("country", "zip_code", "expected"),
    [
        ("de", "123456", "5 digits"),
        ("de", "1067", "5 digits"),
        ("de", "8137x", "5 digits"),
        ("de", "٨١٣٧١", "5 digits"),
        ("at", "10100", "4 digits"),
        ("us", "941051", "5 or 9 digits"),
        ("de", "A-10115", "5 digits"),
        ("at", "D-1010", "4 digits"),
        ("de", "D-1011", "5 digits"),
        ("lu", "LL-1234", "4 digits"),
        ("nl", "1012", "4 digits and 2 letters"),
    ],
)
def test_other_postal_codes_are_answered_with_what_is_expected(country, zip_code, expected):
    assert postal_code_problem(country, zip_code) == expected


@pytest.mark.parametrize(("country", "zip_code"), [("jp", "x"), ("zz", "1"), ("de", "")])
def test_other_countries_and_empty_codes_are_skipped(country, zip_code):
    assert postal_code_problem(country, zip_code) is None
