"""Any bytes get the documented answer or a clean close, soon, and the server lives on.

Everything is tried twice: one by one in the test's own event loop, with less patience than usual,
and all at once against a process of its own, which runs on uvloop where that is installed.
"""

import asyncio
import gzip
import json
import zlib

import pytest
from other_validator import jsonschema_validator
from server_mock import event
from server_processes import MODULE, running
from server_sockets import Line, chunks, request

EVENT = json.dumps(event("P{d:1}")).encode()
GOOD = request(EVENT)
ZIPPED = gzip.compress(EVENT)
TEN_MB = b"[" + b"1," * 5_000_000 + b"1]"
HEAD = request(framing=b"")
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
LENGTH = b"Content-Length: %d\r\n\r\n"


def zipped(body: bytes, encoding: str = "gzip") -> bytes:
    return request(body, changes={"Content-Encoding": encoding})


REFUSED = {
    "garbage": b"\x00\xff garbage\r\n\r\n",
    "noise without an end of line": b"\x93" * 50,
    "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x07" * 500,
    "an HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "an SSH banner": b"SSH-2.0-OpenSSH_9.6\r\n",
    "an unknown method": request(EVENT, method="BREW"),
    "an unknown version": request(EVENT, version="3.0"),
    "no host": request(EVENT, changes={"Host": None}),
    "two hosts": request(EVENT, changes={"Host": "a\r\nHost: b"}),
    "half a request line": b"POST /sandbox/ev",
    "half a head": HEAD,
    "half a head and a break": HEAD + b"X: y",
    "half a body": HEAD + LENGTH % len(EVENT) + EVENT[:20],
    "a body that never begins": HEAD + LENGTH % 100,
    "no body at all": HEAD + b"\r\n",
    "a size of a chunk that is none": HEAD + CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
    "a negative chunk": HEAD + CHUNKED + b"-5\r\n{}\r\n0\r\n\r\n",
    "an endless chunk size": HEAD + CHUNKED + b"1" * 100_000,
    "half a chunk": HEAD + CHUNKED + b"%x\r\n" % len(EVENT) + EVENT[:20],
    "chunks without their end": HEAD + chunks(EVENT, end=b""),
    "chunks and a length": HEAD + b"Content-Length: 5\r\n" + chunks(EVENT),
    "two lengths": HEAD + b"Content-Length: 2\r\n" + LENGTH % 3 + b"{}",
    "a negative length": HEAD + LENGTH % -1 + b"{}",
    "a length that is not a number": HEAD + b"Content-Length: two\r\n\r\n{}",
    "a length beyond all numbers": HEAD + LENGTH % 10**30 + b"{}",
    "an unknown transfer encoding": HEAD + b"Transfer-Encoding: magic\r\n\r\n{}",
    "10 MB": request(TEN_MB),
    "10 MB in one chunk": HEAD + chunks(TEN_MB),
    "10 MB in many chunks": HEAD + chunks(*[b"x" * 1000] * 10_000),
    "10 MB announced, nothing sent": HEAD + LENGTH % 10_000_000,
    "a flood of headers": HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(5_000)) + b"\r\n",
    "a long header": HEAD + b"X: " + b"y" * 100_000 + b"\r\n\r\n",
    "a long header name": HEAD + b"X" * 100_000 + b": y\r\n\r\n",
    "a long path": request(EVENT, path="/" + "x" * 100_000),
    "a NUL in a header": HEAD + b"X: a\x00b\r\n" + LENGTH % 2 + b"{}",
    "a blank in a header's name": HEAD + b"X y: z\r\n" + LENGTH % 2 + b"{}",
    "a folded header": HEAD + b"X: a\r\n b\r\n" + LENGTH % 2 + b"{}",
    "a header without colon": HEAD + b"nonsense\r\n" + LENGTH % 2 + b"{}",
    "a lone carriage return in a header": HEAD + b"X: a\rY: b\r\n" + LENGTH % 2 + b"{}",
    "an expectation nobody can meet": request(EVENT, changes={"Expect": "magic"}),
    "gzip that is none": zipped(EVENT),
    "gzip cut off": zipped(ZIPPED[:-5]),
    "gzip with a tail": zipped(ZIPPED + b"tail"),
    "gzip with a wrong sum": zipped(ZIPPED[:-8] + b"\x00" * 8),
    "a gzip bomb": zipped(gzip.compress(b"\x00" * 200_000_000, 9)),
    "a bomb inside JSON": zipped(gzip.compress(b"[" * 30_000_000, 9)),
    "deflate that is none": zipped(EVENT, "deflate"),
    "an encoding nobody knows": zipped(EVENT, "br"),
    "encodings on encodings": zipped(gzip.compress(ZIPPED), "gzip, gzip"),
    "an empty body": request(b""),
    "an endless nesting": request(b"[" * 1_000_000),
    "nested objects": request(b'{"a":' * 200_000),
    "a string that never ends": request(b'"' + b"\\" * 1_000_000),
    "a number that never ends": request(b"9" * 1_000_000),
    "noise as body": request(bytes(range(256)) * 100),
    "a key with a line break": request(EVENT, changes={"Hakuna-Idempotency-Key": "a\r\n b"}),
    "a key of strange letters": request(EVENT, changes={"Hakuna-Idempotency-Key": "\udcff\udcfe"}),
}

