"""Holding every exchange of a run against what is assumed of a provider.

A watch sees each request of `verify` or `fuzz` and its reply, keeps the worlds that the provider
must have by now, and counts what each exchange says about the assumptions.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from contracts.drift.drift import Drift, merged
from contracts.drift.exchange import ProviderReply
from contracts.faults.fault import FAULT_HEADER
from contracts.http.credentials import read_credentials
from contracts.http.request import Request
from contracts.judging.replies import ENDPOINT
from contracts.judging.session import Session
from contracts.judging.shadow import shadow
from contracts.timing.rfc3339 import Instant
from contracts.worlds.policy import Policy
from contracts.worlds.world import World
from fuzz.client.control_client import CONTROL
from fuzz.client.http_client import Exchange

MAX_WORLDS = 100
"""Worlds that are kept; of older ones only what they showed."""


class DriftWatch:
    """Sees the exchanges of a run; `policy` says which rules are judged, `now` tells the time."""

    def __init__(
        self, url: str, policy: Policy | None = None, now: Callable[[], Instant] = time.time_ns
    ) -> None:
        self.url = url
        self.now = now
        self._policy = policy or Policy()
        self._sessions: OrderedDict[str | None, Session] = OrderedDict()
        self._changed: set[str] = set()
        self._gone = Drift()
        self._seen = 0
        self._racing = False
        self._lock = threading.Lock()

    @property
    def drift(self) -> Drift:
        """Everything so far."""
        with self._lock:
            parts = [session.world.drift for session in self._sessions.values()]
            found = merged([self._gone, *parts])
        found.upstreams = (self.url,)
        return found

    @contextmanager
    def racing(self) -> Iterator[None]:
        """Within this, requests are sent at once: nobody knows in which order they arrive."""
        self._racing = True
        try:
            yield
        finally:
            self._racing = False

    def saw(self, exchange: Exchange) -> None:
        """Take note of one exchange, whatever was asked."""
        with self._lock:
            if exchange.method == "POST" and exchange.path == ENDPOINT:
                self._compare(exchange)
            elif exchange.path.startswith(CONTROL) and exchange.method != "GET":
                self._control(exchange)

    def _compare(self, exchange: Exchange) -> None:
        if _is_on_demand(exchange):
            return
        self._seen += 1
        request = Request(
            "POST",
            ENDPOINT,
            tuple(exchange.headers.items()),
            exchange.body,
            self.now(),
            f"evt-{self._seen:08}",
            f"{self._seen}",
            monotonic_ns=time.monotonic_ns(),
            seq=self._seen,
        )
        credentials = read_credentials(request, self._policy)
        session = self._session(credentials.key)
        compares = not self._racing and credentials.key not in self._changed
        reply = _provider_reply(exchange)
        shadowed = shadow(
            request, session.world, reply, credentials, complete=True, compares=compares
        )
        session.apply(shadowed.effects)

    def _session(self, key: str | None) -> Session:
        session = self._sessions.get(key)
        if session is None:
            session = self._sessions[key] = Session(World(self._policy))
            if len(self._sessions) > MAX_WORLDS:
                _, oldest = self._sessions.popitem(last=False)
                self._gone.merge(oldest.world.drift)
        else:
            self._sessions.move_to_end(key)
        return session

    def _control(self, exchange: Exchange) -> None:
        """A call that changes a world of a hakuna-mock: from now on it differs on purpose."""
        if exchange.path.startswith(f"{CONTROL}/check"):
            return
        authorization = exchange.headers.get("Authorization", "")
        self._changed.add(authorization.partition(" ")[2])


def _is_on_demand(exchange: Exchange) -> bool:
    names = {name.lower() for name in exchange.headers}
    return FAULT_HEADER.lower() in names or b"--mock-" in exchange.body


def _provider_reply(exchange: Exchange) -> ProviderReply:
    reply, spent = exchange.reply, exchange.seconds * 1000
    if reply is None:
        return ProviderReply(None, duration_ms=spent, error=exchange.error, late=exchange.late)
    headers: Mapping[str, str] = reply.headers
    return ProviderReply(reply.status, tuple(headers.items()), reply.body, spent)
