"""`verify --drift`, `fuzz --drift` and `verify --polite` against servers behind real sockets."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from running_mock import running_mock
from toy_provider import Provider
from toy_providers import Created
from toy_server import toy_server

from contracts.drift.attribution import standings
from contracts.drift.document import from_json
from fuzz.client.http_client import Reply
from fuzz.client.polite_target import PoliteTarget, RunFile, RunFileError, UnderWayError

KEY = "sk_test_" + "polite0shop"
SCENARIOS = ("happy-return", "partial-quantities", "stock-out-half", "retry-without-key")


def refuted(path):
    found = standings(from_json(json.loads(path.read_text())))
    return {item.assumption.id for item in found.refuted}


def test_verify_writes_what_the_target_does_otherwise(run, tmp_path):
    with toy_server(Created()) as toy:
        done = run("verify", "--target", toy.url, "--suite", "smoke", "--drift", "v.json")
    assert done.code == 1
    assert refuted(tmp_path / "v.json") == {"accepted-status"}


def test_our_own_server_does_all_that_is_assumed(run, tmp_path):
    done = run("fuzz", "--max-examples", "6", "--seed", "5", "--drift", "f.json")
    assert done.code == 0
    document = json.loads((tmp_path / "f.json").read_text())
    assert document["summary"]["refuted"] == 0
    assert document["summary"]["unexplained"] == document["summary"]["unclear"] == 0
    assert document["summary"]["confirmed"] > 50


def test_the_plan_of_a_polite_run_is_printed_and_nothing_is_sent(run, monkeypatch, tmp_path):
    monkeypatch.setenv("SHOP_KEY", KEY)
    with toy_server() as toy:
        command = ("verify", "--target", toy.url, "--polite", "--dry-run")
        done = run(*command, "--key-env", "SHOP_KEY", "--per-second", "4")
        assert "at most 4 a second: about" in done.out
        assert "they need a second key" in done.out
        assert toy.received == []
        assert not list(tmp_path.iterdir())
        assert run(*command).out == run(*command, "--key-env", "SHOP_KEY").out
        assert "--key-env NAME" in run(*command[:-1]).err


def test_the_plan_says_that_an_interrupted_run_goes_on(run, tmp_path):
    path = tmp_path / "hakuna-polite.jsonl"
    with toy_server() as toy:
        file = RunFile.opened(path, toy.url)
        file.sending("a")
        file.received("a", Reply(200, {}, b""), 0.1)
        file.close()
        before = path.read_bytes()
        done = run("verify", "--target", toy.url, "--polite", "--dry-run")
    assert f"the run {file.run} goes on; 1 request of it had a reply" in done.out
    assert path.read_bytes() == before


def test_a_polite_run_sends_no_key_over_a_network_in_the_open(run, tmp_path, monkeypatch):
    monkeypatch.setenv("SHOP_KEY", KEY)
    ran = run(
        "verify", "--target", "http://provider.invalid", "--allow-host", "provider.invalid",
        "--polite", "--key-env", "SHOP_KEY", "happy-return",
    )  # fmt: skip
    assert (ran.code, "travel unencrypted; write https://provider.invalid" in ran.err) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_sent_nothing_binds_nobody_to_its_target(tmp_path):
    path = tmp_path / "run.jsonl"
    RunFile.opened(path, "https://mistyped.example").close()
    file = RunFile.opened(path, "https://right.example")
    file.close()
    assert not file.resumes
    assert json.loads(path.read_text())["target"] == "https://right.example"


def test_what_could_not_be_sent_is_sent_when_the_run_goes_on(run, tmp_path, monkeypatch):
    monkeypatch.setenv("SHOP_KEY", KEY)
    polite = ("--polite", "--per-second", "50", "--key-env", "SHOP_KEY", "happy-return")
    with toy_server() as toy:
        file = RunFile.opened(tmp_path / "hakuna-polite.jsonl", toy.url)
        file.sending("of an earlier scenario")
        file.close()
    ran = run("verify", "--target", toy.url, *polite)  # nobody listens there any more
    assert (ran.code, "connection refused" in ran.err) == (3, True)
    resumed = RunFile.read(tmp_path / "hakuna-polite.jsonl", toy.url)
    assert resumed.begun == {"of an earlier scenario"}


def test_a_target_that_was_mistyped_binds_nobody(run, monkeypatch):
    monkeypatch.setenv("SHOP_KEY", KEY)
    polite = ("--polite", "--per-second", "50", "--key-env", "SHOP_KEY", "happy-return")
    with toy_server() as gone:
        pass
    assert run("verify", "--target", gone.url, *polite).code == 3
    with toy_server() as toy:
        ran = run("verify", "--target", toy.url, *polite)
    assert (ran.code, "passed: 1 scenario, 3 requests" in ran.out) == (0, True)


def test_a_run_that_played_nothing_is_no_success(run, monkeypatch):
    monkeypatch.setenv("SHOP_KEY", KEY)
    polite = ("--polite", "--per-second", "50", "--key-env", "SHOP_KEY")
    with toy_server() as toy:
        ran = run("verify", "--target", toy.url, *polite, "gatekeeping-matrix")
        assert toy.received == []
    assert (ran.code, "nothing was judged: no scenario was played" in ran.err) == (2, True)


def test_a_polite_run_does_not_say_what_it_did_not_ask(run, monkeypatch):
    monkeypatch.setenv("SHOP_KEY", KEY)
    with running_mock() as here:
        done = run(
            "verify", "--target", here.url, "--polite", "--per-second", "50",
            "--key-env", "SHOP_KEY", "happy-return",
        )  # fmt: skip
    assert f"{here.url} (sent nothing but events, enforcement flag)" in done.out
    assert "not asked for by a polite run: findings (1 scenario)" in done.out
    assert "another server" not in done.out


def test_a_polite_run_sends_only_events_under_one_key_with_a_prefix(
    run,
    tmp_path,
    monkeypatch,
):
    monkeypatch.setenv("SHOP_KEY", KEY)
    with toy_server(Provider("unknown-order")) as toy:
        done = run(
            "verify", "--target", toy.url, "--polite", "--per-second", "50", "--key-env",
            "SHOP_KEY", "--suite", "smoke", "--drift", "p.json",
        )  # fmt: skip
        received = list(toy.received)
    head = json.loads((tmp_path / "hakuna-polite.jsonl").read_text().splitlines()[0])
    assert "order ids begin with " + head["run"] in done.err
    assert refuted(tmp_path / "p.json") == {"unknown-order"}
    for path, headers, body in received:
        assert path == "/sandbox/events"
        keys = {value for name, value in headers if name.lower() in ("authorization", "bearer")}
        assert keys <= {f"Bearer {KEY}", KEY}
        order_id = json.loads(body)["payload"].get("order_id")
        assert order_id is None or str(order_id).startswith(head["run"] + "-")
    assert KEY not in (tmp_path / "hakuna-polite.jsonl").read_text()


def test_an_interrupted_run_goes_on_and_sends_nothing_twice(tmp_path):
    environment = {**os.environ, "SHOP_KEY": KEY, "PYTHONPATH": os.pathsep.join(sys.path)}
    with toy_server() as toy:
        command = [
            sys.executable, "-m", "hakuna_mock", "verify", "--target", toy.url, "--polite",
            "--per-second", "20", "--key-env", "SHOP_KEY", *SCENARIOS,
        ]  # fmt: skip
        first = subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        deadline = time.monotonic() + 30
        while len(toy.received) < 5 and time.monotonic() < deadline:
            time.sleep(0.02)
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=30)
        assert first.returncode == 130
        before = len(toy.received)
        second = subprocess.run(
            [*command, "--per-second", "50"], cwd=tmp_path, env=environment, capture_output=True,
            text=True, check=False, timeout=120,
        )  # fmt: skip
        assert "goes on" in second.stderr
        assert second.returncode == 0, second.stdout
        sent = [(body, tuple(headers)) for _, headers, body in toy.received]
    assert 5 <= before < len(sent)
    keys = [(body, dict(headers).get("Hakuna-Idempotency-Key")) for body, headers in sent]
    replays = len(keys) - len(set(keys))
    # The suite itself repeats a few requests; a run without interruption repeats as many.
    with toy_server() as toy:
        subprocess.run(
            [*command[:5], toy.url, *command[6:], "--run-file", "other.jsonl",
             "--per-second", "50"],
            cwd=tmp_path, env=environment, capture_output=True, check=False, timeout=120,
        )  # fmt: skip
        whole = [
            (body, dict(headers).get("Hakuna-Idempotency-Key")) for _, headers, body in toy.received
        ]
    assert len(whole) - len(set(whole)) == replays
    assert len(whole) - len(sent) <= 1  # at most the one that was under way is not repeated


def test_what_was_under_way_is_not_sent_again(tmp_path):
    with toy_server() as toy:
        file = RunFile.opened(tmp_path / "run.jsonl", toy.url)
        target = PoliteTarget(toy.url, file, per_second=1000, timeout=5)
        body = b"{}"
        file.sending(target._name("POST", "/sandbox/events", body, {}))
        file.close()
        again = RunFile.opened(tmp_path / "run.jsonl", toy.url)
        assert again.run == file.run
        target = PoliteTarget(toy.url, again, per_second=1000, timeout=5)
        with pytest.raises(UnderWayError):
            target.ask("POST", "/sandbox/events", body, {})
        assert target.ask("POST", "/sandbox/events", body, {"Hakuna-Version": "v2.0"}).status == 401
        assert len(toy.received) == 1
        target.close()
        again.close()


def test_a_target_waits_for_its_turn(tmp_path):
    waited = []
    with toy_server() as toy:
        file = RunFile.opened(tmp_path / "run.jsonl", toy.url)
        target = PoliteTarget(toy.url, file, per_second=0.1, timeout=5, wait=waited.append)
        for number in range(3):
            target.ask("POST", "/sandbox/events", b"%d" % number, {})
        target.close()
        file.finish()
    assert len(waited) == 2
    assert all(9 < seconds <= 10 for seconds in waited)


def test_a_run_file_survives_a_crash_and_belongs_to_one_target(tmp_path):
    path = tmp_path / "run.jsonl"
    file = RunFile.opened(path, "http://a")
    file.sending("x-1")
    file.received("x-1", Reply(200, {"a": "b"}, b"\xff"), 0.5)
    file.close()
    path.write_text(path.read_text() + '{"sendi')
    again = RunFile.opened(path, "http://a")
    assert again.replied["x-1"][0] == Reply(200, {"a": "b"}, b"\xff")
    again.close()
    assert path.read_text().endswith("}\n")
    with pytest.raises(RunFileError, match="belongs to a run against http://a"):
        RunFile.opened(path, "http://b")
    again = RunFile.opened(path, "http://a")
    again.finish()
    new = RunFile.opened(path, "http://b")
    assert not new.resumes
    new.close()
    path.write_text("no JSON\nat all\n")
    with pytest.raises(RunFileError, match="not the file of a run"):
        RunFile.opened(path, "http://a")
