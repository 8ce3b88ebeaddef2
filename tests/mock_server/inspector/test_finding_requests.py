"""Finding and comparing: search, times, two side by side, runs, exports, tests that fail."""

import json
import re
import subprocess
import sys

import pytest
from inspected import KEY, look, play, send

from contracts.scenarios.format import read_scenario
from contracts.scenarios.runner import compare_end, dry_run
from contracts.shorthand import bodies
from contracts.timing.rfc3339 import parse_instant
from mock_server.inspector.search import read_time

NOW = parse_instant("2026-03-01T12:00:00Z")


def found(here, query: str) -> list[str]:
    return [item["id"] for item in look(here, f"/events.json?{query}").json]


def test_one_box_finds_ids_e_mail_and_any_text(mock, open_page):
    (first,) = play(mock, "P#77{d:1, p:1>d}")
    (body,) = bodies("P#88{a:1}")
    body["payload"]["customer"] |= {"email": "erika@example.org", "first_name": "Zoë"}
    send(mock, body, **{"X-Trace": "trace-4711"})
    for words, ids in {
        first: ["req-1"],
        "req-2": ["req-2"],
        "ord-88": ["req-2"],
        "line-p": ["req-1"],
        "ERIKA@example.org": ["req-2"],
        "trace-4711": ["req-2"],
        "Zoë": ["req-2"],
        "nobody": [],
        "sandbox": ["req-1", "req-2"],
    }.items():
        assert found(mock, f"q={words.replace('ë', '%C3%AB')}") == ids, words
    page = open_page(mock.url + "/_mock/rules")
    page.keyboard.press("/")
    page.keyboard.type("erika@")
    page.keyboard.press("Enter")
    page.wait_for_url("**/events?*q=erika%40*")
    assert page.locator("#rows tbody tr").count() == 1
    assert page.input_value("#search") == "erika@"
    assert "An order has this id" in look(mock, "/events?q=ord-88").text


def test_times_narrow_the_list(mock):
    play(mock, "P{d:1}")
    assert found(mock, "since=15m") == ["req-1"]
    assert found(mock, "until=15m") == []
    assert found(mock, "since=2020-01-01&until=2999-01-01T00:00") == ["req-1"]
    assert look(mock, "/events?since=soon").status == 400


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("10:30", "2026-03-01T10:30:00Z"),
        ("10:30:15", "2026-03-01T10:30:15Z"),
        ("15m", "2026-03-01T11:45:00Z"),
        ("2d", "2026-02-27T12:00:00Z"),
        ("2026-02-01", "2026-02-01T00:00:00Z"),
        ("2026-02-01 08:15", "2026-02-01T08:15:00Z"),
        ("2026-02-01T08:15:00+02:00", "2026-02-01T06:15:00Z"),
    ],
)
def test_times_are_read_as_people_type_them(text, time):
    assert read_time(text, NOW) == parse_instant(time)


def test_two_events_stand_side_by_side(mock, open_page):
    _, _, first, second = play(mock, "P{d:3} F{d:3} R{d:1}@5 R{d:2}@6")
    page = open_page(f"{mock.url}/_mock/events/{second}")
    page.click("text=Compare with the previous event")
    left, right = page.locator(".differs >> nth=0").locator("code").all_inner_texts()
    assert ('"quantity": 1' in left, '"quantity": 2' in right) == (True, True)
    assert first in page.url


def test_two_attempts_stand_side_by_side(mock):
    (body,) = bodies("P{d:1}")
    same = {"Hakuna-Idempotency-Key": "one"}
    send(mock, body, **same, **{"Hakuna-Mock-Fault": "unavailable"})
    send(mock, body, **same)
    address = re.search(
        r'href="/_mock(/compare[^"]+)">Compare with the previous attempt', _latest(mock)
    )[1]
    text = look(mock, address.replace("&amp;", "&")).text
    assert re.findall(r'class="status s\d">(\d+)<', text) == ["503", "200"]
    assert "hakuna-mock-fault: unavailable" in text


def _latest(here) -> str:
    return look(here, "/events/latest").text


def test_a_run_says_what_is_new_gone_and_still_there(mock, open_page):
    page = open_page(mock.url + "/_mock/runs", javascript=False)
    page.click("text=Start a run")
    play(mock, "P#1{d:1,p:1>d} F#1{d:1} R#1{d:1} P#2{d:1} F#2{d:2}")
    page.click("text=Start a run")
    play(mock, "P#3{d:1,p:1>d} F#3{d:1} R#3{d:1} P#4{p:1>x}")
    told = look(mock, "/runs.json").json
    rules = {name: [item["rule"] for item in told[name]] for name in told if name != "runs"}
    assert rules == {
        "new": ["protection-dangling-reference"],
        "still_there": ["refund-missing-protection"],
        "gone": ["over-fulfillment"],
    }
    page.reload()
    assert "New in this run 1" in page.inner_text("main")


