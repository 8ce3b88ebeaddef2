"""HAR 1.2, as browsers and proxies export it: only requests to the events endpoint are taken."""

import base64
import binascii
import json
import zlib
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from contracts.judging.replies import ENDPOINT, is_production_path
from contracts.scenarios.format import StepExpectation
from hakuna_mock.inputs.recording import answered
from hakuna_mock.reports.model import Source
from hakuna_mock.runs.check import Item

_GZIP = b"\x1f\x8b"
_MOST_BODY = 64 * 1024 * 1024
"""Bytes of one body after decompression."""


def is_har(document: Any) -> bool:
    """Whether a JSON document is an HTTP archive."""
    return isinstance(document, dict) and isinstance(document.get("log"), dict)


def har_items(name: str, document: Any, notice: Callable[[str], None]) -> Iterator[Item]:
    """The events that were posted, in order; ValueError where this is no archive."""
    entries = document.get("log", {}).get("entries") if is_har(document) else None
    if not isinstance(entries, list):
        raise ValueError("this is no HAR: it has no log.entries")  # noqa: TRY004 - of a file
    passed_over = 0
    for place, entry in enumerate(entries):
        request = entry.get("request") if isinstance(entry, dict) else None
        if not isinstance(request, dict) or not _is_event(request):
            passed_over += 1
            continue
        yield _item(name, place, request, entry.get("response"))
    if passed_over:
        notice(f"{name}: {passed_over} of {len(entries)} requests are no events; passed over")


def _is_event(request: dict[str, Any]) -> bool:
    try:
        path = urlsplit(str(request.get("url", ""))).path
    except ValueError:
        return False  # no URL, so no request to the endpoint
    posted = str(request.get("method", "")).upper() == "POST"
    return posted and (path.endswith(ENDPOINT) or is_production_path(path))


def _item(name: str, place: int, request: dict[str, Any], response: Any) -> Item:
    data = request.get("postData")
    data = data if isinstance(data, dict) else {}
    body = str(data.get("text", "")).encode("utf-8", "replace")
    if data.get("encoding") == "base64":
        try:
            body = base64.b64decode(body, validate=True)
        except binascii.Error:
            raise ValueError(f"log.entries[{place}] says base64, but its text is none") from None
    listed = request.get("headers")
    headers = {
        str(one.get("name")): str(one.get("value"))
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict) and not str(one.get("name", ":")).startswith(":")
    }
    encoding = {name.lower(): value for name, value in headers.items()}.get("content-encoding", "")
    if encoding.strip().lower() in ("gzip", "x-gzip") and body.startswith(_GZIP):
        body = _unzipped(body, place)
    # A body stands escaped inside the archive, so findings point at the body itself.
    shown = Source(f"{name}#{place + 1}", body.decode("utf-8", "replace"))
    label = f"{place + 1}. {request['method']} {ENDPOINT}"
    return Item(shown, label, body, headers or None, expect=_answered(response))


def _unzipped(body: bytes, place: int) -> bytes:
    """What was compressed, as the server would have judged it."""
    inflate = zlib.decompressobj(31)
    try:
        plain = inflate.decompress(body, _MOST_BODY + 1)
    except zlib.error:
        raise ValueError(f"log.entries[{place}] is compressed, and broken") from None
    if not inflate.eof:
        raise ValueError(f"log.entries[{place}] is compressed, and cut off or far too long")
    return plain


def _answered(response: Any) -> StepExpectation:
    response = response if isinstance(response, dict) else {}
    content = response.get("content")
    text = content.get("text") if isinstance(content, dict) else None
    try:
        body = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        body = None
    return answered(response.get("status"), body)
