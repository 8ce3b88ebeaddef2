"""Bugs of how times, codes and texts may be written."""

import re

from contracts.orders import events
from contracts.schemas import validator
from contracts.timing import rfc3339
from contracts.timing.rfc3339 import parse_instant
from seeded_bugs import bug
from seeded_bugs.seams import definition


def _times(check):
    validator.is_date_time = lambda value: not isinstance(value, str) or check(value)


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


def _form(change):
    rfc3339._RFC3339 = re.compile(change(rfc3339._RFC3339.pattern))


@bug("schema")
def newline_after_a_time():
    """A newline may follow a time, as `$` in a pattern allows."""
    _form(lambda pattern: f"{pattern}\n?")


@bug("schema")
def comma_in_a_time():
    """A comma may come before the fraction of a second."""
    _form(lambda pattern: pattern.replace(r"\.", "[.,]"))


@bug("schema")
def offset_without_colon():
    """`+0100` is an offset."""
    _form(lambda pattern: pattern.replace("([+-])([0-9]{2}):", "([+-])([0-9]{2}):?"))


@bug("schema")
def digits_of_all_scripts():
    """The digits of a time may be Arabic ones."""
    _form(lambda pattern: pattern.replace("[0-9]", r"\d"))


@bug("schema")
def every_fourth_year():
    """2100 has a 29th of February."""
    rfc3339.days_in_month = lambda year, month: (
        rfc3339._MONTH_DAYS[month - 1] + (month == 2 and year % 4 == 0)
    )


@bug("schema")
def no_leap_day_in_2000():
    """2000 has no 29th of February."""
    rfc3339.days_in_month = lambda year, month: (
        rfc3339._MONTH_DAYS[month - 1] + (month == 2 and year % 4 == 0 and year % 100 != 0)
    )


@bug("schema")
def leap_second_at_any_time():
    """Any minute may have a 61st second."""
    old = rfc3339.parse_instant

    def parse(text):
        found = old(text)
        return old(text.replace(":60", ":59")) if found is None and ":60" in text else found

    validator.parse_instant = events.parse_instant = parse


@bug("schema")
def newline_after_a_country():
    """A newline may follow a country code, as `$` in a pattern allows."""
    definition("country").update(pattern="^[a-z]{2}\n?$", maxLength=3)


@bug("schema")
def newline_after_a_currency():
    """A newline may follow a currency code, as `$` in a pattern allows."""
    definition("currency").update(pattern="^[a-z]{3}\n?$", maxLength=4)


@bug("schema")
def letters_of_all_scripts():
    """Lowercase letters of a country code may have accents."""
    definition("country")["pattern"] = "^[a-zà-ÿ]{2}$"


@bug("schema")
def texts_of_at_most_4096():
    """Texts have 4,096 characters at most."""
    definition("text")["maxLength"] = 4096
