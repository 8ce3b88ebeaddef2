import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest

from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies
from fuzz.client.http_client import Target

COMMANDS = {
    "the command": [sys.executable, "-m", "hakuna_mock", "serve"],
    "the module": [sys.executable, "-m", "mock_server"],
}


@contextmanager
def process(command, ready, **environ):
    """A server process of its own; yields it with what its ready file says."""
    told = {
        "HAKUNA_MOCK_PORT": "0",
        "HAKUNA_MOCK_READY_FILE": str(ready),
        "HAKUNA_MOCK_LOG_FORMAT": "quiet",
        **environ,
    }
    started = subprocess.Popen(
        command,
        env={**os.environ, **told},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 30
        while not ready.is_file():
            assert started.poll() is None, started.communicate()
            assert time.monotonic() < deadline, "it never was ready"
            time.sleep(0.02)
        yield started, json.loads(ready.read_text())
    finally:
        if started.poll() is None:
            started.kill()
        started.communicate()


def place_order(url: str, key: str = "sk_test_serving") -> dict:
    target = Target(url)
    reply = target.post_event(json.dumps(bodies("P{d:1}")[0]).encode(), usual_headers(1, key))
    target.close()
    return reply.json()


@pytest.mark.parametrize("name", COMMANDS)
def test_it_serves_from_its_ready_file_on_and_ends_cleanly_on_sigterm(tmp_path, name):
    ready = tmp_path / "ready.json"
    with process(COMMANDS[name], ready) as (started, here):
        assert set(here) == {"url", "events_url", "inspector_url", "pid"}
        assert here["pid"] == started.pid
        assert here["events_url"] == here["url"] + "/sandbox/events"
        assert place_order(here["url"])["event_id"].startswith("evt-")
        started.send_signal(signal.SIGTERM)
        assert started.wait(10) == 0
        assert not ready.exists()


def test_sigint_ends_it_too(tmp_path):
    with process(COMMANDS["the command"], tmp_path / "ready") as (started, _):
        started.send_signal(signal.SIGINT)
        assert started.wait(10) == 0


def test_open_connections_and_long_polls_do_not_delay_the_end(tmp_path):
    with process(COMMANDS["the module"], tmp_path / "ready") as (started, here):
        port = int(here["url"].rsplit(":", 1)[1])
        idle = http.client.HTTPConnection("127.0.0.1", port)
        idle.request("GET", "/_mock/v1/health")
        idle.getresponse().read()
        polled = {}

        def poll():
            target = Target(here["url"], timeout=60)
            polled["reply"] = target.ask("GET", "/_mock/v1/events?wait=50")
            target.close()

        thread = threading.Thread(target=poll)
        thread.start()
        time.sleep(0.5)
        started.send_signal(signal.SIGTERM)
        assert started.wait(10) == 0
        thread.join(5)
        assert polled["reply"].json() == []
        idle.close()


@pytest.mark.parametrize("name", COMMANDS)
def test_an_address_in_use_is_exit_2_with_a_way_out(name):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            COMMANDS[name],
            env={**os.environ, "HAKUNA_MOCK_PORT": port},
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
    assert done.returncode == 2
    assert "in use" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_an_address_that_is_not_ours_is_exit_2(host):
    done = subprocess.run(
        [*COMMANDS["the command"], "--host", host, "--port", "0"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "cannot listen on" in done.stderr


def test_a_ready_file_that_cannot_be_written_is_exit_2(tmp_path):
    done = subprocess.run(
        [*COMMANDS["the command"], "--port", "0", "--ready-file", str(tmp_path / "no" / "file")],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 2
    assert "--ready-file" in done.stderr


def test_the_module_takes_no_arguments_and_says_what_to_do():
    done = subprocess.run(
        [*COMMANDS["the module"], "--port", "0"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "hakuna-mock serve" in done.stderr


def test_a_seed_gives_the_same_ids_in_every_run(tmp_path):
    ids = []
    for number in range(2):
        ready = tmp_path / f"ready{number}"
        with process(COMMANDS["the module"], ready, HAKUNA_MOCK_SEED="5") as (_, here):
            ids.append(place_order(here["url"])["event_id"])
    assert ids[0] == ids[1]


def test_a_stopped_clock_is_the_time_of_every_arrival(tmp_path):
    clock = "2020-01-01T00:00:00.000Z"
    with process(COMMANDS["the module"], tmp_path / "r", HAKUNA_MOCK_CLOCK=clock) as (_, here):
        place_order(here["url"])
        target = Target(here["url"])
        event = target.ask("GET", "/_mock/v1/events/latest").json()
        target.close()
    assert event["received_at"] == clock
    assert [one["rule"] for one in event["findings"]] == ["timestamp-future"]


@pytest.mark.parametrize("log_format", ["pretty", "json", "quiet"])
def test_what_is_printed_names_the_address_and_never_a_key(tmp_path, log_format):
    secret = "sk_test_" + "averylongsecretkey"
    environ = {"HAKUNA_MOCK_LOG_FORMAT": log_format, "HAKUNA_MOCK_API_KEY": secret}
    with process(COMMANDS["the module"], tmp_path / "r", **environ) as (started, here):
        place_order(here["url"], secret)
        started.send_signal(signal.SIGTERM)
        out, err = started.communicate(timeout=10)
    assert secret not in out + err
    assert (here["url"] in out) is (log_format != "quiet")
    assert ("order_placed" in out) is (log_format != "quiet")
    if log_format == "json":
        listening, logged = (json.loads(line) for line in out.splitlines())
        assert listening["events_url"] == here["events_url"]
        assert (logged["status"], logged["order_id"]) == (200, "ord-1")


def test_off_loopback_a_token_is_made_and_printed(tmp_path):
    environ = {"HAKUNA_MOCK_HOST": "0.0.0.0"}
    with process(COMMANDS["the module"], tmp_path / "r", **environ) as (started, here):
        line = started.stderr.readline()
        token = line.rsplit(": ", 1)[1].strip()
        target = Target(here["url"])
        assert target.ask("GET", "/_mock/v1/worlds").status == 403
        opened = target.ask("GET", "/_mock/v1/worlds", headers={"Hakuna-Mock-Admin": token})
        target.close()
    assert opened.status == 200
