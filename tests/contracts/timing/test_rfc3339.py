"""RFC 3339 as this contract reads it, and calendar arithmetic."""

import calendar
import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.timing.rfc3339 import (
    DAY,
    SECOND,
    civil_from_days,
    days_from_civil,
    months_later,
    parse_instant,
    show,
    show_date,
    utc_day,
    why_not_an_instant,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOON = parse_instant("2022-02-20T12:00:00Z")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2022-02-20T12:00:00.000Z", id="the form of the page"),
        pytest.param("2022-02-20T12:00:00Z", id="without fraction"),
        pytest.param("2022-02-20t12:00:00z", id="lowercase letters"),
        pytest.param("2022-02-20T12:00:00+00:00", id="zero offset"),
        pytest.param("2022-02-20T12:00:00-00:00", id="unknown local offset"),
        pytest.param("2022-02-20T13:30:00+01:30", id="ahead of UTC"),
        pytest.param("2022-02-19T12:01:00-23:59", id="far behind UTC"),
        pytest.param("2022-02-20T12:00:00.000000000000Z", id="more digits than nanoseconds"),
        pytest.param("2022-02-20T12:00:00.0000000009Z", id="digits beyond nanoseconds are cut"),
    ],
)
def test_these_forms_all_name_noon(text):
    assert parse_instant(text) == NOON


@pytest.mark.parametrize(
    ("text", "later"),
    [
        ("2022-02-20T12:00:00.1Z", SECOND // 10),
        ("2022-02-20T12:00:00.158Z", 158_000_000),
        ("2022-02-20T12:00:00.000000001Z", 1),
        ("2022-02-20T12:00:59.999999999Z", 60 * SECOND - 1),
        ("2022-02-21T12:00:00Z", DAY),
        ("1970-01-01T00:00:00Z", -NOON),
    ],
)
def test_an_instant_is_a_number_of_nanoseconds(text, later):
    assert parse_instant(text) == NOON + later


@pytest.mark.parametrize(
    ("leap", "next_second"),
    [
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2016-12-31T23:59:60.5Z", "2017-01-01T00:00:00.5Z"),
        ("2017-01-01T00:59:60+01:00", "2017-01-01T00:00:00Z"),
        ("2016-12-31T15:59:60-08:00", "2017-01-01T00:00:00Z"),
    ],
)
def test_a_leap_second_counts_as_the_next_second(leap, next_second):
    assert parse_instant(leap) == parse_instant(next_second)


@pytest.mark.parametrize(
    "text", ["2024-02-29T00:00:00Z", "2000-02-29T00:00:00Z", "0000-02-29T00:00:00Z"]
)
def test_29_february_exists_in_leap_years(text):
    assert parse_instant(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2022-02-20 12:00:00Z", id="space for T"),
        pytest.param("2022-02-20T12:00:00 Z", id="space before Z"),
        pytest.param("2022-02-20T12:00:00", id="naive"),
        pytest.param("2022-02-20", id="date only"),
        pytest.param("12:00:00Z", id="time only"),
        pytest.param("2022-02-20T12:00Z", id="without seconds"),
        pytest.param("2022-02-20T24:00:00Z", id="24 o'clock"),
        pytest.param("2022-02-20T12:60:00Z", id="minute 60"),
        pytest.param("2022-02-20T12:00:61Z", id="second 61"),
        pytest.param("2022-02-20T12:00:60Z", id="leap second at noon"),
        pytest.param("2016-12-31T23:59:60+01:00", id="leap second by the wrong clock"),
        pytest.param("2022-02-29T00:00:00Z", id="29 February of a common year"),
        pytest.param("1900-02-29T00:00:00Z", id="29 February of 1900"),
        pytest.param("2022-02-30T00:00:00Z", id="30 February"),
        pytest.param("2022-04-31T00:00:00Z", id="31 April"),
        pytest.param("2022-00-20T00:00:00Z", id="month 0"),
        pytest.param("2022-13-20T00:00:00Z", id="month 13"),
        pytest.param("2022-02-00T00:00:00Z", id="day 0"),
        pytest.param("2022-02-20T12:00:00.Z", id="a point without digits"),
        pytest.param("2022-02-20T12:00:00,5Z", id="decimal comma"),
        pytest.param("2022-02-20T12:00:00+0100", id="offset without colon"),
        pytest.param("2022-02-20T12:00:00+01", id="offset without minutes"),
        pytest.param("2022-02-20T12:00:00+24:00", id="offset of 24 hours"),
        pytest.param("2022-02-20T12:00:00+01:60", id="offset of 60 minutes"),
        pytest.param("2022-02-20T12:00:00\u221201:00", id="a typographic minus"),
        pytest.param("20220220T120000Z", id="basic format"),
        pytest.param("2022-051T12:00:00Z", id="ordinal date"),
        pytest.param("22-02-20T12:00:00Z", id="two-digit year"),
        pytest.param("12022-02-20T12:00:00Z", id="five-digit year"),
        pytest.param("-2022-02-20T12:00:00Z", id="signed year"),
        pytest.param("2022-02-20T12:00:00Z\n", id="newline after it"),
        pytest.param(" 2022-02-20T12:00:00Z", id="blank before it"),
        pytest.param("\uff12022-02-20T12:00:00Z", id="fullwidth digit"),
        pytest.param("٢٠٢٢-02-20T12:00:00Z", id="Arabic digits"),
        pytest.param("", id="empty"),
        pytest.param("now", id="a word"),
    ],
)
def test_these_forms_are_refused(text):
    assert parse_instant(text) is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1645315200000, "epoch milliseconds"),
        (1645315200, "epoch seconds"),
        (1645315200.5, "epoch seconds"),
        ("2022-02-20", "write 2022-02-20T00:00:00.000Z"),
        ("2022-02-20T12:00:00", "the offset is missing: write 2022-02-20T12:00:00Z"),
        ("2022-02-20 12:00", "the offset is missing: write 2022-02-20T12:00:00Z"),
        ("2022-02-20 12:00:00Z", "not by a space: write 2022-02-20T12:00:00Z"),
        ("2022-02-20 12:00:00 +01:00", "not by a space: write 2022-02-20T12:00:00+01:00"),
        (" 2022-02-20T12:00:00Z ", "remove the white space"),
        (True, "an RFC 3339 string with offset"),
        (None, "an RFC 3339 string with offset"),
        ([], "an RFC 3339 string with offset"),
        ("yesterday", "write an RFC 3339 date-time with offset"),
    ],
)
def test_a_refusal_says_what_it_is_and_what_to_write(value, words):
    assert words in why_not_an_instant(value)


