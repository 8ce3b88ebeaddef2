"""A server in a process of its own, pinned to one core, and what the system counts about it."""

import atexit
import contextlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BENCHMARKS = Path(__file__).parents[1]
MOCK = (sys.executable, "-m", "hakuna_mock", "serve", "--port", "0", "--log-format", "quiet")
BARE = (sys.executable, str(Path(__file__).with_name("bare_aiohttp.py")))
START_SECONDS = 30.0
STOP_SECONDS = 10.0

_CORES = sorted(os.sched_getaffinity(0))
SERVER_CORES = {_CORES[0]}
LOAD_CORES = set(_CORES[1:]) or SERVER_CORES


PRIORITY = -20
_AUTOGROUP = Path("/proc/self/autogroup")
"""Linux shares the processor between sessions first; priorities count within each."""


def pin_load() -> None:
    """Keep this process, and what it starts from now on, off the server's core.

    Where the system allows it, they and the servers go before others on the machine.
    """
    os.sched_setaffinity(0, LOAD_CORES)
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
        _AUTOGROUP.write_text(str(PRIORITY))
        atexit.register(_AUTOGROUP.write_text, "0")


@dataclass
class ServerProcess:
    """A running server."""

    popen: "subprocess.Popen[bytes]"
    port: int

    @property
    def cpu_seconds(self) -> float:
        """Processor time of the whole process, all threads, user and system."""
        # The clock id of another process, as clock_getcpuclockid(3) makes it: nanoseconds, where
        # /proc/PID/stat counts hundredths of a second.
        return time.clock_gettime((~self.popen.pid << 3) | 2)

    @property
    def resident_mib(self) -> float:
        return self._status("VmRSS")

    @property
    def peak_mib(self) -> float:
        """The most resident memory since `reset_peak`."""
        return self._status("VmHWM")

    def reset_peak(self) -> None:
        Path(f"/proc/{self.popen.pid}/clear_refs").write_text("5")

    def _status(self, name: str) -> float:
        for line in Path(f"/proc/{self.popen.pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) / 1024
        raise LookupError(name)

    def get(self, path: str, key: str | None = None, timeout: float = 60.0) -> "Reply":
        """A call of the control API (`/_mock/v1…`) or a page, on a connection of its own."""
        return request(self.port, "GET", path, key=key, timeout=timeout)

    def post(self, path: str, body: Any = None, key: str | None = None) -> "Reply":
        data = b"" if body is None else json.dumps(body).encode()
        return request(self.port, "POST", path, data, key=key)

    def post_event(self, raw: bytes) -> None:
        """A whole event request, which must be accepted."""
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(raw)
            reply = connection.recv(65_536)
        if not reply.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"an event was not accepted: {reply!r}")

    def stop(self) -> float:
        """End the process; the seconds that it took. It is killed after `STOP_SECONDS`."""
        began = time.perf_counter()
        self.popen.send_signal(signal.SIGTERM)
        try:
            self.popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
        return time.perf_counter() - began


@dataclass(frozen=True)
class Reply:
    """Status, headers (lowercase names) and body of a reply."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def request(
    port: int,
    method: str,
    path: str,
    body: bytes = b"",
    *,
    key: str | None = None,
    timeout: float = 60,
) -> Reply:
    """One request on a connection of its own."""
    head = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close"]
    head += [] if path.startswith("/_mock/v1") else ["Accept: text/html"]
    head += [f"Authorization: Bearer {key}"] if key else []
    head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    with socket.create_connection(("127.0.0.1", port), timeout) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode() + body)
        received = bytearray()
        while chunk := connection.recv(262_144):
            received += chunk
    top, _, rest = bytes(received).partition(b"\r\n\r\n")
    lines = top.decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in lines[1:])
    return Reply(int(lines[0].split()[1]), {name.lower(): text for name, _, text in pairs}, rest)


@contextmanager
def serving(
    *arguments: str, program: Sequence[str] = MOCK, open_files: int | None = None
) -> Iterator[ServerProcess]:
    """A server on the server's core for as long as the block runs."""

    def prepare() -> None:
        os.sched_setaffinity(0, SERVER_CORES)
        if open_files:
            resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))

    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        popen = subprocess.Popen(
            [*program, "--ready-file", str(ready), *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=prepare,
        )
        try:
            yield ServerProcess(popen, _port(popen, ready))
        finally:
            with contextlib.suppress(ProcessLookupError):
                popen.kill()
            popen.wait()


def _port(popen: "subprocess.Popen[bytes]", ready: Path) -> int:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if popen.poll() is not None:
            raise SystemExit(f"the server ended with {popen.returncode} before it listened")
        with contextlib.suppress(FileNotFoundError, ValueError):
            return int(json.loads(ready.read_text())["url"].rsplit(":", 1)[1])
        time.sleep(0.005)
    raise SystemExit(f"the server did not listen within {START_SECONDS:.0f} s")
