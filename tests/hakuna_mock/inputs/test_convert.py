"""One sequence in every form: what goes in comes out."""

import json
import os
import threading

import pytest

from contracts.http.idempotency import KEY_HEADER
from contracts.scenarios.catalogue import shipped
from contracts.scenarios.format import key_names, keys_from, read_scenario, requests_of
from contracts.scenarios.step_from_request import without_secrets
from contracts.shorthand import bodies

FORGOTTEN = "P{d:1, p:1>d} F{d:1} R{d:1}@5"


def sent(scenario, key: str = "sk_test_play") -> list[tuple]:
    """What a scenario sends, but for what is never written: names of keys, and secrets."""
    numbers: dict[str, int] = {}
    found = []
    for request in requests_of(scenario, keys_from(scenario, key)):
        headers = {name: without_secrets(name, text) for name, text in request.headers.items()}
        if KEY_HEADER in headers:
            number = numbers.setdefault(headers[KEY_HEADER], len(numbers))
            headers[KEY_HEADER] = str(number)
        # A reply that was cut off has the status 0 in HAR, as one that is not there.
        found.append((headers, json_or_text(request.body), request.expect.status or None))
    return found


def json_or_text(body: bytes):
    try:
        return json.loads(body)
    except ValueError:
        return body


@pytest.fixture
def converted(run):
    def convert(asked: str, form: str, *args: str) -> str:
        ran = run("convert", asked, "--to", form, *args)
        assert ran.code == 0, ran.err
        return ran.out

    return convert


@pytest.mark.parametrize("form", ["jsonl", "har"])
@pytest.mark.parametrize("name", [n for n, s in shipped().items() if len(key_names(s)) == 1])
def test_every_scenario_survives_the_forms_that_hold_headers(converted, tmp_path, name, form):
    path = tmp_path / f"there.{form}"
    path.write_text(converted(name, form), "utf-8")
    back = read_scenario(json.loads(converted(str(path), "scenario")))
    before, after = sent(shipped()[name]), sent(back)
    if form == "jsonl":  # where nothing was answered, nothing is expected
        before, after = ([(h, b) for h, b, _ in rows] for rows in (before, after))
    assert after == before


def test_shorthand_is_the_same_after_a_scenario(converted, tmp_path):
    path = tmp_path / "there.json"
    path.write_text(converted(FORGOTTEN, "scenario", "--name", "mine"), "utf-8")
    assert json.loads(path.read_text())["name"] == "mine"
    assert converted(str(path), "shorthand").strip() == FORGOTTEN


def test_an_array_of_events_is_their_bodies(converted):
    assert json.loads(converted(FORGOTTEN, "json")) == bodies(FORGOTTEN)


def test_shorthand_that_says_less_says_so(run, tmp_path):
    event = bodies("P{d:1}")[0]
    event["payload"]["line_items"][0]["price_amount"] = 1
    (tmp_path / "e.json").write_text(json.dumps(event))
    ran = run("convert", "e.json", "--to", "shorthand")
    assert (ran.code, ran.out.strip()) == (0, "P{d:1}")
    assert "prices" in ran.err
    assert run("convert", "P{d:1}", "--to", "shorthand").err == ""


def test_what_was_answered_when_it_was_recorded_is_what_is_expected(run, tmp_path):
    refused = {"error": {"error_code": "cancel_decline", "validation_errors": []}}
    rows = [
        {"body": bodies("P{d:1}")[0], "response": {"status": 200, "body": {"event_id": "evt-1"}}},
        {"body": bodies("X@4")[0], "response": {"status": 400, "body": refused}},
        {"body": bodies("X@5")[0]},
    ]
    (tmp_path / "r.jsonl").write_text("\n".join(map(json.dumps, rows)))
    steps = json.loads(run("convert", "r.jsonl").out)["steps"]
    assert [step.get("expect") for step in steps] == [
        {"status": 200},
        {"status": 400, "error_code": "cancel_decline"},
        None,
    ]


