"""Points in time as RFC 3339 writes them, and calendar arithmetic on UTC dates.

Own code instead of `datetime`: RFC 3339 allows leap seconds, year 0 and more than six fraction
digits, and `datetime.fromisoformat` accepts much that RFC 3339 does not.
"""

import re
from functools import lru_cache

Instant = int
"""Nanoseconds since 1970-01-01T00:00:00Z."""

SECOND = 1_000_000_000
DAY = 86_400 * SECOND

_RFC3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
_NAIVE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SPACED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}.*")
_OFFSET_WITHOUT_COLON = re.compile(r"(.{1,40}[+-][0-9]{2})([0-9]{2})")
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@lru_cache(maxsize=1024)  # each is read twice: by the format check, and for its value
def parse_instant(text: str) -> Instant | None:
    """The instant that an RFC 3339 date-time with offset names, None where it is not one.

    A leap second (`23:59:60` UTC) counts as the next second; digits beyond nanoseconds are cut.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        return None
    date, *clock, fraction, sign, offset_hours, offset_minutes = match.groups()
    days = _days_of(date)
    hour, minute, second = map(int, clock)
    if days is None or hour > 23 or minute > 59 or second > 60:
        return None
    minutes = days * 1440 + hour * 60 + minute
    if sign:
        offset_hour, offset_minute = int(offset_hours), int(offset_minutes)
        if offset_hour > 23 or offset_minute > 59:
            return None
        minutes -= (offset_hour * 60 + offset_minute) * (-1 if sign == "-" else 1)
    if second == 60 and minutes % 1440 != 1439:
        return None
    nanos = int(fraction[:9].ljust(9, "0")) if fraction else 0
    return (minutes * 60 + second) * SECOND + nanos


@lru_cache(maxsize=1024)
def _days_of(date: str) -> int | None:
    """The day number of a date, None where the calendar does not have it."""
    year, month, day = map(int, date.split("-"))
    if not 1 <= month <= 12 or not 1 <= day <= days_in_month(year, month):
        return None
    return days_from_civil(year, month, day)


def why_not_an_instant(value: object) -> str:
    """What is wrong with a value where a timestamp belongs, and what to write."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return "a timestamp is an RFC 3339 string with offset, for example 2022-02-20T00:00:00.000Z"
    if isinstance(value, int | float):
        unit, seconds = ("milliseconds", value / 1000) if abs(value) > 1e11 else ("seconds", value)
        shown = ""
        if -62_000_000_000 < seconds < 253_000_000_000:
            shown = f": write {show(int(seconds * 1000) * 1_000_000)}"
        return (
            f"this looks like epoch {unit}, as other generations of this API took them; "
            f"events take an RFC 3339 string{shown}"
        )
    if _DATE.fullmatch(value) and parse_instant(f"{value}T00:00:00Z") is not None:
        return f"this is a date without time and offset: write {value}T00:00:00.000Z"
    if _NAIVE.fullmatch(value):
        fixed = value.replace(" ", "T").replace("t", "T")
        fixed = fixed if fixed.count(":") == 2 else f"{fixed}:00"
        if parse_instant(f"{fixed}Z") is not None:
            return f"the offset is missing: write {fixed}Z (UTC) or add one such as +01:00"
    if _SPACED.fullmatch(value):
        fixed = value.replace(" ", "T", 1).replace(" ", "")
        if parse_instant(fixed) is not None:
            return f"date and time are separated by T, not by a space: write {fixed}"
    php = _OFFSET_WITHOUT_COLON.fullmatch(value)
    if php and parse_instant(fixed := f"{php[1]}:{php[2]}") is not None:
        return f"the offset lacks its colon (PHP: use DATE_ATOM, not DATE_ISO8601): write {fixed}"
    if value.strip() != value and parse_instant(value.strip()) is not None:
        return "remove the white space around the timestamp"
    return "write an RFC 3339 date-time with offset, for example 2022-02-20T00:00:00.000Z"


def show(instant: Instant) -> str:
    """The instant in the form of the API page: milliseconds and `Z`."""
    seconds, nanos = divmod(instant, SECOND)
    days, in_day = divmod(seconds, 86_400)
    year, month, day = civil_from_days(days)
    clock = f"{in_day // 3600:02}:{in_day % 3600 // 60:02}:{in_day % 60:02}"
    return f"{year:04}-{month:02}-{day:02}T{clock}.{nanos // 1_000_000:03}Z"


def show_date(day: int) -> str:
    """The UTC calendar date of a day number."""
    year, month, month_day = civil_from_days(day)
    return f"{year:04}-{month:02}-{month_day:02}"


def utc_day(instant: Instant) -> int:
    """The number of the instant's UTC calendar day, days since 1970-01-01."""
    return instant // DAY


def months_later(day: int, months: int) -> int:
    """The same day of the month some months later, clamped to that month's last day."""
    year, month, month_day = civil_from_days(day)
    total = year * 12 + month - 1 + months
    year, month = total // 12, total % 12 + 1
    return days_from_civil(year, month, min(month_day, days_in_month(year, month)))


def days_in_month(year: int, month: int) -> int:
    """How many days that month of the proleptic Gregorian calendar has."""
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _MONTH_DAYS[month - 1] + leap


def days_from_civil(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 (years are counted from March, so that the leap day comes last)."""
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146_097 + day_of_era - 719_468


def civil_from_days(days: int) -> tuple[int, int, int]:
    """Year, month, day of a day number; the inverse of `days_from_civil`."""
    era, day_of_era = divmod(days + 719_468, 146_097)
    leap_days = day_of_era // 1460 - day_of_era // 36_524 + day_of_era // 146_096
    year_of_era = (day_of_era - leap_days) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return era * 400 + year_of_era + (month <= 2), month, day_of_year - (153 * shifted + 2) // 5 + 1
