"""A server in a process of its own, on each event loop that users may have."""

import sys

import pytest
from server_processes import MODULE, running

WITHOUT_UVLOOP = (
    sys.executable,
    "-c",
    """import sys; sys.modules["uvloop"] = None
from mock_server.__main__ import main; sys.exit(main())""",
)


@pytest.fixture(scope="module", params=["uvloop", "asyncio"])
def port(request, tmp_path_factory):
    if request.param == "uvloop":
        pytest.importorskip("uvloop")
    command = MODULE if request.param == "uvloop" else WITHOUT_UVLOOP
    folder = tmp_path_factory.mktemp(request.param)
    with running(command, folder, log_format="quiet") as server:
        yield server.port
        assert "fault" not in server.printed
        assert "Traceback" not in server.printed
