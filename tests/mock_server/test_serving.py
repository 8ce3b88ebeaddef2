"""Processes: ready, serving, and gone when they are told."""

import http.client
import json
import os
import shlex
import signal
import socket
import threading
import time
from contextlib import ExitStack

import pytest
from server_mock import KEY, event
from server_processes import COMMAND, MODULE, STARTS, failed, running

from contracts.scenarios.rule_examples import usual_headers
from fuzz.client.http_client import Target
from mock_server import Settings, create_app
from mock_server.serving import ListenError, listening

GOING = 15
"""Seconds: a few are promised, more is a guard against a busy machine."""


def send(port: int, body, key: str = KEY, number: int = 1) -> tuple[int, dict]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/sandbox/events", json.dumps(body), usual_headers(number, key))
    reply = connection.getresponse()
    message = json.load(reply)
    connection.close()
    return reply.status, message


def get(port: int, path: str, **headers: str):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", f"/_mock/v1{path}", headers=headers)
    reply = connection.getresponse()
    message = json.load(reply)
    connection.close()
    return reply.status, message


@pytest.mark.parametrize("start", STARTS)
def test_the_ready_file_says_where_and_who_and_goes_with_the_server(tmp_path, start):
    with running(STARTS[start], tmp_path) as server:
        url = server.here["url"]
        assert server.here == {
            "url": url,
            "events_url": f"{url}/sandbox/events",
            "inspector_url": f"{url}/_mock/",
            "pid": server.process.pid,
        }
        assert url.startswith("http://127.0.0.1:")
        assert server.port > 0
        assert send(server.port, event("P{d:1}"))[0] == 200
        assert server.end(signal.SIGTERM) == 0
        assert not server.ready.exists()
        assert "Traceback" not in server.printed
        assert [path.name for path in tmp_path.iterdir() if "ready" in path.name] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_interrupted_or_hung_up_it_ends_as_quietly(tmp_path, number):
    with running(MODULE, tmp_path) as server:
        assert server.end(number) == 0
        assert "Traceback" not in server.printed
        assert not server.ready.exists()


def test_idle_connections_and_long_polls_do_not_delay_the_end(tmp_path):
    with running(MODULE, tmp_path) as server:
        idle = [http.client.HTTPConnection("127.0.0.1", server.port) for _ in range(5)]
        for connection in idle:
            connection.request("GET", "/_mock/v1/health")
            assert connection.getresponse().read()
        silent = socket.create_connection(("127.0.0.1", server.port))
        half = socket.create_connection(("127.0.0.1", server.port))
        half.sendall(b"POST /sandbox/events HTTP/1.1\r\nHost: x\r\n")
        answers = []
        poll = threading.Thread(target=lambda: answers.append(get(server.port, "/events?wait=30")))
        poll.start()
        time.sleep(0.5)
        began = time.monotonic()
        assert server.end(signal.SIGTERM) == 0
        assert time.monotonic() - began < GOING
        poll.join(5)
        assert answers == [(200, [])]
        for connection in (*idle, silent, half):
            connection.close()
        assert "Traceback" not in server.printed


def test_told_twice_it_still_ends_with_0(tmp_path):
    with running(MODULE, tmp_path) as server:
        server.process.send_signal(signal.SIGTERM)
        assert server.end(signal.SIGTERM) in (0, -signal.SIGTERM)
        assert "Traceback" not in server.printed


