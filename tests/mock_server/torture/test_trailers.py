"""Trailers of a chunked body are dropped: none is a header of its own request or of the next one.

aiohttp's parser keeps the last trailer and puts it before the headers of the next request on the
connection, which behind a proxy that pools connections is another client's.
"""

import asyncio
import json
import urllib.request

import pytest
from server_mock import KEY, event
from server_sockets import chunks, request
from torture import end_of

NUMBERS = iter(range(10_000))
OTHER = "sk_test_" + "another"

TRAILERS = {
    "credentials": b"Authorization: Bearer " + OTHER.encode() + b"\r\n",
    "the other form of credentials": b"Bearer: " + OTHER.encode() + b"\r\n",
    "an idempotency key": b"Hakuna-Idempotency-Key: stolen\r\n",
    "a fault": b"Hakuna-Mock-Fault: status=503\r\n",
    "an admin token": b"Hakuna-Mock-Admin: x\r\n",
    "a length": b"Content-Length: 5\r\n",
    "a coding": b"Transfer-Encoding: chunked\r\n",
    "an encoding": b"Content-Encoding: gzip\r\n",
    "an expectation": b"Expect: cake\r\n",
    "a host": b"Host: evil.example\r\n",
    "an end": b"Connection: close\r\n",
    "an upgrade": b"Connection: Upgrade\r\nUpgrade: websocket\r\n",
    "three": b"A: 1\r\nB: 2\r\nHakuna-Mock-Fault: status=503\r\n",
    "one without a value": b"Hakuna-Mock-Fault:\r\n",
    "one with a folded line": b"A: 1\r\n Hakuna-Mock-Fault: status=503\r\n",
    "one that begins with a space": b" Hakuna-Mock-Fault: status=503\r\n",
    "one without a colon": b"nonsense\r\n",
    "one that ends with LF": b"Hakuna-Mock-Fault: status=503\n",
    "one that ends with CR": b"Hakuna-Mock-Fault: status=503\r",
    "a very long one": b"A: " + b"y" * 20_000 + b"\r\n",
    "many": b"".join(b"A%d: 1\r\n" % number for number in range(500)),
    "a request": b"POST /sandbox/events HTTP/1.1\r\n",
    "a lone CR": b"\rHakuna-Mock-Fault: status=503\r\n",
}
LAST_CHUNKS = {
    "plain": b"0\r\n",
    "with zeros": b"0000\r\n",
    "with an extension": b"0;a=b\r\n",
    "with a space": b"0 \r\n",
    "with an extension that holds a line feed": b"0;a\nb\r\n",
    "with LF": b"0\n",
}


def orders(port: int) -> set[str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_mock/v1/orders?limit=1000") as reply:
        return {row["order_id"] for row in json.load(reply)}


@pytest.mark.parametrize("name", TRAILERS)
async def test_a_trailer_is_a_header_of_no_request(port, name):
    """All forms of the last chunk at once, for each of them waits for the server's silence."""
    await asyncio.gather(*(is_of_no_request(port, name, last) for last in LAST_CHUNKS))


async def is_of_no_request(port: int, name: str, last: str) -> None:
    first, behind = f"first{next(NUMBERS)}", f"behind{next(NUMBERS)}"
    body = json.dumps(event(f"P#{first}{{d:1}}")).encode()
    framing = chunks(body, end=LAST_CHUNKS[last] + TRAILERS[name] + b"\r\n")
    key = f"sk_test_trailers{next(NUMBERS)}"
    headers = {"Authorization": f"Bearer {key}"}
    data = request(framing=framing, changes=headers) + request(
        event(f"P#{behind}{{d:1}}"), changes={"Authorization": None}
    )
    for hold in (False, True):
        end = await end_of(port, data, hold=hold)
        assert [reply.status for reply in end.replies] in ([200], [400]), end
        assert f"ord-{behind}" not in await asyncio.to_thread(orders, port)
    if last in ("plain", "with zeros", "with an extension") and name != "a lone CR":
        assert [reply.status for reply in end.replies] == [200]
        assert f"ord-{first}" in await asyncio.to_thread(orders, port)


async def test_a_trailer_that_comes_later_does_not_reach_the_next_request(port):
    """Each piece in a packet of its own, as a proxy that streams would send them."""
    body = json.dumps(event("P#slow{d:1}")).encode()
    pieces = [
        request(framing=b"Transfer-Encoding: chunked\r\n\r\n"),
        b"%x\r\n%b\r\n" % (len(body), body),
        b"0",
        b"\r\n",
        b"Hakuna-Mock-Fault: status=503",
        b"\r\n\r",
        b"\n" + request(event("X#slow"), changes={"Authorization": f"Bearer {KEY}"}),
    ]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.02)
    async with asyncio.timeout(4):
        heard = await reader.read()
    writer.close()
    assert heard.startswith(b"HTTP/1.1 200 OK\r\n")
    assert heard.count(b"HTTP/1.1 ") == 1
