"""Servers in processes of their own, from their ready file to their end."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MODULE = (sys.executable, "-m", "mock_server")
COMMAND = (sys.executable, "-m", "hakuna_mock", "serve")
STARTS = {"python -m mock_server": MODULE, "hakuna-mock serve": COMMAND}
PATIENCE = 30.0
"""Seconds after which a process that does not start or end counts as hanging."""


@dataclass
class Running:
    """A server process, and what its ready file says."""

    process: subprocess.Popen
    ready: Path
    here: dict[str, str]
    out: Path
    err: Path

    @property
    def port(self) -> int:
        return int(self.here["url"].rsplit(":", 1)[1])

    def end(self, signal: int) -> int:
        """Send a signal and wait; the exit code."""
        self.process.send_signal(signal)
        return self.process.wait(PATIENCE)

    @property
    def printed(self) -> str:
        """Everything it wrote so far."""
        return self.out.read_text("utf-8") + self.err.read_text("utf-8")


def clean_environment(**told: str) -> dict[str, str]:
    """This environment without settings of other people's servers, and with these."""
    kept = {name: value for name, value in os.environ.items() if "HAKUNA" not in name}
    return {**kept, **{f"HAKUNA_MOCK_{name.upper()}": value for name, value in told.items()}}


@contextmanager
def running(
    command: tuple[str, ...], folder: Path, *flags: str, piped: bool = False, **told: str
) -> Iterator[Running]:
    """A server on any free port; it is killed if the test leaves it running.

    With `piped` the test reads its output from `process.stdout` itself.
    """
    ready, out, err = folder / "ready.json", folder / "out.txt", folder / "err.txt"
    environment = clean_environment(**{"port": "0", "ready_file": str(ready), **told})
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(
            [*command, *flags],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE if piped else stdout,
            stderr=stderr,
        )
        try:
            deadline = time.monotonic() + PATIENCE
            while not ready.exists():
                assert process.poll() is None, err.read_text()
                assert time.monotonic() < deadline, "the server did not become ready"
                time.sleep(0.02)
            yield Running(process, ready, json.loads(ready.read_text()), out, err)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait(PATIENCE)
            if process.stdout is not None:
                process.stdout.close()


def failed(
    command: tuple[str, ...], folder: Path, *flags: str, **told: str
) -> subprocess.CompletedProcess:
    """A start that must not succeed."""
    return subprocess.run(
        [*command, *flags],
        cwd=folder,
        env=clean_environment(**told),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