@pytest.mark.parametrize("start", STARTS)
def test_an_address_in_use_is_told_with_a_way_out(tmp_path, start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = failed(STARTS[start], tmp_path, port=str(port))
    assert done.returncode == 2
    assert f"127.0.0.1:{port}" in done.stderr
    assert "in use" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_that_could_not_listen_takes_nobody_s_ready_file_away(tmp_path):
    with running(MODULE, tmp_path) as server:
        done = failed(MODULE, tmp_path, port=str(server.port), ready_file=str(server.ready))
        assert done.returncode == 2
        assert json.loads(server.ready.read_text())["pid"] == server.process.pid


def test_an_address_that_is_none_of_ours_is_told_in_words(tmp_path):
    done = failed(MODULE, tmp_path, port="0", host="no.such.host.invalid", admin_token="t")
    assert done.returncode == 2
    assert "cannot listen on" in done.stderr
    assert "choose another --host" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("host", ["300.300.300.300", "192.0.2.1", "a b", "x" * 300, "☃"])
async def test_so_is_any_other(host):
    app = create_app(Settings(port=0, host=host, admin_token="t"))
    with pytest.raises(ListenError, match=r"cannot listen on .*choose another --host"):
        async with listening(app):
            pass


def test_what_an_earlier_run_left_is_removed_before_anything_else(tmp_path):
    """A script that waits for the file must not take it for this server's."""
    stale = {"url": "http://127.0.0.1:1", "pid": 1}
    for content in (json.dumps(stale), "junk", ""):
        (tmp_path / "ready.json").write_text(content)
        flags = ("--ready-file", "ready.json", "--load", "no-such-scenario")
        assert failed(COMMAND, tmp_path, *flags).returncode == 2
        assert [path.name for path in tmp_path.iterdir()] == []


def test_a_token_is_printed_only_by_a_server_that_listens(tmp_path):
    with socket.create_server(("0.0.0.0", 0)) as taken:
        done = failed(MODULE, tmp_path, host="0.0.0.0", port=str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "token" not in done.stderr


def test_few_files_leave_room_for_clients_and_for_the_health_check(tmp_path):
    """With `ulimit -n 256`, and readers of the stream on every connection that clients may have."""
    script = "ulimit -n 256; exec " + " ".join(shlex.quote(word) for word in COMMAND)
    with running(("bash", "-c", script), tmp_path) as server, ExitStack() as held:
        assert "at most 180 connections at once" in server.err.read_text()
        for number in range(100):
            assert send(server.port, event(f"X#{number}"), number=number)[0] == 200
        address = ("127.0.0.1", server.port)
        readers = [held.enter_context(socket.create_connection(address)) for _ in range(190)]
        for reader in readers:
            reader.sendall(b"GET /_mock/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert sum(b" 400 " in reader.recv(100) for reader in readers) >= 10
        for _ in range(20):
            assert get(server.port, "/health")[0] == 200
        assert get(server.port, "/worlds")[0] == 400
        assert server.end(signal.SIGTERM) == 0


@pytest.mark.parametrize("place", ["missing/ready.json", ""])
def test_a_ready_file_that_cannot_be_written_is_told_in_words(tmp_path, place):
    done = failed(COMMAND, tmp_path, "--port", "0", "--ready-file", place)
    assert done.returncode == 2
    assert "--ready-file" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_ready_file_never_takes_the_place_of_a_pipe_or_a_device(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    done = failed(COMMAND, tmp_path, "--port", "0", "--ready-file", "pipe")
    assert "--ready-file pipe: this is not a regular file" in done.stderr
    assert (tmp_path / "pipe").is_fifo()


def test_a_folder_as_ready_file_leaves_nothing_behind(tmp_path):
    (tmp_path / "ready").mkdir()
    done = failed(COMMAND, tmp_path, "--port", "0", "--ready-file", "ready")
    assert "cannot write --ready-file ready" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["ready"]


@pytest.mark.parametrize(
    ("command", "closed"),
    [(COMMAND, (1,)), (COMMAND, (1, 2)), (COMMAND, (0, 1, 2)), (MODULE, (0, 1, 2))],
    ids=["stdout", "stdout and stderr", "all", "all of python -m mock_server"],
)
def test_a_server_whose_standard_streams_are_closed_serves_and_ends(tmp_path, command, closed):
    """Started by a supervisor with `>&-`: the socket may not take the number of a stream."""
    script = "exec " + " ".join(shlex.quote(word) for word in command)
    script += "".join(f" {number}{'<' if number == 0 else '>'}&-" for number in closed)
    with running(("bash", "-c", script), tmp_path) as server:
        asked = Target(server.here["url"])
        assert asked.post_event(b"{}", usual_headers(1)).status == 400
        asked.close()
        assert server.end(signal.SIGTERM) == 0


def test_a_bad_variable_is_told_by_name(tmp_path):
    done = failed(MODULE, tmp_path, port="x")
    assert done.returncode == 2
    assert "HAKUNA_MOCK_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_flag_of_the_command_beats_its_variable(tmp_path):
    flags = ("--enforcement", "reject", "--api-key", KEY)
    with running(COMMAND, tmp_path, *flags, enforcement="flag") as server:
        assert get(server.port, "/settings")[1]["enforcement"] == "reject"
        assert send(server.port, event("F{d:1}"))[0] == 404
        assert send(server.port, event("F{d:1}"), key="sk_test_" + "other")[0] == 401


def test_the_port_of_a_server_that_ended_is_free_at_once(tmp_path):
    with running(MODULE, tmp_path) as server:
        port = server.port
        send(port, event("P{d:1}"))
        assert server.end(signal.SIGTERM) == 0
    with running(MODULE, tmp_path, port=str(port)) as again:
        assert again.port == port


def test_on_all_addresses_a_token_is_made_and_printed_once(tmp_path):
    with running(MODULE, tmp_path, host="0.0.0.0") as server:
        assert server.here["url"].startswith("http://127.0.0.1:")
        (line,) = [
            text for text in server.err.read_text().splitlines() if "Hakuna-Mock-Admin" in text
        ]
        token = line.rsplit(" ", 1)[1]
        assert get(server.port, "/worlds")[0] == 403
        assert get(server.port, "/worlds", **{"Hakuna-Mock-Admin": token})[0] == 200
        assert get(server.port, "/health")[0] == 200


def test_ipv6_is_written_with_brackets(tmp_path):
    with running(MODULE, tmp_path, host="::1") as server:
        assert server.here["url"].startswith("http://[::1]:")


def test_the_same_seed_gives_the_same_ids_in_every_run(tmp_path):
    runs = []
    for seed in ("7", "7", "8"):
        folder = tmp_path / f"run{len(runs)}"
        folder.mkdir()
        with running(MODULE, folder, seed=seed) as server:
            bodies = [event(f"X#{number}") for number in range(3)]
            runs.append([send(server.port, body, number=n)[1] for n, body in enumerate(bodies)])
    assert runs[0] == runs[1] != runs[2]


def test_a_stopped_clock_is_the_time_of_every_arrival(tmp_path):
    clock = "2020-01-01T00:00:00.000Z"
    with running(MODULE, tmp_path, clock=clock) as server:
        assert send(server.port, event("P{d:1}"))[0] == 200
        latest = get(server.port, "/events/latest")[1]
    assert latest["received_at"] == clock
    assert [item["rule"] for item in latest["findings"]] == ["timestamp-future"]


def test_the_module_takes_no_arguments_and_says_what_to_do(tmp_path):
    done = failed(MODULE, tmp_path, "--port", "0")
    assert done.returncode == 2
    assert "hakuna-mock serve" in done.stderr


@pytest.mark.parametrize("log_format", ["pretty", "json", "quiet"])
def test_what_is_printed_names_the_address_and_never_a_key(tmp_path, log_format):
    secret = "sk_test_" + "averylongsecretkey"
    with running(MODULE, tmp_path, log_format=log_format, api_key=secret) as server:
        assert send(server.port, event("P{d:1}"), secret)[0] == 200
        assert server.end(signal.SIGTERM) == 0
        out = server.out.read_text("utf-8")
        assert secret not in server.printed
        assert (server.here["url"] in out) is (log_format != "quiet")
        assert ("order_placed" in out) is (log_format != "quiet")
        if log_format == "json":
            listening, logged = (json.loads(line) for line in out.splitlines())
            assert listening["events_url"] == server.here["events_url"]
            assert (logged["status"], logged["order_id"]) == (200, "ord-1")


def test_a_reader_that_goes_away_stops_nothing(tmp_path):
    """As in `serve | head -1`: the log has no reader any more, the server goes on and ends well."""
    with running(COMMAND, tmp_path, piped=True) as server:
        assert b"hakuna-mock" in server.process.stdout.readline()
        server.process.stdout.close()
        for number in range(5):
            assert send(server.port, event(f"X#{number}"), number=number)[0] == 200
        server.end(signal.SIGTERM)
        assert not server.ready.exists()
        assert "Traceback" not in server.printed


def test_a_terminal_that_knows_few_letters_is_no_reason_to_fail(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    with running(MODULE, tmp_path, log_format="pretty") as server:
        assert send(server.port, event("P{d:1, p:1>d}"))[0] == 200
        assert send(server.port, event("C{d}"), number=2)[0] == 200
        assert server.end(signal.SIGTERM) == 0
        assert "cancel-missing-protection" in server.out.read_text("ascii")
