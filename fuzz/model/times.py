"""Points in time of the naive model: RFC 3339 text to nanoseconds since 1970 UTC, and UTC dates.

Written out with the civil calendar's arithmetic, because `datetime` knows no year 0 and no leap
second.
"""

import re

SECOND = 1_000_000_000
DAY = 86_400 * SECOND

_FORM = re.compile(
    "([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.]([0-9]+))?"
    "(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def time_of(text: object) -> int | None:
    """The nanoseconds since 1970 UTC of an RFC 3339 date-time; None where it is none."""
    match = _FORM.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(match[place]) for place in range(1, 7))
    if not 1 <= month <= 12 or not 1 <= day <= days_in(year, month):
        return None
    if hour > 23 or minute > 59 or second > 60:
        return None
    offset = 0
    if match[8]:
        hours, minutes = int(match[9]), int(match[10])
        if hours > 23 or minutes > 59:
            return None
        offset = (hours * 60 + minutes) * (-1 if match[8] == "-" else 1)
    minutes_of_day = hour * 60 + minute - offset
    if second == 60 and minutes_of_day % 1440 != 1439:
        return None
    seconds = days_since_1970(year, month, day) * 86_400 + minutes_of_day * 60 + second
    return seconds * SECOND + int((match[7] or "0")[:9].ljust(9, "0"))


def days_in(year: int, month: int) -> int:
    """How many days the month has."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and leap else _LENGTHS[month - 1]


def days_since_1970(year: int, month: int, day: int) -> int:
    """The day's number; 1970-01-01 is 0. Years count from March, so that February ends them."""
    if month <= 2:
        year -= 1
        month += 12
    return (
        year * 365
        + year // 4
        - year // 100
        + year // 400
        + (153 * (month - 3) + 2) // 5
        + day
        - 719_469
    )


def date_of(day: int) -> tuple[int, int, int]:
    """Year, month and day of a day's number."""
    year = 1970 + day // 366
    while days_since_1970(year + 1, 1, 1) <= day:
        year += 1
    month = 1
    while month < 12 and days_since_1970(year, month + 1, 1) <= day:
        month += 1
    return year, month, day - days_since_1970(year, month, 1) + 1


def utc_day(instant: int) -> int:
    """The number of the UTC day in which the instant lies."""
    return instant // DAY


def months_later(day: int, months: int) -> int:
    """The day that many calendar months later; where the month is too short, its last day."""
    year, month, of_month = date_of(day)
    month += months
    if month > 12:
        year, month = year + 1, month - 12
    return days_since_1970(year, month, min(of_month, days_in(year, month)))
