"""`hakuna-mock state`: what a state holds, and whether it can leave and come back."""

import asyncio
import io
import json
import os
import random
import sqlite3
import sys
import threading
from collections import Counter
from dataclasses import replace

import pytest
from chooser import Chooser
from model_conversations import conversation
from server_mock import KEY, OTHER_KEY, event

from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies
from mock_server import Settings, create_app
from mock_server.http.judging import judge_and_store
from mock_server.http.request_body import ReadBody
from mock_server.server_state import SERVER

FORGOTTEN = "P#{n}{{d:1, p:1>d}} F#{n}{{d:1}} R#{n}{{d:1}}@5"
OTHER_COUNT = (
    "UPDATE hakuna_mock_log SET effects = replace(effects, '\"fulfilled\":1', '\"fulfilled\":2')"
)
SENT = "POST", "/sandbox/events"


def stored(state, requests, **settings) -> dict:
    """Let a server keep these requests (headers, body) in a state: its orders and open rules."""

    async def keep():
        server = create_app(Settings(state=str(state), **settings))[SERVER]
        for method, path, headers, body in requests:
            await judge_and_store(server, method, path, headers, ReadBody(body))
        told = shown(await server.store.read())
        await server.store.close()
        return told

    return asyncio.run(keep())


def shown(reader) -> dict:
    rows = reader.orders(None, limit=1000).rows
    found = reader.findings(None, limit=1000).rows
    return {
        "orders": {(row.world_id, row.order.order_id): repr(row.order) for _, row in rows},
        "findings": Counter((item.rule, item.severity, item.order_id) for _, item in found),
        # An export has milliseconds.
        "events": [
            replace(row.record, received_at=row.record.received_at // 10**6)
            for _, row in reader.events(None, limit=1000).rows
        ],
    }


def good(shorthand: str, key: str = KEY, first: int = 1) -> list:
    return [
        (*SENT, tuple(usual_headers(n, key).items()), json.dumps(body).encode())
        for n, body in enumerate(bodies(shorthand), start=first)
    ]


@pytest.fixture
def state(tmp_path):
    """A state with a good order, a refund that forgets its plan, a refusal, and two worlds."""
    requests = [
        *good("P#1{d:2} F#1{d:1} F#1{d:1}"),
        *good(FORGOTTEN.format(n=2), OTHER_KEY, 10),
        (*SENT, tuple(usual_headers(20, KEY).items()), b'{"type": "order_placed"}'),
        (*SENT, (("Authorization", "Bearer nobody"),), b"{}"),
    ]
    stored(tmp_path / "mock.db", requests)
    return "mock.db"


def test_info_names_the_worlds_and_what_they_hold(run, state):
    out = run("state", "info", state).out
    assert "sqlite" in out
    assert "1 order, 3 events" in out
    assert "open: 1 violation" in out
    document = json.loads(run("state", "info", state, "--output-format", "json").out)
    assert [world["events"] for world in document["worlds"]] == [3, 3]
    assert document["events"] == 6
    assert KEY.removeprefix("sk_test_") not in out + json.dumps(document)


def test_check_finds_nothing_in_a_good_one(run, state):
    ran = run("state", "check", state)
    assert (ran.code, "no problems in 6 events" in ran.out) == (0, True)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("DELETE FROM hakuna_mock_log WHERE position < 9", "a row is missing"),
        ("UPDATE hakuna_mock_log SET effects = '[]' WHERE position > 5", "a row is missing"),
        ("UPDATE hakuna_mock_log SET effects = substr(effects, 9)", "is damaged"),
        (OTHER_COUNT, "its events make"),
    ],
)
def test_check_finds_what_was_changed(run, state, tmp_path, statement, message):
    with sqlite3.connect(tmp_path / state) as connection:
        assert connection.execute(statement).rowcount > 0
    connection.close()
    ran = run("state", "check", state)
    assert ran.code == 1
    assert message in ran.out


def test_check_judges_an_export_as_the_server_did(run, state):
    assert run("state", "export", state, "-o", "all.jsonl").code == 0
    report = json.loads(run("check", "all.jsonl", "--output-format", "json").out)
    found = Counter(item["rule"] for item in report["findings"])
    assert found["refund-missing-protection"] == 1
    assert found["body-invalid"] >= 1


def test_what_is_imported_into_a_new_state_is_the_same(run, state, tmp_path):
    run("state", "export", state, "-o", "all.jsonl")
    ran = run("state", "import", "new.db", "all.jsonl")
    assert (ran.code, "8 requests imported, 6 events accepted" in ran.out) == (0, True)
    assert ran.err == ""
    assert stored(tmp_path / "new.db", []) == stored(tmp_path / state, [])
    assert run("state", "check", "new.db").code == 0


