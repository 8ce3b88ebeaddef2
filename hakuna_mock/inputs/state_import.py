"""Recordings into a state that is empty: judged anew, in the order in which they are, each in the
world that it came from, under the number and the event id that it had.
"""

import io
import json
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from contracts.http.credentials import mask
from contracts.http.request import Request
from contracts.json_text.parser import JsonFault, parse
from contracts.judging.judge import judge
from contracts.judging.verdict import Verdict
from contracts.scenarios.format import FIRST_KEY
from contracts.scenarios.rule_examples import usual_headers
from contracts.values import dataclass
from contracts.worlds.effects import (
    Effect,
    EventAccepted,
    Exercised,
    FindingOpened,
    RequestRecorded,
)
from contracts.worlds.journal import Entry, masked_headers
from contracts.worlds.policy import Policy
from contracts.worlds.retention import Bounds
from contracts.worlds.world import World
from hakuna_mock.inputs.reader import NAME_OF_STDIN, STDIN, read_stream, standard_input
from hakuna_mock.inputs.reading import InputError, Reading
from hakuna_mock.inputs.recording import recorded_item
from hakuna_mock.reports.model import Source
from hakuna_mock.runs.item import Item
from mock_server.quickstart import DEFAULT_KEY
from mock_server.store.decisions import Decisions
from mock_server.store.log.database import Database
from mock_server.store.memory import world_id_of
from mock_server.store.notices import Notices
from mock_server.store.protocol import Change
from mock_server.store.worlds import Worlds

_LONGEST = 1 << 24
_CHUNK = 1 << 20

AT_ONCE = 200
"""Requests that are written in one transaction."""


@dataclass
class Imported:
    """What came of an import. `otherwise` were accepted when they were recorded, and are refused
    now, or the other way round.
    """

    requests: int = 0
    events: int = 0
    otherwise: int = 0


@dataclass(frozen=True)
class Recorded:
    """A request to import: `row` is what an export says of it beside the request itself."""

    item: Item
    world_id: str | None
    key_masked: str
    row: dict[str, Any]


def recorded_in(path: str, reading: Reading) -> Iterator[Recorded]:
    """The requests of a file: an export, or anything else that `check` reads."""
    with _opened(path) as file:
        name = NAME_OF_STDIN if path == STDIN else path
        is_file = path != STDIN
        # What is read of a pipe does not come again.
        first = file.readline(_LONGEST)
        if _is_export(first):
            yield from _exported(Source(name, "", is_file=is_file), chain([first], file), reading)
            return
        whole = io.BufferedReader(_Rejoined(first, file), _CHUNK)
        yield from _in_worlds_of_keys(read_stream(name, whole, reading, is_file=is_file))


def _in_worlds_of_keys(items: Iterable[Item]) -> Iterator[Recorded]:
    keys: dict[str, str] = {FIRST_KEY: DEFAULT_KEY}
    for item in items:
        key = keys.setdefault(item.key, f"{DEFAULT_KEY}_{len(keys) + 1}")
        yield Recorded(item, world_id_of(key), mask(key), {})


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    if path == STDIN:
        yield standard_input()
        return
    try:
        with Path(path).open("rb") as file:
            yield file
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None


class _Rejoined(io.RawIOBase):
    """A file of which the beginning was read already, from its beginning."""

    def __init__(self, beginning: bytes, rest: BinaryIO) -> None:
        self._beginning = io.BytesIO(beginning)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._beginning.read(len(buffer)) or self._rest.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _is_export(line: bytes) -> bool:
    first = parse(line)
    document = None if isinstance(first, JsonFault) else first.value
    return isinstance(document, dict) and {"seq", "world", "key_masked"} <= set(document)


def _exported(place: Source, lines: Iterable[bytes], reading: Reading) -> Iterator[Recorded]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            source = replace(place, text=line.decode().rstrip("\n"), first_line=number)
            item = recorded_item(source, number, row, reading)
            yield Recorded(item, row["world"], row["key_masked"] or "", row)
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{place.name}:{number}: this is not a row of an export: {error}"
            ) from None


