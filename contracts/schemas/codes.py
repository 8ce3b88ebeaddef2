"""ISO country and currency codes, and the plausibility tables for prices and addresses.

The tables cover the EU, the EEA, the United Kingdom, Switzerland and the United States; rules
that use them skip every other country. The countries are those of ISO 3166-1, and Kosovo, whose
code `xk` the standard leaves to its users.
"""

import json
import re
from functools import cache
from typing import NamedTuple

from contracts import schemas


class PostalCode(NamedTuple):
    """What a country's postal code looks like without spaces and hyphens.

    `prefixes` are what people write before it to name the country: the country code, or the
    letters that its cars carry abroad, as in `D-10115` or `L-1234`.
    """

    pattern: re.Pattern[str]
    in_words: str
    prefixes: tuple[str, ...]


class Codes(NamedTuple):
    """All tables; every code is lowercase, as the API wants it."""

    countries: frozenset[str]
    currencies: frozenset[str]
    country_currencies: dict[str, tuple[str, ...]]
    postal_codes: dict[str, PostalCode]


@cache
def codes() -> Codes:
    """The tables, read once from the package's data."""
    data = json.loads(schemas.text("codes"))
    return Codes(
        frozenset(data["countries"].split()),
        frozenset(data["currencies"].split()),
        {country: tuple(known) for country, known in data["country_currencies"].items()},
        {
            country: PostalCode(
                re.compile(row["pattern"]), row["in_words"], tuple(row["prefixes"].split())
            )
            for country, row in data["postal_codes"].items()
        },
    )


def postal_code_problem(country: str, zip_code: str) -> str | None:
    """What that country's postal codes look like, if this one does not; None if it is plausible."""
    expected = codes().postal_codes.get(country)
    if expected is None or not zip_code:
        return None
    bare = re.sub(r"[\s-]", "", zip_code).upper()
    candidates = {bare, *(bare.removeprefix(prefix) for prefix in expected.prefixes)}
    if any(expected.pattern.fullmatch(candidate) for candidate in candidates):
        return None
    return expected.in_words
