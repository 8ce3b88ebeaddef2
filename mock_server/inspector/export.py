"""Requests as files: JSON Lines that `hakuna-mock check` reads, and an HTTP archive (HAR 1.2)."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from contracts.http.credentials import mask_keys
from contracts.http.request import joined
from contracts.timing.rfc3339 import show
from contracts.version import __version__
from contracts.worlds.journal import Entry
from mock_server.inspector.journal_rows import BREATH, Row

MAX_EXPORTED = 10_000


async def as_lines(rows: Sequence[Row]) -> str:
    """One request a line, oldest first, with its reply and its findings."""
    return "".join([f"{_encoded(row.to_json())}\n" async for row in _calmly(rows)])


async def as_har(rows: Sequence[Row], base_url: str) -> str:
    """The archive of these requests, oldest first."""
    creator = _encoded({"name": "hakuna-mock", "version": __version__})
    entries = [_encoded(_entry(row.entry, base_url)) async for row in _calmly(rows)]
    listed = ",\n".join(entries)
    return f'{{"log": {{"version": "1.2", "creator": {creator}, "entries": [\n{listed}\n]}}}}\n'


async def _calmly(rows: Sequence[Row]) -> AsyncIterator[Row]:
    """The rows, with others served in between."""
    for number, row in enumerate(rows):
        if number % BREATH == BREATH - 1:
            await asyncio.sleep(0)
        yield row


def _encoded(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _entry(entry: Entry, base_url: str) -> dict[str, Any]:
    body = mask_keys(entry.body.decode("utf-8", "backslashreplace"))
    reply = entry.reply_body.decode("utf-8", "backslashreplace")
    headers = joined(entry.headers)
    return {
        "startedDateTime": show(entry.received_at),
        "time": round(entry.duration_ms, 3),
        "request": {
            "method": entry.method,
            "url": base_url + entry.path,
            "httpVersion": "HTTP/1.1",
            "headers": _headers(entry.headers),
            "queryString": [],
            "cookies": [],
            "headersSize": -1,
            "bodySize": len(entry.body),
            "postData": {"mimeType": headers.get("content-type", ""), "text": body},
        },
        "response": {
            "status": entry.status or 0,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "headers": _headers(entry.reply_headers),
            "cookies": [],
            "content": {
                "size": len(entry.reply_body),
                "mimeType": joined(entry.reply_headers).get("content-type", "application/json"),
                "text": reply,
            },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": len(entry.reply_body),
        },
        "cache": {},
        "timings": {"send": 0, "wait": round(entry.duration_ms, 3), "receive": 0},
    }


def _headers(headers: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]
