"""Copy as: what is pasted does what was done, carries no key, and is not a trap."""

import ast
import json
import os
import subprocess
from contextlib import suppress

import pytest
from inspected import BIDI, KEY, SCRIPT, ask, hostile_order, look, play, send
from runtimes import needed

from contracts import Policy
from contracts.scenarios.format import read_scenario
from contracts.scenarios.runner import compare, dry_run
from contracts.shorthand import bodies
from contracts.timing.rfc3339 import parse_instant
from hakuna_mock import running
from mock_server.inspector.snippets.forms import FORMS, KEY_VARIABLE

NEEDS = {"httpie": "http", "node": "node", "php": "php"}
NOW = parse_instant("2026-01-01T00:00:00Z")
TRAPS = "'; touch pwned; echo '$(touch pwned)`touch pwned`\"\n\\$HOME !! %s"


def run(command: list[str], folder, text: str | None = None) -> subprocess.CompletedProcess:
    environment = {**os.environ, KEY_VARIABLE: KEY}
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


@pytest.fixture
def trapped(mock):
    """A mock with one event whose every text is a trap; its id."""
    body = hostile_order(f"ord-{TRAPS}{BIDI}{SCRIPT}")
    body["payload"]["customer_billing_address"]["city"] = TRAPS
    return send(mock, body).json["event_id"]


@pytest.mark.parametrize("form", FORMS)
def test_no_form_carries_a_key_or_an_invisible_character(mock, trapped, form):
    reply = look(mock, f"/events/{trapped}/as/{form}")
    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith("text/plain")
    assert KEY not in reply.text
    assert not set("\u202e\u2066\x00\x1b") & set(reply.text)


def sent_again(mock, trapped: str) -> None:
    """The event came once more, byte for byte the same value."""
    events = ask(f"{mock.url}/_mock/v1/events").json
    assert len(events) == 2
    assert events[1]["body"] == events[0]["body"]
    assert events[1]["event_id"] != trapped


@pytest.mark.parametrize(
    ("form", "command"),
    [
        ("curl", ["bash"]),
        ("httpie", ["bash"]),
        ("node", ["node", "--input-type=module"]),
        ("php", ["php"]),
    ],
)
def test_a_pasted_form_sends_the_same_request(mock, trapped, tmp_path, form, command):
    if form in NEEDS:
        needed(NEEDS[form])
    text = look(mock, f"/events/{trapped}/as/{form}").text
    text = text.replace(request_key(mock), "another-key")  # else it would be a replay
    done = run(command, tmp_path, text)
    assert "evt-" in done.stdout, done.stderr
    assert list(tmp_path.iterdir()) == []
    sent_again(mock, trapped)


def test_a_body_that_looks_like_a_file_is_sent_as_text(mock, tmp_path):
    ask(mock.events_url, b"@/etc/hostname", {"Authorization": f"Bearer {KEY}"})
    text = look(mock, "/requests/req-1/as/curl").text
    run(["bash"], tmp_path, text)
    sent = [row["body"] for row in ask(f"{mock.url}/_mock/v1/requests").json]
    assert sent == ["@/etc/hostname"] * 2


def request_key(mock) -> str:
    headers = dict(look(mock, "/requests/req-1.json").json["headers"])
    return headers["Hakuna-Idempotency-Key"]


def test_the_python_form_is_python_and_posts_the_same_body(mock, trapped):
    tree = ast.parse(look(mock, f"/events/{trapped}/as/python").text)
    data = next(
        item.value
        for item in ast.walk(tree)
        if isinstance(item, ast.keyword) and item.arg == "data"
    )
    (event,) = ask(f"{mock.url}/_mock/v1/events").json
    assert json.loads(ast.literal_eval(data)) == event["body"]


def test_the_httpie_form_pipes_the_same_body(mock, trapped, tmp_path):
    text = look(mock, f"/events/{trapped}/as/httpie").text
    (tmp_path / "http").write_text('#!/bin/sh\nprintf "%s\\n" "$@" >&2; cat\n')
    (tmp_path / "http").chmod(0o755)
    done = run(["bash", "-c", f"PATH={tmp_path}:$PATH\n{text}"], tmp_path)
    (event,) = ask(f"{mock.url}/_mock/v1/events").json
    assert json.loads(done.stdout) == event["body"]
    assert f"Authorization:Bearer {KEY}" in done.stderr


def test_a_copied_scenario_expects_what_happened_and_holds(mock):
    *_, event_id = play(mock, "P{d:1, p:1>d} F{d:1} R{d:1}@5")
    for address in (f"/events/{event_id}/as/scenario", "/orders/ord-1/as/scenario"):
        scenario = read_scenario(json.loads(look(mock, address).text))
        assert len(scenario.steps) == 3
        assert scenario.steps[-1].expect.findings == {"refund-missing-protection"}
        played = dry_run(scenario, NOW, Policy())
        for number, (asked, actual) in enumerate(played.requests):
            assert list(compare(number, asked.expect, actual)) == []


def test_a_copied_refusal_is_a_scenario_too(mock):
    send(mock, b'{"type": ')
    send(mock, bodies("X")[0], **{"Hakuna-Version": "v1.2"})
    for number in (1, 2):
        document = json.loads(look(mock, f"/requests/req-{number}/as/scenario").text)
        scenario = read_scenario(document)
        (asked, actual) = dry_run(scenario, NOW, Policy()).requests[-1]
        assert list(compare(0, asked.expect, actual)) == []


