import json
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from running_mock import running_mock

from contracts.shorthand import bodies
from mock_server import Settings


def test_a_play_is_judged_offline_without_a_server(run):
    ran = run("play", "P{d:1,p:1>d} F{d:1} R{d:1}")
    assert ran.code == 1
    lines = ran.out.split("\n")
    assert lines[0].startswith("P{d:1,p:1>d}  200 evt-")
    assert lines[2].endswith("refund-missing-protection")


def test_a_clean_play_passes(run):
    ran = run("play", "P{d:1,p:1>d} F{d:1} R{d:1,p:1}")
    assert ran.code == 0
    assert "passed: 3 events" in ran.out


def test_a_play_may_be_given_as_several_words(run):
    assert run("play", "P{d:1}", "F{d:1}").code == 0


def test_reject_shows_the_refusal(run):
    ran = run("play", "R{d:1}", "--enforcement", "reject")
    assert "R{d:1}  404 refused  unknown-order" in ran.out


def test_what_is_no_shorthand_is_a_usage_error_that_points_at_the_place(run):
    ran = run("play", "P{d:1} Q{d:1}")
    assert ran.code == 2
    assert "  P{d:1} Q{d:1}\n         ^" in ran.err


def test_a_later_play_under_the_same_key_continues_an_earlier_one(run, monkeypatch):
    monkeypatch.setenv("SHOP_KEY", "sk_test_" + "shop")
    with running_mock() as here:
        there = ("--target", here.url, "--key-env", "SHOP_KEY")
        assert run("play", "P{d:1,p:1>d} F{d:1}", *there).code == 0
        ran = run("play", "R{d:1}@5", *there)
    assert ran.code == 1
    assert "refund-missing-protection" in ran.out
    assert "unknown-order" not in ran.out


def test_a_play_on_a_server_reports_only_its_own_findings(run, monkeypatch):
    monkeypatch.setenv("SHOP_KEY", "sk_test_" + "shop")
    with running_mock() as here:
        there = ("--target", here.url, "--key-env", "SHOP_KEY")
        run("play", "R{d:1}", *there)
        ran = run("play", "P#2{d:1}", *there)
    assert ran.code == 0


def test_a_server_that_rejects_is_shown_as_such(run):
    with running_mock(Settings(port=0, enforcement="reject")) as here:
        ran = run("play", "R{d:1}", "--target", here.url, "--output-format", "json")
    assert [event["status"] for event in json.loads(ran.out)["events"]] == [404]


def test_it_continues_them_in_time(run, monkeypatch):
    monkeypatch.setenv("SHOP_KEY", "sk_test_" + "shop")
    with running_mock() as here:
        for play in ("P{d:1,p:1>d} F{d:1}", "R{d:1,p:1}"):
            ran = run("play", play, "--target", here.url, "--key-env", "SHOP_KEY")
            assert (ran.code, ran.err) == (0, ""), ran.out


def test_each_play_has_a_fresh_key_and_says_which(run):
    with running_mock() as here:
        first, second = (run("play", "P{d:1}", "--target", here.url) for _ in range(2))
    assert (first.code, second.code) == (0, 0)
    assert first.err.startswith("hakuna-mock: under the fresh key sk_test_play_")
    assert first.err != second.err


def test_the_key_comes_from_the_named_variable_and_is_never_printed(run, monkeypatch):
    key = "sk_test_" + "verysecret0123456789"
    monkeypatch.setenv("SHOP_KEY", key)
    with running_mock() as here:
        ran = run("play", "P{d:1}", "--target", here.url, "--key-env", "SHOP_KEY")
    assert ran.code == 0
    assert key not in ran.out + ran.err


def test_a_live_key_is_never_sent(run, monkeypatch):
    key = "sk_live_" + "verysecret0123456789"
    monkeypatch.setenv("SHOP_KEY", key)
    ran = run("play", "P{d:1}", "--target", "http://127.0.0.1:9", "--key-env", "SHOP_KEY")
    assert ran.code == 2
    assert key not in ran.err


def test_a_missing_variable_is_a_usage_error(run, monkeypatch):
    monkeypatch.delenv("NO_KEY", raising=False)
    assert run("play", "X", "--target", "http://127.0.0.1:9", "--key-env", "NO_KEY").code == 2


