"""A mock server in a thread of the test process, on loopback and any free port."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mock_server import Settings, create_app
from mock_server.proxy.upstream import Upstream
from mock_server.serving import Listening, listening


@contextmanager
def running_mock(
    settings: Settings | None = None, upstream: Upstream | None = None
) -> Iterator[Listening]:
    told = settings or Settings(port=0)
    started = threading.Event()
    seen: dict[str, object] = {}

    async def serve() -> None:
        stop = asyncio.Event()
        async with listening(create_app(told, upstream=upstream)) as here:
            seen.update(here=here, stop=stop, loop=asyncio.get_running_loop())
            started.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert started.wait(10), "the server did not start"
    here, loop, stop = seen["here"], seen["loop"], seen["stop"]
    try:
        yield here
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        assert not thread.is_alive(), "the server did not stop"
