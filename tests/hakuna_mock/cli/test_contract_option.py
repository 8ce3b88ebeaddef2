"""`--contract FILE`: the reader's copy of the provider's document beside our own contract."""

import copy
import json
import os
from contextlib import closing
from pathlib import Path

import pytest

from contracts.findings.outside import OUTSIDE
from contracts.shorthand import bodies
from fuzz.client.http_client import Target
from hakuna_mock.reports.formats import FORMATS
from hakuna_mock.servers.thread_server import server_under
from mock_server.settings import read_settings

SCHEMA = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "payload": {
            "type": "object",
            "properties": {"customer": {"type": "object", "required": ["phone"]}},
        },
    },
}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Events API v2"},
    "paths": {
        "/sandbox/events": {
            "post": {"requestBody": {"content": {"application/json": {"schema": SCHEMA}}}}
        }
    },
}
(PLACED,) = bodies("P{d:1}")


@pytest.fixture
def here(tmp_path):
    (tmp_path / "openapi.json").write_text(json.dumps(DOCUMENT))
    (tmp_path / "event.json").write_text(json.dumps(PLACED, indent=1))
    return tmp_path


def findings(text):
    return [row for row in json.loads(text)["findings"] if row["rule"] == "provider-contract"]


@pytest.mark.usefixtures("here")
def test_what_the_document_refuses_and_we_accept_is_reported_with_both_sides(run):
    done = run("check", "event.json", "--contract", "openapi.json", "--output-format", "json")
    assert done.code == 1
    (found,) = findings(done.out)
    assert found["pointer"] == "/payload/customer"
    assert found["line"] > 1
    assert "“Events API v2” refuses this, hakuna-mock accepts it" in found["message"]
    assert "phone" in found["message"]


def test_and_the_other_way_round(run, here):
    wrong = copy.deepcopy(PLACED)
    wrong["payload"]["order_currency"] = 7
    wrong["payload"]["customer"]["phone"] = "+49 89 1234"
    (here / "event.json").write_text(json.dumps(wrong))
    done = run("check", "event.json", "--contract", "openapi.json", "--output-format", "json")
    (found,) = findings(done.out)
    assert "accepts this event, hakuna-mock refuses it: /payload/order_currency" in found["message"]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.usefixtures("here")
def test_every_format_knows_it(run, name):
    done = run("check", "event.json", "--contract", "openapi.json", "--output-format", name)
    assert done.code == 1
    assert "provider-contract" in done.out


@pytest.mark.usefixtures("here")
def test_it_has_a_level_as_rules_have(run):
    check = ("check", "event.json", "--contract", "openapi.json")
    assert run(*check, "--rule", "provider-contract=off").code == 0
    assert run(*check, "--rule", "provider-contract=advice").code == 0
    assert "open: 1 violation" in run(*check, "--rule", "provider-contract=violation").out
    refused = run(*check, "--rule", "provider-contract=refuse", "--output-format", "json")
    assert json.loads(refused.out)["events"][0]["status"] == 400
    assert "did you mean provider-contract?" in run(*check, "--rule", "provider-contrac=off").err


def test_yaml_is_read_and_its_errors_have_a_line(run, here):
    (here / "openapi.yaml").write_text(
        "openapi: 3.0.3\ninfo: {title: Y, version: 2023-08-01}\npaths:\n  /events:\n    post:\n"
        "      requestBody:\n        content:\n          application/json:\n"
        "            schema: {type: object, required: [nothing]}\n"
    )
    done = run("check", "event.json", "--contract", "openapi.yaml")
    assert "nothing" in done.out
    (here / "openapi.yaml").write_text("openapi: 3.0.3\npaths: [\n")
    done = run("check", "event.json", "--contract", "openapi.yaml")
    assert done.code == 2
    assert "openapi.yaml:3: this is not YAML" in done.err


def test_a_server_reports_it_and_its_pages_know_it(here):
    flags = {"port": 0, "contract": str(here / "openapi.json")}
    settings = read_settings(flags, environ={}, config=Path(os.devnull))
    with server_under(settings) as server, closing(Target(server.url)) as target:
        headers = {"Authorization": "Bearer sk_test_contract", "Content-Type": "application/json"}
        reply = target.ask("POST", "/sandbox/events", json.dumps(PLACED).encode(), headers)
        assert reply.status == 200
        assert "provider-contract" in reply.headers["hakuna-mock-findings"]
        page = target.ask("GET", "/_mock/findings?by=rule", None, {"Accept": "text/html"})
        assert page.status == 200
        assert "this contract agree on the event" in page.body.decode()
        rows = target.ask("GET", "/_mock/v1/findings?rule=provider-contract").json()
        assert rows[0]["pointer"] == "/payload/customer"


def test_explain_knows_what_lies_outside(run):
    for name in OUTSIDE:
        assert OUTSIDE[name].title in run("explain", name).out
        assert json.loads(run("explain", name, "--output-format", "json").out)["id"] == name


def test_a_document_is_never_fetched_and_the_message_says_so(run):
    ran = run("check", "events.json", "--contract", "https://provider.example/openapi.json")
    assert (ran.code, "nothing is fetched; save the document, and name the file" in ran.err) == (
        2,
        True,
    )
