"""How a target is asked: its address, what it is, and several connections for requests at once."""

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from contracts.timing.rfc3339 import parse_instant
from contracts.worlds.policy import Enforcement
from fuzz.client.http_client import Reply, Target, TargetError
from fuzz.model.oracle import Asked

CONTROL = "/_mock/v1"
AT_ONCE = 4

KEYS = (
    ("sk_test_fuzz_{0}_a", "sk_test_fuzz_{0}_A"),
    ("sk_test_{0}_a_fuzz", "sk_test_{0}_b_fuzz"),
    ("sk_test_fuzz_{0}", "sk_test_fuzz_{0}_1"),
    ("sk_test_{0}" + "x" * 120 + "1", "sk_test_{0}" + "x" * 120 + "2"),
)
"""Two API keys that differ in a letter's case, in their middle, in that one goes on, in their end.
"""


@dataclass(frozen=True)
class Answer:
    """What came back: a reply, or why none did. `seconds` is how long it took."""

    reply: Reply | None
    problem: str = ""
    seconds: float = 0.0


@dataclass
class Line:
    """The way to one server. `only_key` is the only API key there is, if there is just one.

    `is_mock` says that it is a hakuna-mock, whose findings and state can be read; `now_offset` is
    how far its clock is ahead of ours, in nanoseconds.
    """

    url: str
    timeout: float = 10.0
    only_key: str | None = None
    admin_token: str | None = None
    enforcement: str = "flag"
    levels: Mapping[str, str] = field(default_factory=dict)
    is_mock: bool = False
    now_offset: int = 0
    requests: int = 0
    _local: threading.local = field(default_factory=threading.local)
    _pool: ThreadPoolExecutor | None = None
    _targets: list[Target] = field(default_factory=list)

    def keys(self, tag: str, style: int = 0) -> tuple[str, ...]:
        """The API keys of one conversation: two that nobody used, and that are alike.

        `style` is a number that says in which way: `KEYS` are dealt round.
        """
        if self.only_key:
            return (self.only_key,)
        first, second = KEYS[style % len(KEYS)]
        return first.format(tag), second.format(tag)

    def send(self, asked: Asked) -> Answer:
        """One request on this thread's connection."""
        began = time.perf_counter()
        self.requests += 1
        try:
            reply = self._target().ask(asked.method, asked.path, asked.body, dict(asked.headers))
        except TargetError as error:
            return Answer(None, str(error), time.perf_counter() - began)
        return Answer(reply, seconds=time.perf_counter() - began)

    def send_at_once(self, requests: Sequence[Asked]) -> list[Answer]:
        """All of them at the same moment, each on a connection of its own."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(AT_ONCE)
        barrier = threading.Barrier(len(requests))

        def one(asked: Asked) -> Answer:
            barrier.wait()
            return self.send(asked)

        return list(self._pool.map(one, requests))

    def control(self, method: str, path: str, key: str | None, body: bytes | None = None) -> Reply:
        """A call of the control API for one key's world, for None of all worlds.

        TargetError where none is answered.
        """
        headers = {"Hakuna-Mock-Admin": self.admin_token} if self.admin_token else {}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        return self._target().ask(method, CONTROL + path, body, headers)

    def look(self, key: str) -> None:
        """Find out what the target is: whether a hakuna-mock, how it enforces, what time it has.

        TargetError where it does not answer at all.
        """
        reply = self.control("GET", "/settings", key)
        self.is_mock = False
        if "hakuna-mock" not in reply.headers or reply.status != 200:
            return
        settings = reply.json()
        if isinstance(settings, dict) and settings.get("enforcement") in tuple(Enforcement):
            self.is_mock = True
            self.enforcement = settings["enforcement"]
            self.levels = settings.get("rules", {})
            self.now_offset = self._clock_offset(key)

    def _clock_offset(self, key: str) -> int:
        """A journalled request tells the server's time; a stopped clock is simply far away."""
        self.send(Asked((("Authorization", f"Bearer {key}"),), b"{}"))
        rows = self.control("GET", "/requests?limit=1000", key).json()
        last: Mapping[str, Any] = rows[-1] if isinstance(rows, list) and rows else {}
        there = parse_instant(str(last.get("received_at")))
        return 0 if there is None else there - time.time_ns()

    def _target(self) -> Target:
        target: Target | None = getattr(self._local, "target", None)
        if target is None:
            target = self._local.target = Target(self.url, self.timeout)
            self._targets.append(target)
        return target

    def close(self) -> None:
        """Let go of all connections."""
        if self._pool is not None:
            self._pool.shutdown()
        for target in self._targets:
            target.close()
