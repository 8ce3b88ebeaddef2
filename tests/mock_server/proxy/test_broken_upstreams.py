"""A provider that cuts, babbles, says nothing or too much: the client is told so, in words."""

import asyncio
import socket
import threading
import time

import pytest
from own_certificate import own_certificate
from proxied import proxied
from toy_server import toy_server

from contracts.shorthand import bodies

(PLACED,) = bodies("P{d:1}")


def _raw(data: bytes, then: float = 0.0):
    def behave(handler):
        handler.wfile.write(data)
        handler.wfile.flush()
        time.sleep(then)
        handler.close_connection = True

    return behave


def _endless(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n")
    try:
        for _ in range(160):
            handler.wfile.write(b"x" * 65536)
    except OSError:
        pass
    handler.close_connection = True


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n"
BROKEN = {
    "cut before the reply": (_raw(b""), 502, "without a reply"),
    "cut in the middle": (_raw(HEAD + b'{"event'), 502, "in the middle of its reply"),
    "not HTTP": (_raw(b"SSH-2.0-OpenSSH_9.6\r\n"), 502, "not HTTP"),
    "never": (_raw(b"", 1.5), 504, "within 0.4 s"),
    "half and then never": (_raw(HEAD + b"{", 1.5), 504, "within 0.4 s"),
    "10 MB": (_endless, 502, "longer than 1 MiB"),
    "broken chunks": (
        _raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), 502, "not HTTP",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
async def test_what_is_no_reply_is_a_502_or_504_in_words_and_is_not_repeated(name):
    behaviour, status, words = BROKEN[name]
    with toy_server(behaviour=behaviour) as toy:
        async with proxied(toy.url, time_limit=0.4 if status == 504 else 5.0) as proxy:
            reply = await proxy.post(PLACED)
            latest = await proxy.get("/requests/latest")
            drift = await proxy.get("/drift")
            orders = await proxy.get("/orders")
        assert len(toy.received) == 1
    assert reply.status == status
    error = reply.json["error"]
    assert error["error_code"] in ("bad_gateway", "gateway_timeout")
    assert words in error["validation_errors"][0]
    assert "upstream-failed" in reply.headers["Hakuna-Mock-Findings"]
    assert latest["upstream"]["status"] is None
    assert words in latest["upstream"]["error"]
    assert latest["findings"][0]["rule"] == "upstream-failed"
    assert orders == []
    assert drift["summary"]["refuted"] == 0
    assert len(drift["failures"]) == 1


async def test_a_failure_has_a_level_as_rules_have():
    settings = {"rules": (("upstream-failed", "off"),)}
    with toy_server(behaviour=BROKEN["cut before the reply"][0]) as toy:
        async with proxied(toy.url, **settings) as proxy:
            reply = await proxy.post(PLACED)
    assert reply.status == 502
    assert "Hakuna-Mock-Findings" not in reply.headers


async def test_nobody_listens_there():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with proxied(f"http://127.0.0.1:{port}") as proxy:
        reply = await proxy.post(PLACED)
    assert reply.status == 502
    assert "cannot be reached: connection refused" in reply.json["error"]["validation_errors"][0]


async def test_tls_where_none_is_spoken():
    with toy_server() as toy:
        async with proxied(toy.url.replace("http:", "https:")) as proxy:
            reply = await proxy.post(PLACED)
    assert reply.status == 502
    assert "does not speak TLS" in reply.json["error"]["validation_errors"][0]


async def test_what_is_not_http_is_shown_as_it_came():
    def talk(_reader, writer):
        writer.write(b"garbage\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, proxied(f"http://127.0.0.1:{port}") as proxy:
        reply = await proxy.post(PLACED)
    [why] = reply.json["error"]["validation_errors"]
    assert why.startswith(f"127.0.0.1:{port} answered something that is not HTTP: Expected HTTP/")
    assert "^" not in why


async def test_a_certificate_that_nobody_vouches_for(tmp_path):
    server = await asyncio.start_server(
        lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=own_certificate(tmp_path)
    )
    port = server.sockets[0].getsockname()[1]
    async with server, proxied(f"https://127.0.0.1:{port}") as proxy:
        reply = await proxy.post(PLACED)
    assert reply.status == 502
    assert "certificate of 127.0.0.1" in reply.json["error"]["validation_errors"][0]


async def test_a_redirect_is_handed_on_and_not_followed():
    with toy_server() as other:
        head = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: {other.url}/sandbox/events\r\n"
        with toy_server(behaviour=_raw(head.encode() + b"Content-Length: 0\r\n\r\n")) as toy:
            async with proxied(toy.url) as proxy:
                reply = await proxy.post(PLACED)
                assert await proxy.refuted() == {"no-redirect"}
        assert other.received == []
    assert reply.status == 307
    assert reply.headers["Location"] == f"{other.url}/sandbox/events"


async def test_a_client_that_hangs_up_is_journalled_all_the_same():
    asked, go_on = threading.Event(), threading.Event()

    def late(handler):
        asked.set()
        go_on.wait(5)
        _raw(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n'
             b'{"event_id":"a"}')(handler)  # fmt: skip

    with toy_server(behaviour=late) as toy:
        async with proxied(toy.url) as proxy:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await proxy.post(PLACED)
            assert asked.is_set()
            go_on.set()
            events = await proxy.get("/events?wait=5")
    assert events[0]["provider"]["event_id"] == "a"


async def test_an_html_error_of_a_gateway_refutes_only_the_error_body():
    page = b"<html>502</html>"
    head = b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"
    with toy_server(behaviour=_raw(head % len(page) + page)) as toy:
        async with proxied(toy.url) as proxy:
            reply = await proxy.post(PLACED)
            drift = await proxy.get("/drift")
            refuted = await proxy.refuted()
    assert (reply.status, reply.body) == (502, page)
    assert reply.headers["Content-Type"] == "text/html"
    assert refuted == {"error-body"}
    assert drift["failures"][0]["failure"] == "status 502"
