from contextlib import AsyncExitStack

import pytest
from server_mock import Mock
from server_sockets import Line

from mock_server import Settings, create_app
from mock_server.serving import listening


@pytest.fixture
def start_mock(aiohttp_client):
    """Starts a mock with settings of its own: `await start_mock(journal_limit=3)`."""

    async def start(*, clock=None, new_event_id=None, log=None, notice=None, **told) -> Mock:
        more = {"notice": notice} if notice else {}
        app = create_app(Settings(**told), clock=clock, new_event_id=new_event_id, log=log, **more)
        return Mock(await aiohttp_client(app))

    return start


@pytest.fixture
async def mock(start_mock) -> Mock:
    return await start_mock()


@pytest.fixture
async def start_line():
    """Starts a mock that listens on a real socket in the test's own loop."""
    async with AsyncExitStack() as running:

        async def start(*, log=None, **told) -> Line:
            app = create_app(Settings(**{"port": 0, **told}), log=log)
            here = await running.enter_async_context(listening(app))
            return Line(int(here.url.rsplit(":", 1)[1]))

        yield start


@pytest.fixture
async def line(start_line) -> Line:
    return await start_line()