def test_what_is_filtered_can_be_exported_and_checked(mock, tmp_path):
    play(mock, "P{d:1,p:1>d} F{d:1} R{d:1}")
    send(mock, b"{")
    play(mock, "P#other{d:1}")
    for name in ("events.jsonl", "events.har"):
        reply = look(mock, f"/{name}?q=ord-1")
        assert KEY not in reply.text
        assert "attachment" in reply.headers["Content-Disposition"]
        (tmp_path / name).write_text(reply.text)
    done = subprocess.run(
        [sys.executable, "-m", "hakuna_mock", "check", tmp_path, "--output-format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads(done.stdout)
    assert report["judged"]["events"] == 6, done.stderr
    rules = [item["rule"] for item in report["findings"] if item["severity"] == "violation"]
    assert rules.count("refund-missing-protection") == 2, "of each file once"
    lines = look(mock, "/events.jsonl").text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [f"req-{n}" for n in range(1, 6)]
    assert "export" in look(mock, "/").text.lower()


BUGS = {
    "forgotten plan": ("P{d:1,p:1>d} F{d:1} R{d:1}@5", "R{d:1,p:1}@5"),
    "later events too": ("P{d:2,p:2>d} F{d:2} R{d:1,p:1}@5 R{d:1}@6", "R{d:1,p:1}@6"),
    "after a mistake that was settled": ("F{d:1}@1 P{d:1}@0 R{d:1}@5 R{d:1}@6", None),
}


@pytest.mark.parametrize("name", BUGS)
def test_a_failing_scenario_fails_while_the_bug_is_there_and_passes_without(mock, name):
    text, right = BUGS[name]
    *_, event_id = play(mock, text)
    for address in (f"/events/{event_id}", "/orders/ord-1"):
        document = json.loads(look(mock, f"{address}/as/failing-scenario").text)
        assert len(document["steps"]) == len(bodies(text))
        assert failures(document)
        if right:
            document["steps"][-1]["body"] = bodies(right)[0]
            assert failures(document) == []


def failures(document) -> list:
    scenario = read_scenario(document)
    end = dry_run(scenario, NOW)
    return list(compare_end(scenario, end.open_findings, end.orders))


def test_a_failing_pytest_fails_with_the_bug_and_passes_without(mock, pytester):
    *_, event_id = play(mock, "P{d:1,p:1>d} F{d:1} R{d:1}@5")
    for place, address in enumerate((f"events/{event_id}", "orders/ord-1")):
        text = look(mock, f"/{address}/as/failing-pytest").text
        fixed = text.replace("R{d:1}@5", "R{d:1,p:1}@5")
        assert fixed != text
        pytester.makepyfile(**{f"test_bug_{place}": text, f"test_fixed_{place}": fixed})
    for place in (0, 1):
        result = pytester.runpytest_inprocess(f"test_bug_{place}.py")
        assert result.ret == 1
        result.stdout.fnmatch_lines(["*refund-missing-protection*"])
    fixed = pytester.runpytest_inprocess("test_fixed_0.py", "test_fixed_1.py")
    fixed.assert_outcomes(passed=2)


def test_every_copy_as_pytest_of_an_order_with_mistakes_passes(mock, pytester):
    """The copies say what happens, so they stay green: earlier mistakes are allowed in them."""
    ids = play(mock, "F{d:1}@1 P{d:2,p:2>d}@0 R{d:1}@5 R{zz:1}@6 F{d:5}@7 R{p:1}@8 X@9")
    refused = send(mock, b'{"type": "order_placed", "payload": {"order_id": "ord-1"}}')
    assert refused.status == 400
    addresses = [f"events/{item}" for item in ids] + [f"requests/req-{n}" for n in range(1, 9)]
    for place, address in enumerate([*addresses, "orders/ord-1"]):
        text = look(mock, f"/{address}/as/pytest").text
        pytester.makepyfile(**{f"test_copy_{place}": text})
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(passed=len(addresses) + 1)


def test_a_failing_test_is_offered_where_an_order_is_looked_at(mock):
    *_, event_id = play(mock, "P{d:1,p:1>d} F{d:1} R{d:1}@5")
    for path in (f"/events/{event_id}", "/orders/ord-1"):
        assert ">Failing test</a>" in look(mock, path).text
    assert look(mock, "/orders/ord-1/as/nothing").status == 404
