"""A server in a process of its own, on each event loop that users may have."""

import pytest
from server_processes import MODULE, running


@pytest.fixture(scope="module", params=["uvloop", "asyncio"])
def port(request, tmp_path_factory):
    if request.param == "uvloop":
        pytest.importorskip("uvloop")
    folder = tmp_path_factory.mktemp(request.param)
    with running(MODULE, folder, log_format="quiet", loop=request.param) as server:
        yield server.port
        assert "fault" not in server.printed
        assert "Traceback" not in server.printed
