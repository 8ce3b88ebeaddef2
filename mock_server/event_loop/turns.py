"""Whose request is next: that of the client who had the least of the server lately.

A client is whoever sends one key; without a key, one connection. As long as there is time for
everybody, a request is served as it comes. Where more come than one round of the event loop should
take, they wait, and the rounds stay short: a client with a thousand connections makes its own
requests slow, not those of the others (start-time fair queueing).
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from functools import partial
from heapq import heappop, heappush
from itertools import count

ROUND_SECONDS = 0.001
"""How long requests are served before the loop looks who else came."""

APART_SECONDS = 0.00005
"""Requests that come closer behind one another than this came in the same round."""

TASK_SECONDS = 0.0003
"""What a request counts whose task does the work later."""

NEWCOMERS = object()
"""All clients that never waited before count as one: a new key for every request would else be
worth the share of as many clients.
"""

MAX_KNOWN = 4_096
"""Clients that count as known: those that waited last."""

MAX_REMEMBERED = 1_000
"""Clients whose share is remembered, where some of them have had no more than the others."""

KEY_HEADERS = frozenset(("authorization", "bearer"))


def client_of(headers: Iterable[tuple[str, str]], connection: object) -> Hashable:
    """Who sent a request: the key as it is in the header lines, or else the connection."""
    for name, value in headers:
        if name.lower() in KEY_HEADERS:
            return value
    return id(connection)


class Turns:
    """Requests that wait, by client, and how much of the server each of these had.

    Shares are seconds of a time of their own: it is where the share of the client is who was served
    last, and whoever comes back begins there.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._queues: dict[Hashable, deque[tuple[Callable[[], None], float]]] = {}
        self._next: list[tuple[float, int, Hashable]] = []
        self._shares: dict[Hashable, float] = {}
        self._known: dict[Hashable, None] = {}
        self._share_now = 0.0
        self._arrivals = count()
        self.waiting = 0
        """Requests that wait."""
        self._spent = self._ended = 0.0

    def take(self, serve: Callable[[], None], client: Callable[[], Hashable]) -> None:
        """Call `serve` as soon as it is the client's turn: mostly at once."""
        began = self._clock()
        if not self._has_time(began):
            self._wait(client(), serve, 0.0)
            return
        serve()
        self._ended = self._clock()
        self._spent += self._ended - began

    async def wait(self, client: Callable[[], Hashable]) -> None:
        """The same for a task: go on when it is its client's turn."""
        now = self._clock()
        if self._has_time(now):
            self._ended = now
            self._spent += TASK_SECONDS
            return
        turn = asyncio.get_running_loop().create_future()
        self._wait(client(), partial(_go_on, turn), TASK_SECONDS)
        await turn

    def finish(self) -> None:
        """Serve all that wait: the server ends."""
        while self.waiting:
            self._serve_next()

    def _has_time(self, now: float) -> bool:
        if self.waiting:
            return False
        if now - self._ended > APART_SECONDS:
            self._spent = 0.0
        return self._spent < ROUND_SECONDS

    def _wait(self, client: Hashable, serve: Callable[[], None], at_least: float) -> None:
        if not self.waiting:
            asyncio.get_running_loop().call_soon(self._serve_a_round)
        client = client if self._knows(client) else NEWCOMERS
        queue = self._queues.get(client)
        if queue is None:
            queue = self._queues[client] = deque()
            self._enqueue(client, max(self._share_now, self._shares.get(client, 0.0)))
        queue.append((serve, at_least))
        self.waiting += 1

    def _knows(self, client: Hashable) -> bool:
        """Whether the client waited before; from now on it did."""
        knows = client in self._known
        self._known.pop(client, None)
        self._known[client] = None
        if len(self._known) > MAX_KNOWN:
            del self._known[next(iter(self._known))]
        return knows

    def _enqueue(self, client: Hashable, share: float) -> None:
        heappush(self._next, (share, next(self._arrivals), client))

    def _serve_a_round(self) -> None:
        spent = 0.0
        try:
            while self.waiting and spent < ROUND_SECONDS:
                spent += self._serve_next()
        finally:
            self._spent, self._ended = spent, self._clock()
            if self.waiting:
                asyncio.get_running_loop().call_soon(self._serve_a_round)

    def _serve_next(self) -> float:
        """Serve the client with the smallest share; the seconds that it took."""
        self._share_now, _, client = heappop(self._next)
        queue = self._queues[client]
        serve, at_least = queue.popleft()
        self.waiting -= 1
        began = self._clock()
        try:
            serve()
        finally:
            took = max(self._clock() - began, at_least)
            self._shares[client] = share = self._share_now + took
            if queue:
                self._enqueue(client, share)
            else:
                del self._queues[client]
                self._forget()
        return took

    def _forget(self) -> None:
        """Forget shares that say nothing: nobody waits, or the others had as much since."""
        if not self.waiting:
            self._shares.clear()
            self._share_now = 0.0
        elif len(self._shares) > MAX_REMEMBERED:
            self._shares = {c: s for c, s in self._shares.items() if s > self._share_now}


def _go_on(turn: asyncio.Future[None]) -> None:
    if not turn.done():  # one that is gone waits for nothing
        turn.set_result(None)
