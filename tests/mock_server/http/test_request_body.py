"""Bodies: as long as the limit and no longer, plain or compressed, whole or refused."""

import gzip
import json
import tracemalloc
import zlib

import pytest
from server_mock import event
from server_sockets import chunks, request

LIMIT = 4_000
EVENT = json.dumps(event("X")).encode()


def padded(size: int) -> bytes:
    """An event of exactly so many bytes."""
    return EVENT + b" " * (size - len(EVENT))


def coded(body: bytes, encoding: str) -> bytes:
    return request(body, changes={"Content-Encoding": encoding})


@pytest.fixture
async def tight(start_line, monkeypatch):
    monkeypatch.setattr("mock_server.http.request_body.STALL_SECONDS", 0.15)
    monkeypatch.setattr("mock_server.app.LINGER_SECONDS", 0.05)
    return await start_line(max_body=LIMIT)


@pytest.mark.parametrize(("size", "status"), [(LIMIT - 1, 200), (LIMIT, 200), (LIMIT + 1, 400)])
async def test_the_limit_is_exact_however_the_body_is_framed(tight, size, status):
    body = padded(size)
    head = request(framing=b"")
    framings = {
        "a length": request(body),
        "one chunk": head + chunks(body),
        "many chunks": head + chunks(*(body[at : at + 100] for at in range(0, size, 100))),
        "gzip": coded(gzip.compress(body), "gzip"),
        "deflate": coded(zlib.compress(body), "deflate"),
    }
    statuses = {name: (await tight.say(data)).status for name, data in framings.items()}
    assert statuses == dict.fromkeys(framings, status)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (request(padded(9_000)), "the body has 9000 bytes; 4000 are the limit"),
        (request(framing=chunks(padded(9_000))), "more than 4000 bytes"),
        (coded(gzip.compress(padded(9_000)), "gzip"), "when decompressed"),
        (coded(EVENT, "gzip"), "the body is not gzip"),
        (coded(gzip.compress(EVENT)[:-3], "gzip"), "cut off"),
        (coded(EVENT, "br"), "'br' is not supported; send the body as it is"),
        (coded(EVENT, "x" * 200), "is not supported; send the body as it is"),
        (request(framing=b"Content-Length: 50\r\n\r\n{}"), "stopped after 2 of 50 bytes"),
    ],
)
async def test_the_reason_is_told(tight, data, message):
    heard = await tight.say(data)
    assert heard.status == 400
    assert message in heard.errors[0]
    assert len(heard.errors) == 1


async def test_a_gzip_body_may_have_several_members(tight):
    members = gzip.compress(EVENT[:20]) + gzip.compress(EVENT[20:])
    assert (await tight.say(coded(members, "gzip"))).status == 200


async def test_a_refused_body_is_a_finding_of_its_world(tight):
    await tight.say(request(padded(9_000)))
    (finding,) = await tight.get("/findings?severity=violation")
    assert finding["rule"] == "body-invalid"
    (row,) = await tight.get("/requests")
    assert row["status"] == 400
    assert row["world"] is not None


async def test_of_a_body_that_is_too_long_the_journal_keeps_at_most_the_limit(tight):
    for data in (request(padded(9_000)), request(framing=chunks(padded(9_000)))):
        await tight.say(data)
    for row in await tight.get("/requests"):
        assert len(row["body"]) <= LIMIT


async def test_a_bomb_is_not_unpacked(line):
    """100 KB that would be 100 MB if anybody asked for it."""
    bomb = gzip.compress(b"\x00" * 100_000_000, 9)
    tracemalloc.start()
    heard = await line.say(coded(bomb, "gzip"))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert heard.status == 400
    assert most < 20_000_000


async def test_the_decompressed_body_is_what_is_kept(tight):
    await tight.say(coded(gzip.compress(EVENT), "gzip"))
    (row,) = await tight.get("/events")
    assert row["body"] == json.loads(EVENT)
    (entry,) = await tight.get("/requests")
    assert entry["body"] == EVENT.decode()


async def test_the_client_can_read_the_refusal_though_it_is_still_sending(start_line):
    """The rest of a too long body is read and thrown away, so that no reset destroys the reply."""
    line = await start_line()
    heard = await line.say(request(b"x" * 20_000_000))
    assert (heard.status, heard.reset) == (400, False)
    assert "20000000 bytes; 1048576 are the limit" in heard.errors[0]


async def test_a_wrong_route_is_404_whatever_its_body_is(tight):
    for body in (b"", b"{", padded(9_000)):
        assert (await tight.say(request(body, path="/nothing"))).status == 404


async def test_no_key_is_401_whatever_its_body_is(tight):
    for body in (b"", b"{", padded(9_000)):
        assert (await tight.say(request(body, changes={"Authorization": None}))).status == 401
