"""A target may send anything, or nothing: the client reports it, and never waits for ever."""

from contextlib import closing

import pytest
from bad_server import always, bad_server, endless, ok, once, silent

from fuzz.client.http_client import Target, TargetError, TargetUrlError

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
LATE = "the request took too long"
BROKEN = "the reply was cut off, or its framing is broken"


@pytest.mark.parametrize(
    ("talk", "why"),
    [
        pytest.param(silent, LATE, id="hangs"),
        pytest.param(endless(b"HTTP/1.1 ", b"2", 0.05), LATE, id="drips its status"),
        pytest.param(endless(OK, b"A: b\r\n", 0.05), LATE, id="drips headers"),
        pytest.param(endless(OK + b"Content-Length: 999\r\n\r\n", b"y", 0.05), LATE, id="drips"),
        pytest.param(endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.01), LATE, id="100 for ever"),
        pytest.param(endless(OK, b"X-A: y\r\n"), "100 headers", id="endless headers"),
        pytest.param(endless(OK + b"X: ", b"y" * 9999), "65536 bytes", id="an endless header"),
        pytest.param(endless(OK + b"\r\n", b"y" * 65536), "longer than 1 MiB", id="endless body"),
        pytest.param(
            endless(OK + CHUNKED, b"1000\r\n" + b"y" * 4096 + b"\r\n"),
            "longer than 1 MiB",
            id="endless chunks",
        ),
        pytest.param(once(OK + b"Content-Length: 9\r\n\r\nab"), BROKEN, id="closes mid-body"),
        pytest.param(once(OK + b"Content-Length: %d\r\n\r\nab" % 10**14), BROKEN, id="huge length"),
        pytest.param(once(OK + CHUNKED + b"zz\r\nab"), BROKEN, id="chunked nonsense"),
        pytest.param(
            once(OK + CHUNKED + b"f" * 40 + b"\r\nab"),
            BROKEN,
            id="a chunk larger than memory",
        ),
        pytest.param(once(b"\x1b[31mSSH-2.0\r\n"), r"not an HTTP reply: \?\[31mSSH", id="not HTTP"),
        pytest.param(
            once(b"\x15\x03\x03\x00\x02\x02\x50"),
            "speaks TLS; is it https: instead",
            id="a TLS port",
        ),
        pytest.param(lambda _connection: None, "does not answer", id="closes at once"),
    ],
)
def test_what_a_bad_target_does_is_an_error_within_its_time(monkeypatch, talk, why):
    monkeypatch.setattr("fuzz.client.http_client.MAX_REPLY_BYTES", 1024 * 1024)
    with bad_server(talk) as url, closing(Target(url, timeout=0.5)) as target:
        with pytest.raises(TargetError, match=why) as refused:
            target.ask("POST", "/sandbox/events", b"{}")
        assert url in str(refused.value)
        assert str(refused.value).isprintable()


def test_tls_to_a_plain_port_is_an_error():
    def talk(connection):
        connection.recv(65536)
        connection.sendall(ok("{}"))

    with (
        bad_server(talk) as url,
        closing(Target(url.replace("http://", "https://"), timeout=5)) as target,
        pytest.raises(TargetError, match="does not speak TLS as it should; is it http: instead of"),
    ):
        target.ask("GET", "/")


def test_each_request_of_a_connection_has_its_whole_time():
    with bad_server(always(ok("{}"))) as url, closing(Target(url, timeout=5)) as target:
        assert [target.ask("GET", "/").json() for _ in range(3)] == [{}, {}, {}]


def test_a_reply_that_ends_with_its_connection_is_read_whole():
    with bad_server(once(OK + b"Connection: close\r\n\r\n", b"[1,", b"2]")) as url:
        assert Target(url, timeout=5).ask("GET", "/").json() == [1, 2]


def test_redirects_are_not_followed():
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    with bad_server(always(moved)) as url, closing(Target(url)) as target:
        assert target.ask("GET", "/").status == 302


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://me:secret@127.0.0.1:1", "user and password, which are never sent"),
        ("http://me:secret@127.0.0.1:x", "is not a URL"),
        ("http://127.0.0.1:1/?key=" + "sk_test_" + "abcdefgh12345678", "not a base URL"),
        ("http://127.0.0.1:1/#top", "not a base URL"),
        ("http://[::1", "is not a URL"),
        ("http://127.0.0.1:99999", "is not a URL"),
    ],
)
def test_a_url_that_cannot_be_a_base_is_refused_without_its_secrets(url, why):
    with pytest.raises(TargetUrlError, match=why) as refused:
        Target(url)
    assert "secret" not in str(refused.value)
    assert "abcdefgh" not in str(refused.value)


def test_an_impossible_host_is_an_error():
    with pytest.raises(TargetError, match="cannot be used"):
        Target(f"http://{'a' * 70}.localhost:1").ask("GET", "/")


def test_a_base_url_may_have_a_path_even_in_other_letters():
    seen = []

    def talk(connection):
        seen.append(connection.recv(65536).split(b"\r\n")[0])
        connection.sendall(ok("{}"))

    with bad_server(talk) as url, closing(Target(f"{url}/mock für mich/")) as target:
        target.ask("GET", "/x")
    assert seen == [b"GET /mock%20f%C3%BCr%20mich/x HTTP/1.1"]
