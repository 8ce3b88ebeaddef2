"""Other mock servers, measured beside ours where npm has installed them, else left out.

    npm install --global @stoplight/prism-cli

They answer the same requests from our OpenAPI document; they know no rules and keep no state.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measure.server_process import SERVER_CORES, START_SECONDS, ServerProcess

PRISM = "prism"


def installed() -> bool:
    """Whether Prism is on the path."""
    return shutil.which(PRISM) is not None


@contextmanager
def prism() -> Iterator[ServerProcess]:
    """Prism, silent, in one process."""
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "openapi.json"
        command = [sys.executable, "-m", "hakuna_mock", "schema", "openapi"]
        document.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
        port = _free_port()
        options = ("--multiprocess", "false", "--verboseLevel", "silent", "--port", str(port))
        popen = subprocess.Popen(
            [PRISM, "mock", *options, str(document)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: os.sched_setaffinity(0, SERVER_CORES),
        )
        try:
            _wait_for(port)
            yield ServerProcess(popen, port)
        finally:
            popen.terminate()
            popen.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise SystemExit("Prism did not listen")
