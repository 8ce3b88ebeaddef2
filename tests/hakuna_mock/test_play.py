import json
import socket

from running_mock import running_mock

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


def test_a_later_play_on_a_server_continues_an_earlier_one(run):
    with running_mock() as here:
        assert run("play", "P{d:1,p:1>d} F{d:1}", "--target", here.url).code == 0
        ran = run("play", "R{d:1}@5", "--target", here.url)
    assert ran.code == 1
    assert "refund-missing-protection" in ran.out
    assert "unknown-order" not in ran.out


def test_a_play_on_a_server_reports_only_its_own_findings(run):
    with running_mock() as here:
        run("play", "R{d:1}", "--target", here.url)
        ran = run("play", "P#2{d:1}", "--target", here.url)
    assert ran.code == 0


def test_a_server_that_rejects_is_shown_as_such(run):
    with running_mock(Settings(port=0, enforcement="reject")) as here:
        ran = run("play", "R{d:1}", "--target", here.url, "--output-format", "json")
    assert [event["status"] for event in json.loads(ran.out)["events"]] == [404]


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
