"""What becomes of bytes on a connection, with a deadline of a second."""

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from other_validator import jsonschema_validator
from server_mock import event
from server_sockets import WireReply, replies_in, request

SECOND = 1.0
TRIES = 4
"""A machine that is busy with others may miss the second; a server that hangs misses it always."""

STATUSES = {200, 400, 401, 403, 404}
"""403: chance may find /_mock, which wants to know its name in `Host`."""
AT_ONCE = 16


@dataclass(frozen=True)
class End:
    """The replies that came, and the end: `answered`, `closed` without one, `reset` or `late`."""

    replies: tuple[WireReply, ...]
    how: str


async def end_of(port: int, data: bytes, *, hold: bool) -> End:
    """Send the bytes and wait for an answer or the end, a second at most.

    With `hold` the client keeps its side open and is content with the first answer; else it closes
    its side and listens to the end.
    """
    for _ in range(TRIES):
        end = await _once(port, data, hold=hold)
        if end.how != "late":
            break
    return end


async def _once(port: int, data: bytes, *, hold: bool) -> End:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    heard, how = b"", "closed"
    try:
        async with asyncio.timeout(SECOND):
            writer.write(data)
            if not hold:
                writer.write_eof()
            while not (hold and replies_in(heard)):
                chunk = await reader.read(65_536)
                if not chunk:
                    break
                heard += chunk
    except TimeoutError:
        how = "late"
    except ConnectionError:
        how = "reset"
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    replies = tuple(replies_in(heard))
    return End(replies, "answered" if replies and how != "late" else how)


async def torture(port: int, strings: Iterable[bytes], *, hold: bool) -> Counter[str]:
    """Send all of them, each followed by a good request; how many ended how, and by status."""
    counts: Counter[str] = Counter()
    waiting, numbers = iter(strings), itertools.count()

    async def one_after_the_other() -> None:
        for data in waiting:
            end = await end_of(port, data, hold=hold)
            assert end.how in ("answered", "closed"), (end, data)
            counts[end.how] += 1
            for reply in end.replies:
                counts[str(reply.status)] += 1
                assert reply.status in STATUSES, data
                if reply.status not in (200, 403) and reply.body:
                    assert jsonschema_validator("error").is_valid(reply.json), data
            good = await end_of(port, request(event(f"P#good{next(numbers)}{{d:1}}")), hold=True)
            assert [reply.status for reply in good.replies] == [200], data

    await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))
    return counts


def told(counts: Counter[str]) -> str:
    """The counts in a line, for the report of a run (`pytest -rP`)."""
    return ", ".join(f"{name}: {count}" for name, count in sorted(counts.items()))
