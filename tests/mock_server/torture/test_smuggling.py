"""Requests whose end a proxy might see elsewhere than the server: refused, and what is hidden
behind the doubtful end never becomes an event.
"""

import asyncio
import gzip
import json
import urllib.request

import pytest
from server_mock import event
from server_sockets import chunks, request
from torture import end_of

NUMBERS = iter(range(10_000))
EVENT = json.dumps(event("P#seen{d:1}")).encode()
HEAD = request(framing=b"")
LINE, REST = HEAD.split(b"\r\n", 1)
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def hidden(order: str) -> bytes:
    """The request that must not be taken for one."""
    return request(event(f"P#{order}{{d:1}}"))


def length(number: object) -> bytes:
    return b"Content-Length: %b\r\n" % str(number).encode()


def lines(*headers: bytes, behind: bytes = b"") -> bytes:
    return HEAD + b"".join(headers) + b"\r\n" + behind


# Shape by name, made of the hidden request; each must be refused as a whole.
REFUSED = {
    "CL and TE": lambda h: lines(length(5), CHUNKED, behind=b"0\r\n\r\n" + h),
    "TE and CL": lambda h: lines(CHUNKED, length(5), behind=b"0\r\n\r\n" + h),
    "CL of all and TE": lambda h: lines(CHUNKED, length(5 + len(h)), behind=b"0\r\n\r\n" + h),
    "two CL, the same": lambda h: lines(length(2), length(2), behind=b"{}" + h),
    "two CL, another": lambda h: lines(length(2), length(2 + len(h)), behind=b"{}" + h),
    "a list of CL": lambda h: lines(length("2, 2"), behind=b"{}" + h),
    "CL with a plus": lambda h: lines(length("+2"), behind=b"{}" + h),
    "CL in hex": lambda h: lines(length("0x2"), behind=b"{}" + h),
    "CL with an underscore": lambda h: lines(length("1_0"), behind=b"{}" + h),
    "CL in other digits": lambda h: lines(length("٢"), behind=b"{}" + h),
    "CL that is empty": lambda h: lines(length(""), behind=h),
    "CL below zero": lambda h: lines(length(-1), behind=h),
    "CL that overflows": lambda h: lines(length(2**64 + 2), behind=b"{}" + h),
    "obs-fold in CL": lambda h: lines(b"Content-Length: 2\r\n 0\r\n", behind=b"{}" + h),
    "obs-fold in TE": lambda h: lines(
        b"Transfer-Encoding:\r\n chunked\r\n", behind=b"0\r\n\r\n" + h
    ),
    "a space before the colon": lambda h: lines(b"Content-Length : 2\r\n", behind=b"{}" + h),
    "a tab before the colon": lambda h: lines(b"Content-Length\t: 2\r\n", behind=b"{}" + h),
    "a space before the name": lambda h: lines(b" Content-Length: 2\r\n", behind=b"{}" + h),
    "a first header with a space": lambda h: LINE + b"\r\n " + REST + length(2) + b"\r\n{}" + h,
    "a NUL in a name": lambda h: lines(b"Content-\x00Length: 2\r\n", behind=b"{}" + h),
    "a NUL in a value": lambda h: lines(b"X: a\x00b\r\n", length(2), behind=b"{}" + h),
    "a lone CR between headers": lambda h: lines(b"X: a\rContent-Length: 2\r\n", behind=b"{}" + h),
    "TE of another name": lambda h: lines(
        b"Transfer-Encoding: xchunked\r\n", behind=b"0\r\n\r\n" + h
    ),
    "TE identity": lambda h: lines(b"Transfer-Encoding: identity\r\n", length(2), behind=b"{}" + h),
    "TE chunked, identity": lambda h: lines(
        b"Transfer-Encoding: chunked, identity\r\n", behind=b"0\r\n\r\n" + h
    ),
    "TE twice chunked": lambda h: lines(CHUNKED, CHUNKED, behind=b"0\r\n\r\n" + h),
    "TE with a vertical tab": lambda h: lines(
        b"Transfer-Encoding: \x0bchunked\r\n", behind=b"0\r\n\r\n" + h
    ),
    "TE in quotes": lambda h: lines(b'Transfer-Encoding: "chunked"\r\n', behind=b"0\r\n\r\n" + h),
    "a chunk size in other digits": lambda h: lines(
        CHUNKED, behind="٢\r\n{}\r\n0\r\n\r\n".encode() + h
    ),
    "a chunk size with 0x": lambda h: lines(CHUNKED, behind=b"0x2\r\n{}\r\n0\r\n\r\n" + h),
    "a chunk size with a plus": lambda h: lines(CHUNKED, behind=b"+2\r\n{}\r\n0\r\n\r\n" + h),
    "a chunk size with an underscore": lambda h: lines(
        CHUNKED, behind=b"0_2\r\n{}\r\n0\r\n\r\n" + h
    ),
    "a chunk size below zero": lambda h: lines(CHUNKED, behind=b"-2\r\n{}\r\n0\r\n\r\n" + h),
    "a chunk size that overflows": lambda h: lines(
        CHUNKED, behind=b"10000000000000002\r\n{}\r\n0\r\n\r\n" + h
    ),
    "a chunk longer than it says": lambda h: lines(CHUNKED, behind=b"2\r\n{}x\r\n0\r\n\r\n" + h),
    "a chunk that ends with LF": lambda h: lines(CHUNKED, behind=b"2\r\n{}\n0\r\n\r\n" + h),
    "a chunk size that ends with LF": lambda h: lines(CHUNKED, behind=b"2\n{}\r\n0\r\n\r\n" + h),
    "a chunk extension with a lone LF": lambda h: lines(
        CHUNKED, behind=b"2;a\nb\r\n{}\r\n0\r\n\r\n" + h
    ),
    "a length among the trailers": lambda h: lines(
        CHUNKED, behind=b"2\r\n{}\r\n0\r\nContent-Length: 9\r\n\r\n" + h
    ),
    "a version with a space": lambda h: b"POST /sandbox/events HTTP/1. 1\r\n" + REST + b"\r\n" + h,
    "a tab for a space": lambda h: b"POST\t/sandbox/events\tHTTP/1.1\r\n" + REST + b"\r\n" + h,
    "a fragment of a request": lambda h: h[:60] + b"\r\n\r\n" + h,
}

