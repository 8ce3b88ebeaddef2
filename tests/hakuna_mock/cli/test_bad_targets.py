"""The commands that ask a server, before servers that are broken or none at all."""

import json

import pytest
from bad_server import always, bad_server, ok, once

HTML = ok("<html>hello</html>", "Content-Type: text/html")
MOCK = "Hakuna-Mock: 1"
ID = '{"event_id": "evt-7c1d6c2e-7d3b-4c86-9d37-0f1a5b1f4a1c"}'


@pytest.mark.parametrize(
    "reply",
    [
        HTML,
        ok('{"enforcement": "zzz"}', MOCK),
        ok("[1, 2]", MOCK),
        ok("null"),
        ok('{"event_id": ["a"]}'),
        ok("[" * 100_000),
        ok("9" * 5000),
        b"HTTP/1.1 204 No\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 999 \x1b[31mred\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_a_server_that_answers_nonsense_gets_findings_and_no_traceback(run, reply):
    with bad_server(always(reply)) as url:
        verified = run("verify", "happy-return", "--target", url)
        played = run("play", "P{d:1} R{d:1}", "--target", url)
        healthy = run("healthcheck", "--url", url)
    assert (verified.code, healthy.code) == (1, 3)
    assert "reply-" in verified.out
    assert played.code in (1, 3)
    for ran in (verified, played, healthy):
        assert "\x1b" not in ran.out + ran.err
        assert "fault of hakuna-mock" not in ran.err


def test_a_play_on_another_server_says_that_it_shows_no_findings(run):
    with bad_server(always(HTML)) as url:
        ran = run("play", "P{d:1} R{d:1}", "--target", url)
    assert f"{url} is not a hakuna-mock: it shows no findings" in ran.out
    assert "2 of 2 got no event id" in ran.out


@pytest.mark.parametrize(
    ("row", "next_page", "why"),
    [
        ({"rule": 5}, None, "lists findings without the documented fields"),
        (7, None, "with something else than a list"),
        (None, "0", "never ends the list"),
        (None, "zz", "never ends the list"),
    ],
)
def test_a_mock_with_broken_lists_costs_only_the_findings(run, row, next_page, why):
    rows = json.dumps([] if row is None else [row])
    headers = [MOCK] if next_page is None else [MOCK, f"Hakuna-Mock-Next: {next_page}"]
    with bad_server(always(ok(rows, *headers))) as url:
        ran = run("play", "P{d:1} R{d:1}", "--target", url)
    assert (ran.code, why in ran.err, "2 events of 1 order" in ran.out) == (3, True, True)


def test_what_was_answered_before_a_target_broke_is_reported(run):
    left = [3]  # it is asked what it is before the first event

    def talk(connection):
        if left[0]:
            left[0] -= 1
            once(ok(ID, "Connection: close"))(connection)

    with bad_server(talk) as url:
        ran = run("play", "P{d:1} F{d:1} R{d:1}", "--target", url)
    assert (ran.code, "2 events of 1 order" in ran.out) == (3, True)
    assert "(event 3, R{d:1}); only what was answered before is reported" in ran.err


def test_what_was_verified_before_a_target_broke_is_reported(run):
    left = [40]

    def talk(connection):
        if left[0]:
            left[0] -= 1
            once(ok(ID, "Connection: close"))(connection)

    with bad_server(talk) as url:
        ran = run("verify", "--suite", "smoke", "--target", url)
    assert (ran.code, "only what was played before is reported" in ran.err) == (3, True)
    assert "FAILED: " in ran.out


@pytest.mark.parametrize(
    "url", ["127.0.0.1:4258", "http://[::1", "http://", "http://127.0.0.1:x", "http://h/?a=b"]
)
@pytest.mark.parametrize(
    "asked", ["verify --target", "play X --target", "fuzz --target", "healthcheck --url"]
)
def test_what_is_no_base_url_is_a_usage_error_that_says_why(run, asked, url):
    ran = run(*asked.split(), url)
    assert (ran.code, "URL" in ran.err) == (2, True)
    assert "start one with" not in ran.err