@pytest.mark.parametrize("number", [1645315200000, 1645315200])
def test_an_epoch_number_is_answered_with_the_string_to_write(number):
    assert "write 2022-02-20T00:00:00.000Z" in why_not_an_instant(number)


@pytest.mark.parametrize("number", [10**307, -(10**307), 1e308, -1, 0, 10**12 * 5])
def test_any_number_gets_an_answer(number):
    assert "epoch" in why_not_an_instant(number)


@pytest.mark.parametrize(
    "value",
    [
        1645315200000,
        1645315200,
        -5,
        "2022-02-20",
        "2022-02-30",
        "2022-13-01",
        "2022-02-20T12:00:00",
        "2022-02-30T12:00:00",
        "2022-02-20 12:00:00 +01:00",
        "2022-02-20T12:00:00+0200",
        "2022-02-20t12:00",
    ],
)
def test_what_a_refusal_tells_to_write_is_accepted(value):
    for told in re.findall(r"write (\S*\d\S*)", why_not_an_instant(value)):
        assert parse_instant(told) is not None, told


OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(
    lambda minutes: timezone(timedelta(minutes=minutes))
)


@given(st.datetimes(timezones=OFFSETS))
def test_ordinary_values_mean_what_datetime_says(moment):
    elapsed = moment - EPOCH
    expected = (elapsed // timedelta(microseconds=1)) * 1000
    assert parse_instant(moment.isoformat()) == expected


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=OFFSETS))  # noqa: DTZ001
def test_the_shown_form_names_the_same_millisecond(moment):
    instant = parse_instant(moment.isoformat())
    assert 0 <= instant - parse_instant(show(instant)) < SECOND // 1000


@given(st.dates())
def test_day_numbers_are_those_of_the_calendar(day):
    number = (day - date(1970, 1, 1)).days
    assert days_from_civil(day.year, day.month, day.day) == number
    assert civil_from_days(number) == (day.year, day.month, day.day)
    assert show_date(number) == day.isoformat()


@given(st.dates(max_value=date(9990, 1, 1)), st.integers(0, 40))
@example(date(2022, 11, 30), 3)
@example(date(2023, 11, 30), 3)
@example(date(2024, 1, 31), 1)
def test_months_later_is_the_same_day_or_the_last_of_a_shorter_month(day, months):
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    expected = date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
    number = months_later(days_from_civil(day.year, day.month, day.day), months)
    assert show_date(number) == expected.isoformat()


def test_a_utc_day_ends_at_midnight_utc_whatever_the_offset():
    assert utc_day(parse_instant("2022-02-20T23:59:59.999Z")) + 1 == utc_day(
        parse_instant("2022-02-20T23:00:00-01:00")
    )
