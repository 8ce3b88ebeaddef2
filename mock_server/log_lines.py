"""One log line per request, for people or for programs."""

import json
import os
import sys
from collections.abc import Callable
from typing import TextIO

from contracts.findings.finding import Finding, Severity, most_severe_first
from contracts.http.credentials import mask_keys
from contracts.printable import printable
from contracts.timing.rfc3339 import show
from contracts.worlds.journal import Entry

LogLine = Callable[[Entry, str | None, str | None], None]
"""Takes the entry, the event type and the order id, where they are known."""

MOST = 100

_SIGNS = {Severity.VIOLATION: "✗", Severity.WARNING: "!", Severity.ADVICE: "·"}
_COLOURS = {Severity.VIOLATION: "31", Severity.WARNING: "33", Severity.ADVICE: "2"}


def make_log(
    log_format: str, out: TextIO | None = None, inspector: Callable[[], str] = str
) -> LogLine:
    """The logger for `pretty`, `json` or `quiet`.

    `inspector` gives the address under which people find `/_mock`, "" while there is none.
    """
    stream = out or sys.stdout
    if log_format == "quiet":
        return lambda _entry, _type, _order: None
    if log_format == "json":
        return lambda entry, kind, order: write_line(stream, _as_json(entry, kind, order))
    colour = _is_terminal(stream) and not os.environ.get("NO_COLOR")

    def log(entry: Entry, kind: str | None, order_id: str | None) -> None:
        line = _pretty(entry, kind, order_id, colour=colour)
        write_line(stream, line + _deep_link(entry, inspector()))

    return log


def _deep_link(entry: Entry, url: str) -> str:
    """Where there is more to read than the line says: findings, or a refusal."""
    if not url or not (entry.findings or entry.event_id is None):
        return ""
    event = entry.event_id if not entry.replayed else None
    return f"  {url}/_mock/{f'events/{event}' if event else f'requests/{entry.id}'}"


def _is_terminal(stream: TextIO) -> bool:
    return not stream.closed and stream.isatty()


def write_line(stream: TextIO, line: str) -> None:
    """A line for whoever still reads; letters that the stream does not know become `?`."""
    try:
        try:
            stream.write(line + "\n")
        except UnicodeEncodeError:  # a terminal that knows few letters
            stream.write(line.encode("ascii", "replace").decode() + "\n")
        stream.flush()
    except (OSError, ValueError):
        return  # whoever read the log went away; the server goes on


def _as_json(entry: Entry, kind: str | None, order_id: str | None) -> str:
    return json.dumps(
        {
            "at": show(entry.received_at),
            "request": entry.id,
            "method": entry.method,
            "path": entry.path[:MOST],
            "status": entry.status or 0,
            "event_id": entry.event_id,
            "replayed": entry.replayed,
            "fault": entry.fault,
            "type": kind,
            "order_id": mask_keys(order_id[:MOST]) if order_id else None,
            "findings": list(most_severe_first(entry.findings)),
            "duration_ms": round(entry.duration_ms, 3),
            **({"assumed": entry.sent_on.our_status} if entry.sent_on else {}),
        }
    )


def _assumed(entry: Entry) -> str:
    """Of a request that was sent on: what we would have answered, where that is another status, and
    what shows that it was perhaps not the provider who answered.
    """
    sent_on = entry.sent_on
    if sent_on is None:
        return ""
    reply = sent_on.reply
    if reply.status is None:
        return f"  [{printable(reply.error, MOST)}]"
    notes = [f"assumed {sent_on.our_status}"] if sent_on.our_status != reply.status else []
    if reply.accepted and reply.event_id is None:
        notes.append("the reply has no event_id")
    if reply.header("Content-Type").lower().startswith("text/html"):
        notes.append("the reply is a web page: is --upstream right?")
    return f"  [{'; '.join(notes)}]" if notes else ""


def _pretty(entry: Entry, kind: str | None, order_id: str | None, *, colour: bool) -> str:
    what = (
        f"{kind} {printable(mask_keys(order_id or ''), MOST)}"
        if kind
        else f"{entry.method} {printable(entry.path, MOST)}"
    )
    answered = entry.event_id or ("not stored" if entry.fault else "refused")
    again = " (replayed)" if entry.replayed else ""
    fault = f" [fault {entry.fault}]" if entry.fault else ""
    message = entry.status or "cut"
    line = f"{show(entry.received_at)[11:19]} {message} {what} {answered}{again}{fault}"
    line += _assumed(entry)
    severest: dict[str, Finding] = {}
    for finding in sorted(entry.findings, key=lambda item: item.severity.rank):
        severest.setdefault(finding.rule, finding)
    for rule, finding in severest.items():
        text = f"{_SIGNS[finding.severity]} {rule}"
        line += f"  \x1b[{_COLOURS[finding.severity]}m{text}\x1b[0m" if colour else f"  {text}"
    return line
