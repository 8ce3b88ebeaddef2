"""Seeded bugs, a few in each process: one line for each that is hollow.

`test_seeded_bugs.py` runs this as a script, for it forks.
"""

import asyncio
import gc
import json
import os
import re
import sys
import traceback

from seeded_bugs import load

import mock_server.__main__  # noqa: F401 - all of the server is there before a bug is planted
from contracts.shorthand import bodies
from mock_server.app import create_app
from mock_server.serving import listening
from mock_server.settings import Settings

CONVERSATION = (
    "P{d:2,p:2>d,a:1} F{d:1} F{d:1,a:1} R{d:1,p:1} C{d:1,p} P#2{d:1} C#2{d:1} "
    "P#3{d:1,p:1>d} X#3 F#4{d:1} P#4{d:1}"
)
"""Four orders, every type of event, and one event that waits for its order."""

AGAIN = 5
"""So many of them are sent a second time, under their keys: the first order's, of each kind."""

EACH = 1 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 3
"""All bugs are planted, so many in a process; the first of them answers the conversation."""

AT_ONCE = 3
"""So many processes run side by side, for each waits a moment until its server has ended."""

SECONDS = 60.0
"""A guard against hanging."""

_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)\r\n", re.IGNORECASE)


def main() -> None:
    """Plant one bug after the other."""
    mutants = load()
    before = _names()
    create_app(Settings(port=0))  # its regular expressions are compiled once, not in each child
    gc.freeze()  # a collection in a child would copy all of the server's pages
    gc.disable()
    sent = [_request(number, body) for number, body in enumerate(bodies(CONVERSATION))]
    bugs = list(mutants.items())
    apart = -(-len(bugs) // EACH)  # neighbours are alike: they would replace the same function
    for number in range(apart):
        if number >= AT_ONCE:
            os.wait()
        if not os.fork():
            _try(bugs[number::apart], before, [*sent, *sent[:AGAIN]])
            os._exit(0)
    for _ in range(AT_ONCE):
        os.wait()


def _try(bugs, before, requests):
    """Plant some bugs, of which the first one answers; the others only show what they replace."""
    for number, (name, bug) in enumerate(bugs):
        try:
            before |= _plant(name, bug.patch, before)
            if not number:
                asyncio.run(asyncio.wait_for(_converse(name, requests), SECONDS))
        except BaseException as error:  # noqa: BLE001 - whatever it is, the bug has caused it
            place = traceback.extract_tb(error.__traceback__)[-1]
            _tell(name, f"{error!r} at {place.filename}:{place.lineno}")


def _plant(name, patch, before):
    """Plant a bug; the names that were not there before it, of which there should be none."""
    known = {module for module, _ in before}
    patch()
    new = _names() - before
    for module, added in sorted(new):
        if module in known:
            _tell(name, f"{module} has no {added}, so nobody reads it")
    return new


def _names():
    ours = [
        module for module in sys.modules if module.split(".")[0] in ("contracts", "mock_server")
    ]
    return {(our, name) for our in ours for name in vars(sys.modules[our])}


def _request(number, body):
    content = json.dumps(body).encode()
    head = (
        "POST /sandbox/events HTTP/1.1\r\nHost: mock\r\nAuthorization: Bearer sk_test_planted\r\n"
        "Content-Type: application/json\r\nHakuna-Version: v2.0\r\n"
        f"Hakuna-Idempotency-Key: key-{number}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


async def _converse(name, requests):
    """The conversation over one connection; a 500 is a crash."""
    async with listening(create_app(Settings(port=0))) as here:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(here.url.split(":")[2]))
        for number, request in enumerate(requests):
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            await reader.readexactly(int(length[1]) if length else 0)
            status = int(head.split(b" ", 2)[1])
            if status >= 500:
                _tell(name, f"event {number} is answered by a {status}")
                break
        writer.close()


def _tell(name, problem):
    sys.stdout.write(f"{name}: {problem}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
