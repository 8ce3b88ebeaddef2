"""`hakuna-mock proxy` as a process: its file, its end, and what a newcomer reads in a minute."""

import json
import signal
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from server_processes import failed, running
from toy_provider import Provider
from toy_server import toy_server

from contracts.drift.document import to_json
from contracts.drift.drift import Drift
from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies
from mock_server.proxy.drift_file import DriftFile
from mock_server.start_error import StartError

PROXY = (sys.executable, "-m", "hakuna_mock", "proxy")
KEY = "sk_test_" + "proxy0command"


def post(url, number, body):
    request = Request(url, json.dumps(body).encode(), usual_headers(number, KEY))
    try:
        with urlopen(request, timeout=10) as reply:
            return reply.status
    except HTTPError as error:
        with error:
            return error.code


def test_the_file_is_written_at_the_end_and_continued_by_the_next_run(tmp_path):
    path = tmp_path / "drift.json"
    refund = bodies("P{d:1,p:1>d} F{d:1} R{d:1}@5")
    with toy_server(Provider("refund-missing-protection")) as toy:
        for runs in (1, 2):
            flags = ("--upstream", toy.url, "--drift", str(path))
            with running(PROXY, tmp_path, *flags) as server:
                events_url = server.here["events_url"]
                statuses = [post(events_url, n, body) for n, body in enumerate(refund, start=1)]
                assert server.end(signal.SIGTERM) == 0
                assert f"sent on to {toy.url}/sandbox/events" in server.printed
                assert f"kept in {path}: hakuna-mock drift {path}" in server.printed
                server.ready.unlink(missing_ok=True)
            document = json.loads(path.read_text())
            assert document["exchanges"] == 3 * runs
            assert document["upstreams"] == [toy.url]
            toy.provider = Provider("refund-missing-protection")
            assert statuses == [200, 200, 400]
    (refuted,) = (row for row in document["assumptions"] if row["state"] == "refuted")
    assert refuted["id"] == "refund-missing-protection"
    assert refuted["refuted"]["count"] == 2
    evidence = document["evidence"][refuted["refuted"]["first"]]
    assert evidence["provider"]["status"] == 400
    assert KEY not in path.read_text()


WRONG = {
    ("--upstream", "https://api.hellohakuna.com"): "add --allow-host api.hellohakuna.com",
    ("--upstream", "api.hellohakuna.com"): "is not the URL of a server",
    ("--upstream", "http://api.hellohakuna.com", "--allow-host", "api.hellohakuna.com"): (
        "unencrypted; write https"
    ),
    ("--upstream", "http://127.0.0.1:4999", "--port", "4999"): "this server itself",
    ("--upstream", "http://127.0.0.1:1", "--key-env", "NOTHING"): "no variable NOTHING",
    ("--upstream", "http://127.0.0.1:1", "--load", "x"): "No such option",
    ("--upstream", "http://127.0.0.1:1", "--drift", "/proc/none"): "--drift /proc/none",
    (): "Missing option '--upstream'",
}


@pytest.mark.parametrize("flags", WRONG, ids=lambda flags: " ".join(flags) or "nothing")
def test_what_cannot_start_says_why_in_one_line(tmp_path, flags):
    done = failed(PROXY, tmp_path, *flags)
    assert done.returncode == 2
    assert WRONG[flags] in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_no_drift_is_not_overwritten(tmp_path):
    path = tmp_path / "other.json"
    path.write_text('{"mine": 1}')
    done = failed(PROXY, tmp_path, "--upstream", "http://127.0.0.1:1", "--drift", str(path))
    assert done.returncode == 2
    assert "this is not a drift file" in done.stderr
    assert path.read_text() == '{"mine": 1}'


def test_a_drift_file_that_windows_saved_is_continued(tmp_path):
    path = tmp_path / "drift.json"
    text = json.dumps(to_json(Drift(exchanges=3)))
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert DriftFile.opened(path).earlier.exchanges == 3
    path.write_bytes(text.encode("utf-16"))
    with pytest.raises(StartError, match="this is UTF-16 and not UTF-8 text"):
        DriftFile.opened(path)
