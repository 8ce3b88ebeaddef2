"""One server under test: its connections, what it is, and the settings of its worlds."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import field
from typing import Any

from contracts.timing.rfc3339 import parse_instant
from contracts.values import dataclass
from fuzz.client.control_client import ControlClient
from fuzz.client.http_client import Reply, Target, TargetError, Watch
from fuzz.model.oracle import HttpRequest
from fuzz.model.placement import NOTHING_ELSEWHERE, Elsewhere
from fuzz.model.world_settings import WorldSettings

MAX_PARALLEL = 4

SIMILAR_KEYS = (
    ("sk_test_fuzz_{0}_a", "sk_test_fuzz_{0}_A"),
    ("sk_test_{0}_a_fuzz", "sk_test_{0}_b_fuzz"),
    ("sk_test_fuzz_{0}", "sk_test_fuzz_{0}_1"),
    ("sk_test_{0}" + "x" * 120 + "1", "sk_test_{0}" + "x" * 120 + "2"),
)
"""Two API keys that differ in the case of a letter, in the middle, in length, at the end."""


class UnusableTargetError(TargetError):
    """The target answers, but its settings leave nothing to test; the message says what to do."""


class OutOfTimeError(Exception):
    """The time of the run is over; what was under way was not finished."""


@dataclass(frozen=True)
class Received:
    """What came back: a reply, or the reason why none did. `seconds` is how long it took."""

    reply: Reply | None
    error: str = ""
    seconds: float = 0.0


@dataclass
class TargetSession:
    """The connections to one server, and what is known of it.

    `only_key` is the only API key that may be used, None if any may. `settings` are those of a
    world that no step has changed. `is_mock` says that the server is a hakuna-mock, whose findings
    and state can be read; its clock is `clock_offset` nanoseconds ahead of ours, or frozen.
    """

    url: str
    timeout: float = 10.0
    only_key: str | None = None
    admin_token: str | None = None
    settings: WorldSettings = WorldSettings()
    placed: Elsewhere = NOTHING_ELSEWHERE
    """What the orders hold that this session placed under its only key."""
    is_mock: bool = False
    clock_offset: int = 0
    frozen_at: int | None = None
    requests_sent: int = 0
    stop_asked: Callable[[], bool] = lambda: False
    """Asked before each request; KeyboardInterrupt where it says yes. (Raised by a signal, it can
    be lost: Hypothesis has a callback in the garbage collector.)"""
    expires_at: float | None = None
    """When the run must be over, on the monotonic clock; a request that would last longer raises
    OutOfTimeError."""
    watch: Watch | None = None
    """Sees every exchange; made before the first one."""
    _local: threading.local = field(default_factory=threading.local)
    _pool: ThreadPoolExecutor | None = None
    _targets: list[Target] = field(default_factory=list)

    def fresh_keys(self, tag: str, variant: int = 0) -> tuple[str, ...]:
        """The API keys of one conversation: two that nobody used, and that look alike.

        `variant` says in which way they do: each number takes the next pair of `SIMILAR_KEYS`.
        """
        if self.only_key:
            return (self.only_key,)
        first, second = SIMILAR_KEYS[variant % len(SIMILAR_KEYS)]
        return first.format(tag), second.format(tag)

    def now(self) -> int:
        """The time on the server's clock, in nanoseconds since 1970 UTC."""
        return time.time_ns() + self.clock_offset if self.frozen_at is None else self.frozen_at

    def send(self, request: HttpRequest) -> Received:
        """Send one request on this thread's connection."""
        began = time.perf_counter()
        if self.stop_asked():
            raise KeyboardInterrupt
        self.requests_sent += 1
        try:
            reply = self._ask(request.method, request.path, request.body, dict(request.headers))
        except TargetError as error:
            return Received(None, str(error), time.perf_counter() - began)
        return Received(reply, seconds=time.perf_counter() - began)

    def send_in_parallel(self, requests: Sequence[HttpRequest]) -> list[Received]:
        """Send all of them at the same moment, each on a connection of its own."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(MAX_PARALLEL)
        barrier = threading.Barrier(len(requests))

        def send_with_others(request: HttpRequest) -> Received:
            barrier.wait()
            return self.send(request)

        with self.watch.racing() if self.watch else nullcontext():
            return list(self._pool.map(send_with_others, requests))

    @property
    def control(self) -> ControlClient:
        """The control API of a hakuna-mock, over this thread's connection."""
        return ControlClient(self.url, self._ask, self.admin_token)

    def identify(self, key: str) -> None:
        """Find out what the target is; of a hakuna-mock also the settings and clock of a world.

        TargetError if it does not answer; UnusableTargetError if it answers all events with faults.
        """
        found = self.control.identify(key)
        self.is_mock = found.settings is not None
        if found.settings is not None:
            self._refuse_faults(found.settings, key)
            self.settings = WorldSettings().changed(found.settings)
            self._read_clock(key)

    def _refuse_faults(self, settings: Mapping[str, Any], key: str) -> None:
        """Faults stand between a request and its verdict: under them nothing can be compared."""
        outage = settings.get("outage")
        if outage:
            mode = outage.get("mode") if isinstance(outage, dict) else outage
            raise UnusableTargetError(
                f"{self.url} plays an outage ({mode}), so no event is judged there; end it first: "
                'PUT /_mock/v1/settings {"outage": null}'
            )
        faults = self.control.call("GET", "/faults", key).json()
        if isinstance(faults, list) and faults:
            armed = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
            raise UnusableTargetError(
                f"{self.url} has {armed} armed, so events are not answered as usual; "
                "remove them first: DELETE /_mock/v1/faults"
            )

    def _read_clock(self, key: str) -> None:
        clock = self.control.call("GET", "/clock", key).json()
        now = parse_instant(str(clock.get("now"))) if isinstance(clock, dict) else None
        self.frozen_at = now if now is not None and clock.get("frozen") else None
        self.clock_offset = 0 if now is None else now - time.time_ns()

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        /,
    ) -> Reply:
        """Ask over this thread's connection, within the time that the run has left."""
        target = self._target()
        if self.expires_at is None:
            target.limit(None)
            return target.ask(method, path, body, headers)
        remaining = self.expires_at - time.monotonic()
        if remaining <= 0:
            raise OutOfTimeError
        target.limit(remaining)
        try:
            return target.ask(method, path, body, headers)
        except TargetError:
            if time.monotonic() >= self.expires_at:
                raise OutOfTimeError from None
            raise

    def _target(self) -> Target:
        target: Target | None = getattr(self._local, "target", None)
        if target is None:
            target = self._local.target = Target(self.url, self.timeout, self.watch)
            self._targets.append(target)
        return target

    def close(self) -> None:
        """Close all connections."""
        if self._pool is not None:
            self._pool.shutdown()
        for target in self._targets:
            target.close()