LIVE_KEY = "sk_" + "live_" + "Zx81Kq77Pm20Wv63"
OTHER_KEY = "sk_test_" + "bobby0000shop"


@pytest.mark.parametrize(
    "changes",
    [
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"Authorization": f"Bearer {LIVE_KEY}"},
        {"Authorization": KEY},
        {"X-API-KEY": OTHER_KEY},
        {"Authorization": f"Bearer {KEY}, Bearer {OTHER_KEY}"},
    ],
)
def test_a_copy_of_odd_credentials_is_answered_as_they_were(mock, changes):
    sent = send(mock, bodies("P{d:1}")[0], **changes)
    text = look(mock, "/requests/req-1/as/scenario").text
    assert KEY not in text
    assert OTHER_KEY not in text
    (asked, actual) = dry_run(read_scenario(json.loads(text)), NOW, Policy()).requests[-1]
    assert actual.status == sent.status
    assert list(compare(0, asked.expect, actual)) == []


def test_a_copied_pytest_case_is_python_that_names_the_rule(mock):
    *_, event_id = play(mock, "P{d:1, p:1>d} F{d:1} R{d:1}@5")
    text = look(mock, f"/events/{event_id}/as/pytest").text
    tree = ast.parse(text)
    (function,) = [item for item in tree.body if isinstance(item, ast.FunctionDef)]
    assert function.name == "test_order_refund_added_ord_1"
    assert 'hakuna.play("P{d:1, p:1>d} F{d:1} R{d:1}@5")' in text
    assert 'hakuna.expect_finding("refund-missing-protection")' in text


def test_what_shorthand_cannot_hold_is_written_out_as_readable_python(mock):
    (body,) = bodies("R#9{d:1}")
    body["payload"]["refund_items"][0]["refunded_at"] = "2024-03-05T11:12:13+01:00"
    event_id = send(mock, body).json["event_id"]
    text = look(mock, f"/events/{event_id}/as/pytest").text
    assert 'hakuna.send({\n        "type": "order_refund_added",\n' in text
    assert "json" not in text
    assert max(map(len, text.splitlines())) <= 110


FAULT = {"Hakuna-Mock-Fault": "unavailable"}


@pytest.mark.parametrize(
    ("body", "changes", "fails"),
    [
        (bodies("R#7{d:1}")[0], {}, "unknown-order"),
        (b'{"type": ', {}, "body-invalid"),
        (bodies("X#7")[0], {"Hakuna-Version": "v1.2"}, "version-header-unexpected"),
        (bodies("P#7{d:1}")[0], FAULT, None),
        (bodies("P#7{d:1}")[0], {"Hakuna-Mock-Fault": "commit_drop"}, "retry-missing"),
        (hostile_order(f"ord-{TRAPS}{BIDI}{SCRIPT}"), {}, None),
    ],
    ids=["finding", "no json", "header", "fault", "cut", "hostile"],
)
def test_a_copied_pytest_case_passes_and_says_what_was_said(mock, body, changes, fails):
    with suppress(ConnectionError):
        send(mock, body, **changes)
    text = look(mock, "/requests/latest/as/pytest").text
    code: dict = {}
    exec(text, code)
    (case,) = [item for name, item in code.items() if name.startswith("test_")]
    with running() as hakuna:
        case(hakuna)
        fired = {
            finding["rule"] for finding in hakuna.findings() if finding["severity"] != "advice"
        }
    assert fired <= {fails, "unknown-order"} if fails else not fired
    assert (f'expect_finding("{fails}")' in text) == bool(fails)
    assert ("assert reply.status == 503" in text) == (changes == FAULT)


@pytest.mark.parametrize("depth", [60, 900, 5_000, 100_000])
@pytest.mark.parametrize("form", FORMS)
def test_deep_bodies_are_copied_too(mock, form, depth):
    send(mock, b'{"a":' * depth + b"1" + b"}" * depth)
    reply = look(mock, f"/requests/latest/as/{form}")
    assert reply.status == 200
    assert reply.text


def test_a_copied_fault_asks_for_it_again(mock):
    send(mock, bodies("P{d:1}")[0], **FAULT)
    ask(f"{mock.url}/_mock/v1/faults", b'{"effect": "empty"}')
    send(mock, bodies("P#2{d:1}")[0])
    for number, name in ((1, "unavailable"), (2, "empty")):
        row = f"/requests/req-{number}/as"
        assert f"-H 'Hakuna-Mock-Fault: {name}'" in look(mock, f"{row}/curl").text
        scenario = read_scenario(json.loads(look(mock, f"{row}/scenario").text))
        assert scenario.steps[-1].headers["Hakuna-Mock-Fault"] == name
        (asked, actual) = dry_run(scenario, NOW, Policy()).requests[-1]
        assert list(compare(0, asked.expect, actual)) == []


def test_shorthand_says_where_it_cannot_hold_a_body(mock, trapped):
    assert look(mock, f"/events/{trapped}/as/shorthand").text.startswith("# this cannot")
    play(mock, "P{d:1, p:1>d} F{d:1}")
    assert look(mock, "/orders/ord-1/as/shorthand").text == "P{d:1, p:1>d} F{d:1}\n"


def test_an_unknown_form_is_an_error_in_words(mock, trapped):
    assert "did you mean curl" in look(mock, f"/events/{trapped}/as/crl").text
