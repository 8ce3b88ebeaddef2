"""Whether an installed hakuna-mock works at all; `.ci/dependencies.py` runs these against wheels.

Nothing is used but pytest and the distribution: no other file of the repository, so that the tests
can be copied into an empty folder and see what a user would.
"""

import http.client
import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hakuna_mock.contracts import judge
from hakuna_mock.fuzz.strategies import conversations
from hakuna_mock.mock_server import create_app

from hakuna_mock import running

EVENT = {
    "type": "order_cancelled",
    "payload": {"order_id": "ord-1", "cancelled_at": "2024-03-01T09:00:00Z"},
}
COMMANDS = {
    "--version": 0,
    "--help": 0,
    "serve --help": 0,
    "init": 0,
    "check events.jsonl": 1,
    "check events.jsonl --output-format junit --fail-on never": 0,
    "check events.jsonl --output-format html --report sarif:out/a.sarif --fail-on never": 0,
    "play R{d:1}": 1,
    "play P{d:1}": 0,
    "scenarios": 0,
    "verify --help": 0,
    "fuzz --max-examples 2 --seed 1": 0,
    "convert events.jsonl --to har": 0,
    "coverage --help": 0,
    "rules": 0,
    "rules --output-format json": 0,
    "explain unknown-order": 0,
    "catalog": 0,
    "schema": 0,
    "schema openapi": 0,
    "healthcheck --url http://127.0.0.1:9": 3,
}


def hakuna_mock(*arguments: str, cwd: Path, sent: str = "") -> subprocess.CompletedProcess:
    environ = {name: text for name, text in os.environ.items() if "HAKUNA" not in name}
    return subprocess.run(
        [sys.executable, "-m", "hakuna_mock", *arguments],
        cwd=cwd,
        input=sent,
        env=environ | {"PYTHONWARNINGS": "error::DeprecationWarning:hakuna_mock"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_answers(tmp_path, line):
    (tmp_path / "events.jsonl").write_text(json.dumps(EVENT) + "\n", "utf-8")
    done = hakuna_mock(*line.split(), cwd=tmp_path)
    assert done.returncode == COMMANDS[line], done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_a_connection_carries_several_events_pages_and_a_verdict():
    with running() as hakuna:
        here = urlsplit(hakuna.events_url)
        connection = http.client.HTTPConnection(here.hostname, here.port, timeout=20)
        for body, chunked in ((EVENT, False), (EVENT, True), ({}, False)):
            text = json.dumps(body).encode()
            connection.request(
                "POST",
                here.path,
                iter([text[:5], text[5:]]) if chunked else text,
                {**hakuna.headers, "Content-Type": "application/json"},
                encode_chunked=chunked,
            )
            reply = connection.getresponse()
            assert json.loads(reply.read())
            assert reply.status == (200 if body else 400)
        connection.request("GET", "/_mock/", headers={"Accept": "text/html"})
        assert b"<!doctype html>" in connection.getresponse().read().lower()
        connection.close()
        assert "unknown-order" in {finding["rule"] for finding in hakuna.findings()}


def test_a_refused_body_is_explained_field_by_field(tmp_path):
    """The validators that are installed say where, in every version that may be."""
    payload = {"order_id": 5, "placed_at": "today", "line_items": [{"quantity": "2"}]}
    event = {"type": "order_placed", "payload": payload}
    done = hakuna_mock(
        "check", "-", "--output-format", "json", cwd=tmp_path, sent=json.dumps(event)
    )
    found = {(item["rule"], item["pointer"]) for item in json.loads(done.stdout)["findings"]}
    assert found >= {
        ("body-invalid", "/payload/order_id"),
        ("body-invalid", "/payload/customer"),
        ("body-invalid", "/payload/line_items/0/quantity"),
        ("timestamp-format", "/payload/placed_at"),
    }


def test_the_plugin_fails_a_test_with_a_violation(tmp_path):
    (tmp_path / "test_shop.py").write_text(
        "def test_good(hakuna): hakuna.play('P{d:1} F{d:1}')\n"
        "def test_bad(hakuna): hakuna.play('R{d:1}')\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", tmp_path],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "1 failed, 1 passed" in done.stdout
    assert "unknown-order" in done.stdout


def test_the_rooms_are_importable_below_hakuna_mock():
    assert callable(judge)
    assert callable(conversations)
    assert callable(create_app)
