"""The command: from its options to its exit codes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from running_mock import running_mock
from wrong_server import wrong_server

from contracts.orders.ledger import Ledger
from fuzz.generate.actions.routing import LIVE_KEY
from mock_server import Settings


@pytest.fixture
def mock():
    with running_mock(Settings(port=0)) as here:
        yield here.url


@pytest.fixture
def bad_mock(mock, monkeypatch):
    good = Ledger.refund
    monkeypatch.setattr(Ledger, "refund", lambda self, units: good(self, min(units, 1)))
    return mock


def test_a_good_server_is_exit_0_with_seed_stop_reason_and_rules(run, mock, tmp_path):
    ran = run("fuzz", "--target", mock, "--max-examples", "8", "--seed", "7")
    assert ran.code == 0, ran.out
    assert "seed 7, stopped by --max-examples 8" in ran.out
    assert "rules reached: " in ran.out
    assert "passed: 8 examples" in ran.out
    assert not (tmp_path / "hakuna-fuzz").exists()


def test_without_a_target_it_starts_its_own_server_and_ends_it(run):
    ran = run("fuzz", "--max-examples", "5", "--output-format", "json")
    report = json.loads(ran.out)
    assert (ran.code, report["examples"], report["is_hakuna_mock"]) == (0, 5, True)
    port = int(report["target"].rsplit(":", 1)[1])
    with (
        pytest.raises(ConnectionRefusedError),
        socket.create_connection(("127.0.0.1", port), timeout=2),
    ):
        pass


def test_a_bad_server_is_exit_1_with_everything_that_is_needed_to_see_it(run, bad_mock, tmp_path):
    kinds = ("json", "jsonl", "junit", "sarif", "github", "html")
    reports = [f"--report={kind}:{tmp_path / kind}" for kind in kinds]
    ran = run("fuzz", "--target", bad_mock, "--max-examples=4", "--seed=1", *reports)
    assert ran.code == 1
    assert "violation " in ran.out
    assert "expected " in ran.out
    assert "suffice" in ran.out
    assert "curl -i -X POST" in ran.out
    saved = sorted((tmp_path / "hakuna-fuzz").iterdir())
    assert saved
    assert f"replay: hakuna-mock fuzz --target {bad_mock} --replay hakuna-fuzz/{saved[0].name}" in (
        ran.out
    )
    for kind in kinds:
        assert "order-state" in (tmp_path / kind).read_text("utf-8"), kind


def test_a_saved_counterexample_is_replayed_until_it_is_mended(
    run, bad_mock, tmp_path, monkeypatch
):
    run("fuzz", "--target", bad_mock, "--max-examples", "4", "--seed", "1", "-x")
    saved = [str(path) for path in sorted((tmp_path / "hakuna-fuzz").iterdir())]
    assert saved
    options = [word for path in saved for word in ("--replay", path)]
    assert run("fuzz", "--target", bad_mock, *options).code == 1
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    ran = run("fuzz", "--target", bad_mock, *options)
    assert ran.code == 0, ran.out


@pytest.mark.parametrize("place", ["header", "body"])
def test_a_live_key_inside_a_saved_scenario_is_not_sent_not_even_what_comes_before_it(
    run, mock, tmp_path, place
):
    key = "sk_live_" + "averylongsecretkey"
    step = {"header": {"headers": {"Bearer": key}, "body": {}}, "body": {"body": {"note": key}}}
    placed = {"shorthand": "P{d:1}"}
    for name, steps in (("good", [placed]), ("bad", [placed, step[place]])):
        (tmp_path / f"{name}.json").write_text(json.dumps({"name": name, "steps": steps}))
    ran = run("fuzz", "--target", mock, "--replay", "good.json", "--replay", "bad.json")
    assert ran.code == 2
    assert "bad, step 2: it holds a live key" in ran.err
    assert key not in ran.out + ran.err
    assert orders_of(mock) == []
    assert run("fuzz", "--target", mock, "--replay", "good.json").code == 0
    assert orders_of(mock) == ["ord-1"]


def orders_of(url):
    with urllib.request.urlopen(f"{url}/_mock/v1/orders") as reply:
        return [order["order_id"] for order in json.load(reply)]


def test_the_live_key_that_the_fuzzer_makes_up_may_stand_in_its_counterexamples(
    run, mock, tmp_path
):
    made_up = f"Bearer {LIVE_KEY}"
    steps = [{"body": {}, "headers": {"Authorization": made_up}, "expect": {"status": 401}}]
    (tmp_path / "s.json").write_text(json.dumps({"name": "s", "steps": steps}))
    assert run("fuzz", "--target", mock, "--replay", "s.json").code == 0
    steps[0]["headers"]["Authorization"] = f"{made_up}0"
    (tmp_path / "s.json").write_text(json.dumps({"name": "s", "steps": steps}))
    assert run("fuzz", "--target", mock, "--replay", "s.json").code == 2


def test_overrides_of_the_target_are_in_force_and_shown(run, mock, monkeypatch):
    key = "sk_test_" + "thekeyofthistest"
    monkeypatch.setenv("ONLY_KEY", key)
    changes = json.dumps({"rules": {"zip-format": "off", "email-format": "warning"}}).encode()
    headers = {"Authorization": f"Bearer {key}"}
    url = f"{mock}/_mock/v1/settings"
    urllib.request.urlopen(urllib.request.Request(url, changes, headers, method="PUT")).close()
    ran = run("fuzz", "--target", mock, "--key-env", "ONLY_KEY", "--max-examples", "6")
    assert ran.code == 0, ran.out
    assert (
        "judged under the settings of the target: email-format warning, zip-format off" in ran.out
    )


def test_nothing_is_left_in_the_working_directory(tmp_path):
    command = [sys.executable, "-m", "hakuna_mock", "fuzz", "--max-examples", "2"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_time_limit_ends_the_run(run, mock):
    ran = run("fuzz", "--target", mock, "--time-limit", "0.5")
    assert ran.code == 0
    assert "stopped by --time-limit 0.5" in ran.out


def test_with_one_key_it_is_never_shown(run, monkeypatch, tmp_path):
    key = "sk_test_" + "thekeyofthistest"
    monkeypatch.setenv("ONLY_KEY", key)
    good = Ledger.refund
    monkeypatch.setattr(Ledger, "refund", lambda self, units: good(self, min(units, 1)))
    with running_mock(Settings(port=0, api_key=(key,))) as here:
        options = ("--key-env", "ONLY_KEY", "--max-examples", "4", "--seed", "1")
        ran = run("fuzz", "--target", here.url, *options)
    assert ran.code == 1
    files = "".join(path.read_text() for path in (tmp_path / "hakuna-fuzz").iterdir())
    assert key not in ran.out + ran.err + files


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["--target", "http://example.org"], 2, "--allow-host"),
        (["--target", "nonsense"], 2, "nonsense"),
        (["--target", "http://127.0.0.1:9"], 3, "does not answer"),
        (["--max-examples", "0"], 2, "max-examples"),
        (["--time-limit", "-1"], 2, "time-limit"),
        (["--profile", "slow"], 2, "slow"),
        (["--replay", "nothing.json"], 2, "nothing.json"),
        (["--replay", "lab-lost-reply"], 2, "hakuna-mock verify lab-lost-reply --target URL"),
        (["--key-env", "NO_SUCH_VARIABLE"], 2, "NO_SUCH_VARIABLE"),
    ],
)
def test_a_run_that_cannot_begin_is_an_error(run, args, code, message):
    ran = run("fuzz", *args)
    assert ran.code == code
    assert message in ran.err


def test_a_folder_that_cannot_be_created_is_an_error_with_its_name(run, bad_mock, tmp_path):
    (tmp_path / "taken").write_text("")
    options = ("--max-examples", "4", "--seed", "1", "--save", "taken/inside")
    ran = run("fuzz", "--target", bad_mock, *options)
    assert ran.code == 2
    assert "--save taken/inside" in ran.err


def events_of(mock: str) -> int:
    with urllib.request.urlopen(f"{mock}/_mock/v1/health") as reply:
        return json.load(reply)["events"]


def test_ctrl_c_reports_what_was_found_so_far(mock, tmp_path):
    command = [sys.executable, "-m", "hakuna_mock", "fuzz", "--target", mock, "--time-limit", "60"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "NO_COLOR": "1"},
    )
    while events_of(mock) < 100:
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "stopped by interrupted" in out
    assert "Traceback" not in out + err


def test_with_x_it_stops_at_the_first_failure(run):
    with wrong_server("accepts any body") as url:
        many = run("fuzz", "--target", url, "--max-examples=30", "--seed=1", "--output-format=json")
        item = run(
            "fuzz", "--target", url, "--max-examples=30", "--seed=1", "--output-format=json", "-x"
        )
    assert len(json.loads(many.out)["findings"]) > 1
    assert len(json.loads(item.out)["findings"]) == 1
    assert json.loads(item.out)["stopped"] == "the first failure"
    assert item.code == 1


def test_the_own_server_judges_by_every_option(run):
    ran = run(
        "fuzz",
        "--max-examples=1",
        "--rule=zip-format=off",
        "--protection-product=plan-*",
        "--protection-product=care",
        "--timestamp-tolerance=60",
    )
    settings = "zip-format off, protection_products plan-*, care, timestamp_tolerance 60 s"
    assert f"judged under the settings of the target: {settings}" in ran.out