def test_an_unreachable_target_is_exit_3_with_a_way_out(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    ran = run("play", "P{d:1}", "--target", f"http://127.0.0.1:{port}")
    assert ran.code == 3
    assert "does not answer" in ran.err
    assert "hakuna-mock serve" in ran.err


@contextmanager
def server_that_says(status, body=b"<html>no</html>"):
    """The URL of a server that answers everything in the same way, and what it was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        disable_nagle_algorithm = True

        def do_POST(self):
            asked.append(self.path)
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()


def test_a_server_that_refuses_what_it_should_take_is_exit_1(run):
    with server_that_says(503) as (url, _):
        ran = run("play", "P{d:1} F{d:1}", "--target", url)
    assert ran.code == 1
    assert "P{d:1}: expected 200, got 503" in ran.out
    assert "FAILED: 2 events of 1 order; open: 2 violations" in ran.out


def test_a_reply_without_an_event_id_is_no_success(run):
    with server_that_says(200) as (url, _):
        ran = run("play", "P{d:1}", "--target", url)
    assert ran.code == 1
    assert "expected 200, got 200 without an event id" in ran.out


def test_whoever_wants_no_failure_gets_none(run):
    with server_that_says(503) as (url, _):
        assert run("play", "P{d:1}", "--target", url, "--fail-on", "never").code == 0


def test_a_refusal_that_the_scenario_expects_is_none(run, tmp_path):
    step = {"shorthand": "P{d:1}", "expect": {"status": 503}}
    (tmp_path / "s.json").write_text(json.dumps({"name": "s", "steps": [step]}))
    with server_that_says(503) as (url, _):
        assert run("play", "s.json", "--target", url).code == 0
    with server_that_says(500) as (url, _):
        ran = run("play", "s.json", "--target", url)
    assert ran.code == 1
    assert "expected 503, got 500" in ran.out


def test_a_key_that_a_mock_does_not_know_is_a_failure_though_its_finding_is_in_no_world(run):
    with running_mock(Settings(port=0, api_key=("sk_test_" + "known",))) as here:
        ran = run("play", "P{d:1}", "--target", here.url)
    assert ran.code == 1
    assert "expected 200, got 401" in ran.out


def test_a_refusal_that_a_finding_explains_is_said_once(run):
    with running_mock(Settings(port=0, enforcement="reject")) as here:
        ran = run("play", "R{d:1}", "--target", here.url, "--output-format", "json")
    assert ran.code == 1
    assert [item["rule"] for item in json.loads(ran.out)["findings"]] == ["unknown-order"]


@pytest.mark.parametrize("played", ["scenario", "shorthand"])
def test_a_live_key_inside_what_is_played_is_not_sent(run, tmp_path, played):
    key = "sk_live_" + "averylongsecretkey"
    step = {"body": {}, "headers": {"Authorization": f"Bearer {key}"}}
    (tmp_path / "s.json").write_text(json.dumps({"name": "s", "steps": [{"body": {}}, step]}))
    asked = "s.json" if played == "scenario" else f"P#{key}{{d:1}}"
    with server_that_says(503) as (url, asked_for):
        ran = run("play", asked, "--target", url)
    assert ran.code == 2
    assert asked_for == []
    assert "it holds a live key" in ran.err
    assert key not in ran.out + ran.err


RECORDINGS = {
    "events.json": json.dumps(bodies("P{d:1} X")),
    "event.json": json.dumps(bodies("P{d:1}")[0]),
    "recording.json": json.dumps({"headers": {}, "body": bodies("P{d:1}")[0]}),
    "events.jsonl": json.dumps(bodies("P{d:1}")[0]),
    "shop.har": json.dumps({"log": {"entries": []}}),
}


@pytest.mark.parametrize("name", RECORDINGS)
@pytest.mark.parametrize(
    "command", [("play",), ("fuzz", "--replay"), ("serve", "--port=0", "--load")]
)
def test_recordings_where_a_scenario_is_needed_are_sent_to_the_commands_that_take_them(
    run, tmp_path, command, name
):
    (tmp_path / name).write_text(RECORDINGS[name])
    ran = run(*command, name)
    assert ran.code == 2
    assert f"{name}: this holds recordings and not a scenario; hakuna-mock check judges" in ran.err


def test_a_folder_cannot_be_played_and_the_message_says_what_can(run, tmp_path):
    (tmp_path / "recorded").mkdir()
    ran = run("play", "recorded")
    assert (ran.code, "recorded: this is a folder" in ran.err) == (2, True)
    (tmp_path / "X").mkdir()
    assert run("play", "X", "--fail-on", "never").code == 0