# Unusual, but whole and clear: taken as they are, and what stands behind them is a request.
CLEAR = {
    "chunk extensions": lambda body: lines(
        CHUNKED, behind=b'%x;a="b;c";d\r\n%b\r\n0;e\r\n\r\n' % (len(body), body)
    ),
    "leading zeros in a chunk size": lambda body: lines(
        CHUNKED, behind=b"0000%x\r\n%b\r\n000\r\n\r\n" % (len(body), body)
    ),
    "capitals in a chunk size": lambda body: lines(
        CHUNKED, behind=b"%X\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    ),
    "TE in capitals": lambda body: lines(
        b"TRANSFER-ENCODING: Chunked\r\n", behind=chunks(body).partition(b"\r\n\r\n")[2]
    ),
    "leading zeros in CL": lambda body: lines(b"Content-Length: 00%d\r\n" % len(body), behind=body),
}


def orders(port: int) -> set[str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_mock/v1/orders?limit=1000") as reply:
        return {row["order_id"] for row in json.load(reply)}


@pytest.mark.parametrize("hold", [False, True], ids=["half-closed", "held open"])
@pytest.mark.parametrize("name", REFUSED)
async def test_a_doubtful_end_is_refused_and_nothing_behind_it_is_an_event(port, name, hold):
    order = f"hidden{next(NUMBERS)}"
    end = await end_of(port, REFUSED[name](hidden(order)), hold=hold)
    assert [reply.status for reply in end.replies] == [400], end
    assert f"ord-{order}" not in await asyncio.to_thread(orders, port)
    good = await end_of(port, request(event("X#good")), hold=True)
    assert [reply.status for reply in good.replies] == [200]


@pytest.mark.parametrize("name", CLEAR)
async def test_an_unusual_but_clear_request_is_taken_and_the_one_behind_it_too(port, name):
    first, second = f"first{next(NUMBERS)}", f"second{next(NUMBERS)}"
    body = json.dumps(event(f"P#{first}{{d:1}}")).encode()
    end = await end_of(port, CLEAR[name](body) + hidden(second), hold=False)
    assert [reply.status for reply in end.replies] == [200, 200], end
    assert {f"ord-{first}", f"ord-{second}"} <= await asyncio.to_thread(orders, port)


async def test_bare_line_feeds_are_no_ends_of_lines_that_hide_anything(port):
    """Whatever a server makes of bare LF, it must not see other requests than those that stand
    there: one, or none."""
    order = f"hidden{next(NUMBERS)}"
    bare = request(EVENT).replace(b"\r\n", b"\n")
    end = await end_of(port, bare + hidden(order), hold=False)
    assert [reply.status for reply in end.replies] in ([400], [200, 200])
    behind = f"ord-{order}" in await asyncio.to_thread(orders, port)
    assert behind == (len(end.replies) == 2)


async def test_a_request_line_without_a_version_ends_the_connection(port):
    """As in HTTP/0.9: it has no headers, so no key, and nothing comes after it."""
    order = f"hidden{next(NUMBERS)}"
    end = await end_of(port, b"POST /sandbox/events\r\n\r\n" + hidden(order), hold=False)
    assert [reply.status for reply in end.replies] == [401]
    assert f"ord-{order}" not in await asyncio.to_thread(orders, port)


async def test_what_is_compressed_hides_nothing(port):
    order = f"hidden{next(NUMBERS)}"
    packed = gzip.compress(EVENT) + hidden(order)
    whole = request(packed, changes={"Content-Encoding": "gzip"})
    end = await end_of(port, whole, hold=True)
    assert [reply.status for reply in end.replies] == [400]
    assert f"ord-{order}" not in await asyncio.to_thread(orders, port)
