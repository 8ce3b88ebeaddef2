"""Finding requests: by any text in them, and by the time of their arrival."""

import json
import re

from contracts.http.request import joined
from contracts.timing.rfc3339 import SECOND, Instant, parse_instant, show
from contracts.worlds.journal import Entry

_SPAN = re.compile(r"(\d{1,6})\s*(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_CLOCK = re.compile(r"\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?")


def holds(entry: Entry, words: str) -> bool:
    """Whether any text of a request holds these words, whatever their case: ids, path, headers,
    body, reply. A body may write its letters as JSON escapes.
    """
    expected = words.lower()
    if expected in f"{entry.id} {entry.event_id or ''} {entry.method} {entry.path}".lower():
        return True
    body = entry.body.decode("utf-8", "replace").lower()
    if expected in body or json.dumps(words)[1:-1].lower() in body:
        return True
    if any(expected in f"{name}: {value}".lower() for name, value in joined(entry.headers).items()):
        return True
    return expected in entry.reply_body.decode("utf-8", "replace").lower()


def read_time(text: str, now: Instant) -> Instant | None:
    """A point in time as people type it, in UTC: `10:30`, `15m` ago, a date, or all of RFC 3339.

    None where it is none of these.
    """
    text = text.strip()
    span = _SPAN.fullmatch(text)
    if span:
        return now - int(span[1]) * _SECONDS[span[2]] * SECOND
    if _CLOCK.fullmatch(text):
        text = f"{show(now)[:10]}T{text}"
    text = text.replace(" ", "T", 1) if "T" not in text else text
    if "T" not in text:
        text = f"{text}T00:00:00"
    if len(text) == len("2024-03-01T09:00"):
        text = f"{text}:00"
    return parse_instant(text) or parse_instant(f"{text}Z")