UNAUTHORIZED = {
    "a key with quotes": request(EVENT, changes={"Authorization": "Bearer \"sk_test_x' --"}),
    "a key of strange letters": request(EVENT, changes={"Authorization": "Bearer sk_test_\udcff"}),
    "two authorizations": request(EVENT, changes={"authorization": "Bearer x"}),
}

NOT_FOUND = {
    "OPTIONS *": b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    "CONNECT": b"CONNECT shop.example:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET": request(EVENT, method="GET"),
    "a doubled slash": request(EVENT, path="//sandbox/events"),
    "dots to the endpoint": request(EVENT, path="/x/../sandbox/events"),
    "dots out of the control API": request(EVENT, path="/sandbox/../_mock/v1/reset"),
    "an encoded slash": request(EVENT, path="/sandbox%2f..%2fevents"),
    "a NUL in the path": request(EVENT, path="/sandbox/events%00"),
    "escapes in the path": request(EVENT, path="/%0d%0aSet-Cookie:%20a=b%1b%5b31m"),
    "bytes that are not text in the path": request(EVENT, path="/%ff%fe"),
}

ACCEPTED = {
    "as usual": GOOD,
    "in chunks": HEAD + chunks(EVENT[:7], EVENT[7:]),
    "in chunks of one byte": HEAD + chunks(*(bytes([item]) for item in EVENT)),
    "with trailers": HEAD + chunks(EVENT, end=b"0\r\nX-Trailer: y\r\n\r\n"),
    "gzip": zipped(ZIPPED),
    "x-gzip": zipped(ZIPPED, "x-gzip"),
    "GZIP in capitals": zipped(ZIPPED, "GZIP"),
    "deflate": zipped(zlib.compress(EVENT), "deflate"),
    "gzip in chunks": HEAD + b"Content-Encoding: gzip\r\n" + chunks(ZIPPED[:9], ZIPPED[9:]),
    "identity": zipped(EVENT, "identity"),
    "HTTP/1.0": request(EVENT, version="1.0"),
    "HTTP/1.0 without a host": request(EVENT, version="1.0", changes={"Host": None}),
    "blank lines before it": b"\r\n\r\n" + GOOD,
    "the absolute form": request(EVENT, path="http://shop.example/sandbox/events"),
    "an escape in the path": request(EVENT, path="/sandbox/%65vents"),
    "a query": request(EVENT, path="/sandbox/events?a=b"),
    "headers in bytes that are not text": request(EVENT, changes={"X-Shop": "M\udcfcller"}),
    "a header in UTF-8": request(EVENT, changes={"X-Shop": "Müller 📦"}),
    "an upgrade to a web socket": request(
        EVENT, changes={"Connection": "Upgrade", "Upgrade": "websocket"}
    ),
    "the upgrade that Java and curl --http2 offer": request(
        EVENT,
        changes={
            "Connection": "Upgrade, HTTP2-Settings",
            "Upgrade": "h2c",
            "HTTP2-Settings": "AAMAAABkAAQAAP__",
        },
    ),
    "a strange host": request(EVENT, changes={"Host": "[::1"}),
}


