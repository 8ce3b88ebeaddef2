"""A server of ours in a process of its own, on any free port, for as long as somebody needs it."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from contracts.worlds.policy import Policy
from contracts.worlds.rule_levels import rule_levels
from mock_server import __name__ as server_package

START_SECONDS = 30.0


class OwnServerError(Exception):
    """The server did not start; the message says so."""


@contextmanager
def own_process(
    policy: Policy, program: Sequence[str] = ("-m", server_package), *, silent: bool = False
) -> Iterator[str]:
    """The URL of a server that listens until the block ends; OwnServerError where it does not.

    It judges by the enforcement, the rules, the protection products and the timestamp tolerance of
    `policy`; of this process's settings (`HAKUNA_MOCK_…`) it sees none. `program` are Python's
    arguments for something that takes the same settings; `silent` hides its stderr.
    """
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        settings = {
            "HAKUNA_MOCK_PORT": "0",
            "HAKUNA_MOCK_READY_FILE": str(ready),
            "HAKUNA_MOCK_LOG_FORMAT": "quiet",
            "HAKUNA_MOCK_ENFORCEMENT": str(policy.enforcement),
            "HAKUNA_MOCK_RULES": ",".join(
                f"{rule}={level}" for rule, level in rule_levels(policy).items()
            ),
            "HAKUNA_MOCK_PROTECTION_PRODUCTS": ",".join(policy.protection_products),
            "HAKUNA_MOCK_TIMESTAMP_TOLERANCE": str(policy.timestamp_tolerance),
        }
        kept = {name: text for name, text in os.environ.items() if "HAKUNA_MOCK" not in name}
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, *program],
            env={**kept, **settings},
            cwd=folder,
            stderr=subprocess.DEVNULL if silent else None,
        )
        try:
            deadline = time.monotonic() + START_SECONDS
            while not ready.exists():
                if process.poll() is not None:
                    raise OwnServerError("the own server ended before it listened; try --target")
                if time.monotonic() > deadline:
                    raise OwnServerError("the own server did not start; try --target")
                time.sleep(0.01)
            yield str(json.loads(ready.read_text("utf-8"))["url"])
        finally:
            process.terminate()
            process.wait(START_SECONDS)
