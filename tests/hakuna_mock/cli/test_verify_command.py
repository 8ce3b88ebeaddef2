import json
import socket
import threading
import time
from xml.etree import ElementTree as ET

import pytest
from running_mock import running_mock
from wrong_server import MISTAKES, wrong_server

from contracts.scenarios.catalogue import shipped
from mock_server import Settings


def verified(run, url, *args):
    ran = run("verify", "--target", url, "--output-format", "json", *args)
    return ran.code, json.loads(ran.out)


@pytest.mark.parametrize("enforcement", ["flag", "reject"])
def test_our_own_server_is_clean_in_both_modes_findings_and_orders_included(run, enforcement):
    with running_mock(Settings(port=0, enforcement=enforcement)) as here:
        code, report = verified(run, here.url)
    assert (code, report["passed"], report["enforcement"]) == (0, True, enforcement)
    assert [item["file"] for item in report["events"]] == list(shipped())
    assert report["unseen"] == {}
    assert not [item for item in report["events"] if item["skipped"]]
    assert report["coverage"]["event_types"]["score"] == 5


def test_with_one_key_orders_are_renamed_and_what_needs_more_keys_is_skipped(run, monkeypatch):
    key = "sk_test_" + "theonlykeyofthisrun"
    monkeypatch.setenv("ONLY_KEY", key)
    with running_mock(Settings(port=0, api_key=(key,))) as here:
        for _ in range(2):
            code, report = verified(run, here.url, "--key-env", "ONLY_KEY")
            assert (code, report["passed"]) == (0, True)
    skipped = {item["file"] for item in report["events"] if item["skipped"]}
    assert skipped == {"docs-examples-alone", "gatekeeping-matrix", "idempotency-matrix"}
    assert key not in json.dumps(report)


def test_another_server_that_is_right_passes_and_what_it_hides_is_named(run):
    with wrong_server(None) as url:
        ran = run("verify", "--target", url)
    assert ran.code == 0, ran.out
    assert "not visible on this target: findings" in ran.out
    assert "not visible on this target: orders" in ran.out


@pytest.mark.parametrize("mistake", [name for name, caught in MISTAKES.items() if caught])
def test_a_mistake_is_caught_and_the_expectation_named(run, mistake):
    with wrong_server(mistake) as url:
        code, report = verified(run, url)
    assert code == 1
    assert {item["rule"] for item in report["findings"]} == MISTAKES[mistake]
    assert all(item["message"] and item["fix"] and item["source"] for item in report["findings"])


def test_the_text_names_scenario_step_expected_and_got(run):
    with wrong_server("answers 201") as url:
        out = run("verify", "--target", url, "--suite", "smoke").out
    assert "violation reply-status (documented)\n  --> forgotten-plan:6:5" in out
    assert '"shorthand": "P{d:1,p:1>d}"' in out
    assert "  step 1: expected 200, got 201\n" in out
    assert "FAILED" in out


def test_the_line_is_that_of_the_scenario_as_it_is_printed(run):
    with wrong_server("answers 201") as url:
        _, report = verified(run, url, "--suite", "smoke")
    wrong = next(item for item in report["findings"] if item["file"] == "late-correction")
    printed = run("scenarios", "late-correction", "--output-format", "json").out.splitlines()
    assert printed[wrong["line"] - 1].strip() == "{"
    assert '"shorthand": "P{d:1,p:1>d}"' in printed[wrong["line"]]


@pytest.mark.parametrize("kind", ["json", "jsonl", "junit", "sarif", "github"])
def test_every_report_format_tells_of_the_mismatches(run, tmp_path, kind):
    path = tmp_path / "report"
    with wrong_server("answers 201") as url:
        run("verify", "--target", url, "--suite", "smoke", "--report", f"{kind}:{path}")
    assert "reply-status" in path.read_text("utf-8")


def test_a_scenario_that_was_skipped_is_skipped_in_junit(run, monkeypatch):
    key = "sk_test_" + "onekey"
    monkeypatch.setenv("ONLY_KEY", key)
    with running_mock(Settings(port=0, api_key=(key,))) as here:
        out = run(
            "verify",
            "--target",
            here.url,
            "--key-env",
            "ONLY_KEY",
            "--suite",
            "smoke",
            "--output-format",
            "junit",
        ).out
    suite = ET.fromstring(out).find("testsuite")
    assert suite.get("skipped") == "3"
    assert len(suite.findall("testcase/skipped")) == 3


def test_a_target_that_hangs_up_is_exit_3_with_what_was_seen_so_far(run):
    with wrong_server("hangs up after ten requests") as url:
        ran = run("verify", "--target", url, "--output-format", "json")
    report = json.loads(ran.out)
    assert ran.code == 3
    assert report["events"]
    assert "does not answer" in report["broke"]