def test_keys_are_named_and_never_written(run, tmp_path):
    item, two, live = "sk_test_" + "secretone", "sk_test_" + "secrettwo", "sk_live_" + "secretthree"
    headers = [
        {"authorization": f"Bearer {item}"},
        {"Bearer": two, "Cookie": "session=1"},
        {"Authorization": f"Bearer {item}"},
        {"Authorization": f"Bearer {live}"},
    ]
    rows = [{"headers": h, "body": {}, "response": {"status": 401, "body": {}}} for h in headers]
    (tmp_path / "r.jsonl").write_text("\n".join(map(json.dumps, rows)))
    ran = run("convert", "r.jsonl")
    for secret in ("secret", "session"):
        assert secret not in ran.out + ran.err
    steps = json.loads(ran.out)["steps"]
    assert [step.get("key", "main") for step in steps] == ["main", "key-2", "main", "key-3"]
    assert steps[1]["headers"]["Bearer"] == "{key}"
    assert steps[1]["headers"]["Authorization"] is None
    assert [("expect" in step) for step in steps] == [True, True, True, False]


def test_a_converted_recording_can_be_played_and_verified(run, tmp_path):
    (tmp_path / "r.jsonl").write_text("\n".join(map(json.dumps, bodies(FORGOTTEN))))
    assert run("convert", "r.jsonl", "--to", "scenario", "-o", "case.json").code == 0
    ran = run("play", "case.json")
    assert ran.code == 1
    assert "refund-missing-protection" in ran.out


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["P{d:1"], "expected , or }"),
        (["forgoten-plan"], "Did you mean the scenario forgotten-plan?"),
        (["gatekeeping-matrix", "--to", "shorthand"], "shorthand cannot hold it"),
        (["P{d:1}", "--name", "Not A Name"], "/name"),
        (["P{d:1}", "-o", "bin.json/no/folder.json"], "bin.json/no/folder.json: "),
        (["P{d:1}", "--to", "yaml"], "yaml"),
        (["bin.json"], "not UTF-8"),
    ],
)
def test_what_cannot_be_converted_is_told_in_words(run, tmp_path, args, message):
    (tmp_path / "bin.json").write_bytes(b"\xff\xfe\x00")
    ran = run("convert", *args)
    assert ran.code == 2
    assert message in ran.err
    assert "Traceback" not in ran.err


def test_two_conversions_can_be_put_together(run, tmp_path):
    with (tmp_path / "all.jsonl").open("w") as file:
        for number in (1, 2):
            file.write(run("convert", f"P#{number}{{d:1}} F#{number}{{d:1}}", "--to", "jsonl").out)
    ran = run("check", "all.jsonl", "--fail-on", "advice")
    assert (ran.code, "4 events of 2 orders" in ran.out) == (0, True)


def test_an_archive_has_times_that_rise(run):
    entries = json.loads(run("convert", FORGOTTEN, "--to", "har").out)["log"]["entries"]
    times = [entry["startedDateTime"] for entry in entries]
    assert times == sorted(set(times))


def test_what_was_not_accepted_is_not_accepted_in_the_scenario_either(run, tmp_path):
    placed, shipped = bodies("P{d:1} F{d:1}")
    rows = [
        {"body": placed, "response": {"status": 503}},
        {"body": placed, "response": {"status": 200}},
        {"body": shipped, "response": None},
        {"body": shipped, "response": {"status": 200}},
    ]
    (tmp_path / "r.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert run("convert", "r.jsonl", "-o", "case.json").code == 0
    assert "duplicate-event" not in run("play", "case.json", "--fail-on", "never").out
    ran = run("convert", "r.jsonl", "--to", "shorthand")
    assert ran.out.strip() == "P{d:1} F{d:1}"
    assert "2 events were not accepted when recorded, and left out" in ran.err


def test_an_item_without_a_body_is_left_out(run, tmp_path):
    request = {"method": "POST", "url": "https://x/sandbox/events", "headers": []}
    (tmp_path / "x.har").write_text(json.dumps({"log": {"entries": [{"request": request}]}}))
    ran = run("convert", "x.har")
    assert (ran.code, "recorded without a body, and left out" in ran.err) == (2, True)


@pytest.mark.parametrize("given", ["events", "scenario"])
def test_a_named_pipe_is_read_once_and_whole(run, tmp_path, given):
    written = run("convert", "P{d:1} X", "--to", "jsonl" if given == "events" else given).out
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=(written,))
    writer.start()
    ran = run("convert", "pipe", "--to", "shorthand")
    writer.join()
    assert (ran.code, ran.out) == (0, "P{d:1} X\n")
