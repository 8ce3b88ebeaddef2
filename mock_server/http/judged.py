"""A request that was judged: the values that go into it, and what the journal keeps of it."""

import time
from collections.abc import Callable
from typing import TypeVar

from contracts.http.credentials import mask_keys, without_live_keys
from contracts.http.request import Request
from contracts.judging.delivery import Delivery, Send
from contracts.judging.verdict import Verdict
from contracts.values import dataclass
from contracts.worlds.journal import Entry, Headers, masked_headers
from contracts.worlds.world import World
from mock_server.http.request_body import ReadBody
from mock_server.server_state import Server
from mock_server.store.protocol import Change
from mock_server.store.worker_thread import LARGE_BODY

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Judged:
    """A request that was judged and stored: the verdict, how the reply leaves, its entry."""

    verdict: Verdict
    delivery: Delivery
    entry: Entry


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request as it arrived, before it is known which world and which number it gets.

    `unnumbered` is the request for whoever looks at its headers and body only, `query` what follows
    the `?` of its target. `at` is the time on the machine's clock, `started` on the performance
    counter.
    """

    unnumbered: Request
    body: ReadBody
    query: str
    at: int
    started: float

    @classmethod
    def now(
        cls,
        server: Server,
        method: str,
        path: str,
        headers: Headers,
        body: ReadBody,
        query: str = "",
    ) -> "Arrived":
        """The same with the server's clocks and chance as they are now."""
        started = time.perf_counter()
        unnumbered = Request(
            method,
            path,
            headers,
            body.data,
            0,
            "",
            "",
            body.problem,
            server.monotonic_ns(),
            server.random_unit(),
        )
        return cls(unnumbered, body, query, server.clock(), started)

    @property
    def headers(self) -> Headers:
        """The header lines as they were sent."""
        return self.unnumbered.headers

    def request(self, server: Server, world: World, *, in_work: bool = False) -> Request:
        """The request with its number, for the world that judges it."""
        seq = server.next_seq(in_work=in_work)
        now = world.policy.clock.time(self.at)
        return self.unnumbered.numbered(seq, now, server.new_event_id(), f"req-{seq}")

    def entry(self, request: Request, verdict: Verdict, delivery: Delivery) -> Entry:
        """The request and its reply, for the journal."""
        sent = delivery if isinstance(delivery, Send) else None
        return Entry(
            seq=request.seq,
            id=request.request_id,
            received_at=request.received_at,
            method=request.method[:40],
            path=mask_keys(request.path),
            headers=masked_headers(request.headers),
            body=without_live_keys(request.body),
            status=sent.status if sent else None,
            reply_headers=sent.headers if sent else (),
            reply_body=sent.body if sent else b"",
            findings=verdict.findings,
            event_id=verdict.event_id,
            replayed=verdict.replayed,
            duration_ms=(time.perf_counter() - self.started) * 1000,
            fault=verdict.fault.effect.name if verdict.fault else None,
        )


async def decided(
    server: Server,
    arrived: Arrived,
    key: str | None,
    decide: Callable[[Request, World], Change[T]],
) -> T:
    """Number a request and decide about it in the world of its key, a large one in the worker."""
    is_large = len(arrived.body.data) >= LARGE_BODY
    seqs: list[int] = []

    def numbered(world: World) -> "Change[T]":
        request = arrived.request(server, world, in_work=is_large)
        seqs.append(request.seq)
        return decide(request, world)

    try:
        aside = server.worker.run if is_large else None
        return await server.store.change_key(key, numbered, aside)
    finally:
        server.in_work.difference_update(seqs)