@pytest.fixture(scope="module")
def other_process(tmp_path_factory):
    with running(MODULE, tmp_path_factory.mktemp("wire"), log_format="quiet") as here:
        yield Line(here.port)


@pytest.fixture
async def hasty(start_line, monkeypatch):
    """A mock that gives slow clients a tenth of the usual time."""
    monkeypatch.setattr("mock_server.http.connection.HEAD_SECONDS", 0.1)
    monkeypatch.setattr("mock_server.http.request_body.STALL_SECONDS", 0.1)
    monkeypatch.setattr("mock_server.app.LINGER_SECONDS", 0.05)
    return await start_line()


async def alive(line) -> None:
    assert (await line.say(GOOD)).status == 200


def documented(heard) -> int | None:
    """The status of a reply in the documented form."""
    if heard.status not in (None, 200):
        assert jsonschema_validator("error").is_valid(heard.replies[0].json)
        assert "set-cookie" not in heard.replies[0].headers
    return heard.status


TABLE = [
    *((name, data, 400) for name, data in REFUSED.items()),
    *((name, data, 401) for name, data in UNAUTHORIZED.items()),
    *((name, data, 404) for name, data in NOT_FOUND.items()),
    *((name, data, 200) for name, data in ACCEPTED.items()),
]


@pytest.mark.parametrize("eof", [False, True], ids=["open", "half-closed"])
@pytest.mark.parametrize(("name", "data", "status"), TABLE, ids=[row[0] for row in TABLE])
async def test_each_gets_its_documented_answer_and_the_next_one_too(hasty, name, data, status, eof):
    assert documented(await hasty.say(data, eof=eof)) == status, name
    await alive(hasty)


@pytest.mark.parametrize("eof", [False, True], ids=["open", "half-closed"])
async def test_a_server_of_its_own_answers_all_of_them_at_once(other_process, eof):
    message = await asyncio.gather(*(other_process.say(data, eof=eof) for _, data, _ in TABLE))
    statuses = {row[0]: documented(heard) for row, heard in zip(TABLE, message, strict=True)}
    assert statuses == {name: status for name, _, status in TABLE}
    await alive(other_process)


@pytest.mark.parametrize("name", ["garbage", "half a head", "half a body", "two lengths", "10 MB"])
async def test_after_a_request_that_could_not_be_read_the_connection_ends(hasty, name):
    assert (await hasty.say(REFUSED[name], expect=99)).closed


async def test_nothing_sent_is_nothing_answered(line):
    heard = await line.say(b"", eof=True)
    assert (heard.data, heard.closed) == (b"", True)
    await alive(line)


async def test_what_was_refused_on_the_wire_left_no_trace_but_in_the_journal(hasty):
    lists = ("/events", "/orders", "/findings", "/worlds")
    await hasty.say(GOOD)
    before = [await hasty.get(path) for path in lists]
    for name in ("garbage", "half a head", "two lengths"):
        await hasty.say(REFUSED[name])
    assert [await hasty.get(path) for path in lists] == before
    rows = await hasty.get("/requests?status=400")
    assert [row["world"] for row in rows] == [None] * 3
    assert all("broken" in row["reply"]["body"] for row in rows)
