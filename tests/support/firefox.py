"""Debian's Firefox, driven by its own Marionette protocol: messages are `LENGTH:JSON` over TCP."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 30
"""Seconds for the start, and for a condition to come true."""

_PREFERENCES = {
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False,
}


class Firefox:
    """One window. `run` is JavaScript in the page; it returns what the script returns."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._number = 0
        self._receive()
        self._call("WebDriver:NewSession", {})

    def open(self, url: str) -> None:
        """Load a page and wait for it."""
        self._call("WebDriver:Navigate", {"url": url})

    def run(self, script: str, *args: Any) -> Any:
        """What a function body returns in the page."""
        answer = self._call("WebDriver:ExecuteScript", {"script": script, "args": list(args)})
        return answer["value"]

    def wait_for(self, condition: str, *args: Any) -> None:
        """Until an expression is true in the page."""
        deadline = time.monotonic() + PATIENCE
        while not self.run(f"return Boolean({condition});", *args):
            assert time.monotonic() < deadline, f"never true in Firefox: {condition}"
            time.sleep(0.05)

    def press(self, key: str) -> None:
        """A key, as the keyboard sends it."""
        actions = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        keys = [{"type": "key", "id": "keyboard", "actions": actions}]
        self._call("WebDriver:PerformActions", {"actions": keys})

    def _call(self, command: str, parameters: dict[str, Any]) -> Any:
        self._number += 1
        text = json.dumps([0, self._number, command, parameters]).encode()
        self._connection.sendall(b"%d:%s" % (len(text), text))
        _, _, error, result = self._receive()
        assert error is None, f"{command}: {error}"
        return result

    def _receive(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            length += self._bytes(1)
        return json.loads(self._bytes(int(length[:-1])))

    def _bytes(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            part = self._connection.recv(count - len(found))
            assert part, "Firefox closed the connection"
            found += part
        return found


@contextmanager
def firefox(folder: Path) -> Iterator[Firefox]:
    """A Firefox with a profile of its own; where there is none, CI fails and a laptop skips."""
    path = shutil.which("firefox-esr") or shutil.which("firefox")
    if path is None:
        assert not os.environ.get("CI"), "apt-get install firefox-esr"
        pytest.skip("there is no Firefox here (apt-get install firefox-esr)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    profile = folder / "profile"
    profile.mkdir()
    preferences = {**_PREFERENCES, "marionette.port": port}
    lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in preferences.items()]
    (profile / "user.js").write_text("\n".join(lines))
    command = [path, "--headless", "--marionette", "--no-remote", "--profile", str(profile)]
    environment = {**os.environ, "HOME": str(folder), "MOZ_DISABLE_CONTENT_SANDBOX": "1"}
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    try:
        with _connected(port) as connection:
            yield Firefox(connection)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


def _connected(port: int) -> socket.socket:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        except OSError:
            assert time.monotonic() < deadline, "Firefox did not start"
            time.sleep(0.1)