def import_into(
    database: Database, requests: Iterator[Recorded], policy: Policy, bounds: Bounds
) -> Imported:
    """Judge the requests and append what comes of it; InputError where the state is not empty."""
    loaded = database.load(lambda: Worlds(policy, bounds))
    if loaded.position:
        raise InputError(
            f"{database.where} holds {loaded.position} effects already; import into a new state"
        )
    decisions = Decisions(loaded.worlds, Notices(lambda _: None), keeps_log=True)
    done = Imported()
    for request in requests:
        _decide(decisions, request, done)
        if done.requests % AT_ONCE == 0:
            _append(database, decisions)
    _append(database, decisions)
    return done


def _append(database: Database, decisions: Decisions) -> None:
    applied = decisions.taken()
    if applied:
        database.append(applied, decisions.position)


def _decide(decisions: Decisions, recorded: Recorded, done: Imported) -> None:
    item, row = recorded.item, recorded.row
    done.requests += 1
    seq = int(row.get("seq") or decisions.next_number())
    given = row.get("event_id")
    headers = item.headers or usual_headers(seq)
    request = Request(
        item.method,
        item.path,
        tuple(headers.items()),
        item.sent,
        time.time_ns() if item.received_at is None else item.received_at,
        given if isinstance(given, str) else f"evt-{uuid.uuid4()}",
        str(row.get("id") or f"req-{seq}"),
        monotonic_ns=item.received_at or time.time_ns(),
        random_unit=1.0,
        seq=seq,
    )

    def decide(world: World) -> Change[None]:
        verdict = judge(request, world, world.policy)
        accepted = item.reply is None or item.reply.accepted
        effects: tuple[Effect, ...] = verdict.effects
        if not accepted and verdict.fault is None:
            effects = _without_event(verdict)
        stored = any(isinstance(effect, EventAccepted) for effect in effects)
        done.events += stored
        done.otherwise += item.reply is not None and accepted != (
            stored or verdict.replayed or verdict.fault is not None
        )
        if row and "reply" not in row:
            return Change(None, effects)  # the journal had it no more
        return Change(None, (*effects, RequestRecorded(_entry(request, verdict, row))))

    if recorded.world_id is None:
        decisions.in_world(None, decide)
    else:
        decisions.in_key(recorded.world_id, recorded.key_masked, decide)


def _without_event(verdict: Verdict) -> tuple[Effect, ...]:
    """What is kept of a request that was refused when it was recorded, though it need not be."""
    if verdict.accepted is None:
        return verdict.effects
    findings = [FindingOpened(replace(finding, event_id=None)) for finding in verdict.findings]
    return (*(effect for effect in verdict.effects if isinstance(effect, Exercised)), *findings)


def _entry(request: Request, verdict: Verdict, row: dict[str, Any]) -> Entry:
    """The journal's entry as it was, or of what would be answered now."""
    reply = row.get("reply")
    if isinstance(reply, dict):
        status, reply_body = reply.get("status") or None, str(reply.get("body", "")).encode()
        reply_headers = tuple((name, value) for name, value in reply.get("headers", ()))
        sent = tuple((name, value) for name, value in row.get("headers", ()))
    else:
        status, reply_body = verdict.status, json.dumps(verdict.body).encode()
        reply_headers, sent = verdict.headers, masked_headers(request.headers)
    return Entry(
        seq=request.seq,
        id=request.request_id,
        received_at=request.received_at,
        method=request.method,
        path=request.path,
        headers=sent,
        body=request.body,
        status=status,
        reply_headers=reply_headers,
        reply_body=reply_body,
        findings=verdict.findings,
        event_id=verdict.event_id or row.get("event_id"),
        replayed=verdict.replayed,
        duration_ms=float(row.get("duration_ms") or 0.0),
        fault=row.get("fault"),
    )
