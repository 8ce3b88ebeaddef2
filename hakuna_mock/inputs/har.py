"""HAR 1.2, as browsers and proxies export it: only requests to the events endpoint are taken.

Entries are judged in the order of their `startedDateTime`; archives list them as they ended, or by
page.
"""

import base64
import binascii
import json
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from contracts.http.content_encoding import EncodingError, decompressed
from contracts.judging.replies import ENDPOINT, is_production_path
from contracts.orders.subject import looks_like_event
from contracts.scenarios.format import FIRST_KEY
from hakuna_mock.inputs.credentials import whole_headers, with_stand_in, world_of
from hakuna_mock.inputs.json_stream import JsonStream, Located
from hakuna_mock.inputs.reading import Reading
from hakuna_mock.inputs.recording import expected_of, instant_of, reply_of
from hakuna_mock.reports.model import Source
from hakuna_mock.runs.item import Item, RecordedReply
from hakuna_mock.runs.parts import part_of

MAX_BODY = 64 * 1024 * 1024
"""Bytes of one body after decompression."""
NOT_RECORDED = "not recorded"
"""The comment of a response that is there only because the format needs one."""
_PROVIDER = "hellohakuna.com"
_GZIP = b"\x1f\x8b"
_TEXT = "/request/postData/text"
_UNJUDGED_METHODS = ("GET", "HEAD", "OPTIONS")


def is_har(document: Any) -> bool:
    """Whether a JSON document is an HTTP archive."""
    return isinstance(document, dict) and isinstance(document.get("log"), dict)


def har_items(name: str, stream: JsonStream, reading: Reading) -> Iterator[Item]:
    """The events that were posted, by time; ValueError where this is not an archive."""
    found: list[tuple[int, int, Item]] = []
    entries, latest = 0, 0
    for entries, located in enumerate(_entries(stream), start=1):
        started = instant_of(_member(located.value, "startedDateTime"))
        # An entry without a time keeps its place behind the one before it.
        latest = latest if started is None else started
        item = _item(name, entries, located, reading)
        if item is not None:
            found.append((latest, entries, item))
    if entries > len(found):
        other = entries - len(found)
        reading.pass_over(f"{name}: {other} of {entries} requests are not events; passed over")
    for _, _, item in sorted(found, key=lambda element: element[:2]):
        yield item


def _entries(stream: JsonStream) -> Iterator[Located]:
    """The entries one by one, so that what pages loaded is never held as a whole."""
    seen = False
    if stream.peek() != "{":
        raise ValueError("this is no HAR: it has no log.entries")
    for name in stream.members():
        if name == "log" and stream.peek() == "{":
            for inner in stream.members():
                if inner == "entries" and stream.peek() == "[":
                    seen = True
                    yield from stream.elements()
                else:
                    stream.value()
        else:
            stream.value()
    if not seen:
        raise ValueError("this is no HAR: it has no log.entries")


def _member(document: Any, *names: str) -> Any:
    for name in names:
        document = document.get(name) if isinstance(document, dict) else None
    return document


def _item(name: str, number: int, located: Located, reading: Reading) -> Item | None:
    request = _member(located.value, "request")
    if not isinstance(request, dict):
        return None
    headers = whole_headers(
        (str(item.get("name")), str(item.get("value")))
        for item in request.get("headers") or ()
        if isinstance(item, dict) and item.get("name")
    )
    body = _body(request, headers, number)
    path = _path(request, headers, body)
    if path is None:
        return None
    entry = Source(
        name, located.text, first_line=located.line, first_column=located.column, is_file=True
    )
    # The body is escaped inside the archive: the place of that text is the best that there is.
    place = part_of(entry, _TEXT) if _member(request, "postData", "text") else part_of(entry, "")
    source = place.holding((body or b"").decode("utf-8", "replace"))
    reply = _reply(_member(located.value, "response"))
    sent: dict[str, str] | None = headers or None
    if sent:
        refused = reply is not None and reply.status == 401
        completed = with_stand_in(sent, refused=refused, may_be_left_out=True)
        if completed:
            reading.credentials_left_out(name)
            sent = completed
    method = str(request["method"]).upper()
    return Item(
        source,
        f"{number}. {method} {path}",
        body,
        sent,
        world_of(headers, reading) or FIRST_KEY,
        expected_of(reply),
        method=method,
        path=path,
        reply=reply,
        received_at=instant_of(_member(located.value, "startedDateTime")),
    )


def _path(request: dict[str, Any], headers: dict[str, str], body: bytes | None) -> str | None:
    """The path by which a request is judged; None where it is nothing to us.

    What was sent to production is judged as if it had been sent to the sandbox: it is a recording
    of the real thing. Other servers have a path /events, too.
    """
    try:
        url = urlsplit(str(request.get("url", "")))
        host = (url.hostname or "").lower()
    except ValueError:
        return None
    if str(request.get("method", "")).upper() in (*_UNJUDGED_METHODS, ""):
        return None
    stem, found, rest = url.path.rpartition(ENDPOINT.rstrip("s"))
    if found and rest in ("s", "s/", "", "/") and not stem.endswith("/sandbox"):
        return found + rest
    provider = host == _PROVIDER or host.endswith(f".{_PROVIDER}")
    ours = (
        provider
        or any(header.lower().startswith("hakuna-") for header in headers)
        or _is_event(body)
    )
    return ENDPOINT if is_production_path(url.path) and ours else None


def _is_event(body: bytes | None) -> bool:
    try:
        return looks_like_event(json.loads(body or b""))
    except (ValueError, RecursionError):
        return False


def _body(request: dict[str, Any], headers: dict[str, str], number: int) -> bytes | None:
    """What was sent; None where the archive does not hold it."""
    text = _member(request, "postData", "text")
    if not isinstance(text, str) or (not text and request.get("bodySize") not in (0, None, -1)):
        return b"" if request.get("bodySize") == 0 else None
    body = text.encode("utf-8", "replace")
    if _member(request, "postData", "encoding") == "base64":
        try:
            body = base64.b64decode(body, validate=True)
        except binascii.Error:
            raise ValueError(
                f"log.entries[{number - 1}] says base64, but its text is none"
            ) from None
    encoding = {name.lower(): value for name, value in headers.items()}.get("content-encoding", "")
    if not body.startswith(_GZIP):
        return body  # most archives hold bodies decompressed, whatever the header says
    try:
        return decompressed(body, encoding or "gzip", MAX_BODY)
    except EncodingError as error:
        place = f"log.entries[{number - 1}]"
        raise ValueError(f"{place} is compressed, and cannot be read: {error}") from None


def _reply(response: Any) -> RecordedReply | None:
    if not isinstance(response, dict) or response.get("comment") == NOT_RECORDED:
        return None
    return reply_of(response.get("status", ""), _content(response.get("content")))


def _content(content: Any) -> Any:
    """The body of a reply as JSON, out of base64 and gzip where it is kept so; None for others."""
    text = _member(content, "text")
    if not isinstance(text, str):
        return None
    try:
        data = text.encode("utf-8", "replace")
        if _member(content, "encoding") == "base64":
            data = base64.b64decode(data)
        if data.startswith(_GZIP):
            data = decompressed(data, "gzip", MAX_BODY)
        return json.loads(data)
    except (ValueError, RecursionError, zlib.error):
        return None
