"""`--hakuna-target`: the same fixtures on a server that runs elsewhere."""

import http.server
import socket
import threading
from contextlib import contextmanager

import pytest
from running_mock import running_mock

from fuzz.client.http_client import Target
from mock_server import Settings

SHOP = """
def test_good(hakuna):
    hakuna.play("P{d:1, p:1>d} F{d:1} R{d:1, p:1}")
    hakuna.assert_received("order_placed", count=1, within=5)

def test_bad(hakuna):
    hakuna.play("P{d:1, p:1>d} F{d:1} R{d:1}")
"""


def worlds_of(url: str) -> list:
    target = Target(url)
    try:
        return target.ask("GET", "/_mock/v1/worlds").json()
    finally:
        target.close()


def test_tests_run_on_the_target_and_leave_nothing_there(inner):
    with running_mock() as here:
        ran = inner(SHOP, f"--hakuna-target={here.url}")
        left = worlds_of(here.url)
    ran.assert_outcomes(passed=1, failed=1)
    ran.stdout.fnmatch_lines(["hakuna: refund-missing-protection", "3. order_refund_added ord-1*"])
    assert left == []


def test_the_worlds_of_others_stay(inner):
    with running_mock() as here:
        target = Target(here.url)
        other = {"Authorization": "Bearer sk_test_other"}
        target.post_event(b"{}", other)
        target.close()
        inner(SHOP, f"--hakuna-target={here.url}/").assert_outcomes(passed=1, failed=1)
        assert len(worlds_of(here.url)) == 1


def test_workers_share_a_target_without_cross_talk(inner_process):
    source = """
        import pytest

        @pytest.mark.parametrize("number", range(24))
        def test_order(hakuna, number):
            assert hakuna.requests() == []
            hakuna.play("P{d:1}")
            hakuna.assert_received("order_placed", count=1)
            if number == 7: hakuna.play("X#77")
        """
    with running_mock() as here:
        ran = inner_process(source, "-n", "2", f"--hakuna-target={here.url}")
        assert worlds_of(here.url) == []
    ran.assert_outcomes(passed=23, failed=1)


def test_a_target_that_does_not_answer_is_an_error_with_a_way_out(inner):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    ran = inner(SHOP, f"--hakuna-target=http://127.0.0.1:{port}")
    ran.assert_outcomes(errors=2)
    message = f"--hakuna-target: http://127.0.0.1:{port} does not answer: *start one with: *"
    ran.stdout.fnmatch_lines([message])
    assert "Traceback" not in ran.stdout.str()


@contextmanager
def another_server():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(404)

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        thread = threading.Thread(target=served.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()
        thread.join()


def test_a_target_that_is_no_hakuna_mock_is_said_to_be_none(inner):
    with another_server() as url:
        ran = inner(SHOP, f"--hakuna-target={url}")
    ran.assert_outcomes(errors=2)
    ran.stdout.fnmatch_lines([f"--hakuna-target: {url} answers, but is not a hakuna-mock *404*"])


def test_a_target_with_certain_keys_only_says_why_it_will_not_do(inner):
    with running_mock(Settings(port=0, api_key=("sk_test_only",))) as here:
        ran = inner(SHOP, f"--hakuna-target={here.url}")
    ran.assert_outcomes(errors=2)
    ran.stdout.fnmatch_lines(["*takes certain API keys only*start it without --api-key*"])


def test_the_admin_token_comes_from_the_environment(inner, monkeypatch):
    with running_mock(Settings(port=0, admin_token="choose-one")) as here:
        monkeypatch.delenv("HAKUNA_MOCK_ADMIN_TOKEN", raising=False)
        without = inner(SHOP, f"--hakuna-target={here.url}")
        monkeypatch.setenv("HAKUNA_MOCK_ADMIN_TOKEN", "choose-one")
        inner(SHOP, f"--hakuna-target={here.url}").assert_outcomes(passed=1, failed=1)
    without.assert_outcomes(errors=2)
    without.stdout.fnmatch_lines(["*Hakuna-Mock-Admin is missing*HAKUNA_MOCK_ADMIN_TOKEN*"])


@pytest.mark.parametrize("url", ["127.0.0.1:4258", "ftp://127.0.0.1", "http://", "http://[", ""])
def test_what_is_no_base_url_is_a_usage_error(inner, url):
    ran = inner(SHOP, f"--hakuna-target={url}")
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines(
        ["*--hakuna-target *: must be a base URL such as http://127.0.0.1:4258"]
    )


def test_a_reject_server_shows_what_it_refused(inner):
    with running_mock(Settings(port=0, enforcement="reject")) as here:
        ran = inner(SHOP, f"--hakuna-target={here.url}")
    ran.assert_outcomes(passed=1, failed=1)
    ran.stdout.fnmatch_lines(["3. order_refund_added ord-1 *400 refused  refund-missing-*"])
