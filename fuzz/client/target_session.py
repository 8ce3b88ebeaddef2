"""How a target is asked: its address, what it is, and several connections for requests at once."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from contracts.timing.rfc3339 import parse_instant
from fuzz.client.control_client import ControlClient
from fuzz.client.http_client import Reply, Target, TargetError
from fuzz.model.oracle import Asked

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

    @property
    def control(self) -> ControlClient:
        """The control API of a hakuna-mock, over this thread's connection."""
        return ControlClient(self.url, self._target().ask, self.admin_token)

    def look(self, key: str) -> None:
        """Find out what the target is: whether a hakuna-mock, how it enforces, what time it has.

        TargetError where it does not answer at all.
        """
        found = self.control.identify(key)
        self.is_mock = found.enforcement is not None
        if found.enforcement is not None:
            self.enforcement = found.enforcement
            self.now_offset = self._clock_offset(key)

    def _clock_offset(self, key: str) -> int:
        """How far the world's clock is ahead of ours; a frozen one is simply far away."""
        clock = self.control.call("GET", "/clock", key).json()
        now = parse_instant(str(clock.get("now"))) if isinstance(clock, dict) else None
        return 0 if now is None else now - time.time_ns()

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