def test_an_export_that_comes_through_a_pipe_goes_back_to_its_worlds(
    run, state, tmp_path, monkeypatch
):
    exported = run("state", "export", state).out.encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(exported)))
    assert "8 requests imported, 6 events accepted" in run("state", "import", "new.db", "-").out
    assert stored(tmp_path / "new.db", []) == stored(tmp_path / state, [])


@pytest.mark.parametrize("export", [True, False])
def test_of_a_named_pipe_nothing_is_lost(run, state, tmp_path, export):
    recorded = run("state", "export", state).out
    if not export:
        recorded = "".join(f"{json.dumps(event(f'P#{n}{{d:1}}'))}\n" for n in range(60))
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=(recorded,))
    writer.start()
    ran = run("state", "import", "new.db", "pipe")
    writer.join()
    message = "8 requests imported, 6 events" if export else "60 requests imported, 60 events"
    assert (ran.code, message in ran.out) == (0, True)


@pytest.mark.parametrize("seed", range(6))
def test_generated_conversations_come_back_whole(run, tmp_path, seed):
    turns = conversation(Chooser(random.Random(seed).randrange))
    requests = [(t.asked.method, t.asked.path, t.asked.headers, t.asked.body) for t in turns]
    before = stored(tmp_path / "mock.db", requests, journal_limit=4)
    run("state", "export", "mock.db", "-o", "all.jsonl")
    assert run("state", "import", "new.db", "all.jsonl").code == 0
    after = stored(tmp_path / "new.db", [])
    assert after["orders"] == before["orders"]
    assert [item.event_id for item in after["events"]] == [
        item.event_id for item in before["events"]
    ]


def test_other_recordings_go_to_the_world_of_the_demonstration_key(run, tmp_path):
    (tmp_path / "events.jsonl").write_text(json.dumps(event("P{d:1}")) + "\n")
    assert "1 event accepted" in run("state", "import", "new.db", "events.jsonl").out
    assert "1 order, 1 event, 1 request;" in run("state", "info", "new.db").out


def test_an_import_needs_a_new_state(run, state):
    run("state", "export", state, "-o", "all.jsonl")
    ran = run("state", "import", state, "all.jsonl")
    assert (ran.code, "import into a new state" in ran.err) == (2, True)


def test_compacting_makes_it_smaller_and_changes_nothing(run, tmp_path):
    requests = [item for n in range(60) for item in good("P#1{d:1} F#1{d:1} X#1", first=3 * n)]
    before = stored(tmp_path / "mock.db", requests, journal_limit=5, max_findings=5)
    large = json.loads(run("state", "info", "mock.db", "--output-format", "json").out)
    assert run("state", "compact", "mock.db").code == 0
    small = json.loads(run("state", "info", "mock.db", "--output-format", "json").out)
    assert small["log_rows"] == 0 < large["log_rows"]
    assert small["size_bytes"] < large["size_bytes"]
    assert stored(tmp_path / "mock.db", [], journal_limit=5, max_findings=5) == before


@pytest.mark.parametrize("command", ["info", "check", "export", "compact"])
@pytest.mark.parametrize("target", ["nowhere.db", "mysql://host/db", "postgresql://host:x/db", "."])
def test_a_target_that_cannot_be_used_is_said_in_words(run, tmp_path, command, target):
    ran = run("state", command, target)
    assert ran.code == 2
    assert target.split(":", maxsplit=1)[0] in ran.err or "URL" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_was_cut_off_is_refused_with_its_line(run, state, tmp_path):
    run("state", "export", state, "-o", "all.jsonl")
    text = (tmp_path / "all.jsonl").read_text()
    (tmp_path / "all.jsonl").write_text(text[: len(text) - 40])
    ran = run("state", "import", "new.db", "all.jsonl")
    assert (ran.code, "all.jsonl:8" in ran.err) == (2, True)


def test_an_export_onto_its_own_state_is_refused_and_loses_nothing(run, state, tmp_path):
    before = (tmp_path / state).read_bytes()
    ran = run("state", "export", state, "-o", str(tmp_path / state))
    assert (ran.code, "this is the input itself; name another file" in ran.err) == (2, True)
    assert (tmp_path / state).read_bytes() == before


@pytest.mark.parametrize(
    "content", [None, "", "{}\n", '{"type": "order_placed", "payload": {}}\n{']
)
def test_an_import_that_fails_leaves_no_state_behind(run, tmp_path, content):
    if content is not None:
        (tmp_path / "events.jsonl").write_text(content)
    assert run("state", "import", "new.db", "events.jsonl").code == 2
    assert not list(tmp_path.glob("new.db*"))