def test_an_unreachable_target_is_exit_3(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert run("verify", "--target", f"http://127.0.0.1:{port}").code == 3


def test_wait_gives_a_starting_target_time(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    stop = threading.Event()

    def start_late():
        time.sleep(0.6)
        with running_mock(Settings(port=port)):
            stop.wait(60)

    thread = threading.Thread(target=start_late)
    thread.start()
    try:
        url = f"http://127.0.0.1:{port}"
        assert run("verify", "--target", url, "--suite", "smoke", "--wait", "20").code == 0
    finally:
        stop.set()
        thread.join(20)


@pytest.mark.parametrize(
    "url", ["http://example.org", "http://10.0.0.1:1", "http://localhost.evil"]
)
def test_another_machine_is_asked_only_if_it_is_allowed(run, url):
    ran = run("verify", "--target", url)
    assert ran.code == 2
    assert "--allow-host" in ran.err


def test_a_live_key_is_never_sent(run, monkeypatch):
    key = "sk_live_" + "averylongsecretkey"
    monkeypatch.setenv("A_KEY", key)
    ran = run("verify", "--target", "http://127.0.0.1:9", "--key-env", "A_KEY")
    assert ran.code == 2
    assert key not in ran.err


@pytest.mark.parametrize("place", ["header", "body", "raw", "path"])
def test_a_live_key_inside_a_scenario_is_not_sent_either(run, tmp_path, place):
    key = "sk_live_" + "averylongsecretkey"
    step = {
        "header": {"body": {}, "headers": {"Authorization": f"Bearer {key}"}},
        "body": {"body": {"note": key}},
        "raw": {"raw": key},
        "path": {"body": {}, "path": f"/sandbox/events/{key}"},
    }[place]
    (tmp_path / "s.json").write_text(json.dumps({"name": "s", "steps": [{"body": {}}, step]}))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(0.2)
        ran = run("verify", "s.json", "--target", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(TimeoutError):
            silent.accept()
    assert ran.code == 2
    assert "s, step 2: it holds a live key" in ran.err
    assert key not in ran.out + ran.err


def test_no_shipped_scenario_holds_a_live_key():
    for scenario in shipped().values():
        assert "sk_live_" not in repr(scenario)


def test_a_dry_run_prints_the_plan_and_sends_nothing(run):
    ran = run("verify", "--target", "http://127.0.0.1:9", "--dry-run")
    assert ran.code == 0
    assert f"{len(shipped())} scenarios would be played" in ran.out


def test_behind_an_admin_token_orders_are_seen_with_it_and_named_unseen_without(run):
    token = "a-token-of-this-test"
    with running_mock(Settings(port=0, admin_token=token)) as here:
        _, without = verified(run, here.url, "--suite", "smoke")
        _, with_it = verified(run, here.url, "--suite", "smoke", "--admin-token", token)
    assert set(without["unseen"]) == {"orders"}
    assert with_it["unseen"] == {}
    assert without["passed"] is with_it["passed"] is True


def control(method, path, body):
    return {"control": {"method": method, "path": f"/_mock/v1/{path}", "body": body}}


ON_DEMAND = {
    "suffix": [{"shorthand": "P#1--mock-unavailable-x1{d:1}"}, {"shorthand": "P#2{d:1}"}],
    "armed": [control("POST", "faults", {"effect": "unavailable"}), {"shorthand": "P{d:1}"}],
    "outage": [control("PUT", "settings", {"outage": "refuse"}), {"shorthand": "P{d:1}"}],
}


@pytest.fixture(params=ON_DEMAND)
def on_demand(request, tmp_path):
    """A scenario file whose first event meets a fault."""
    path = tmp_path / "s.json"
    path.write_text(json.dumps({"name": "s", "steps": ON_DEMAND[request.param]}))
    return str(path)


def test_a_fault_on_demand_is_played_under_the_only_key_too(run, monkeypatch, on_demand):
    key = "sk_test_" + "onekey"
    monkeypatch.setenv("ONLY_KEY", key)
    with running_mock(Settings(port=0, api_key=(key,))) as here:
        code, report = verified(run, here.url, on_demand, "--key-env", "ONLY_KEY")
    assert (code, report["events"][0]["skipped"]) == (0, None)


def test_a_fault_on_demand_is_not_asked_of_another_server(run, on_demand):
    with wrong_server(None) as url:
        _, report = verified(run, url, on_demand)
    assert "faults on demand" in report["events"][0]["skipped"]
