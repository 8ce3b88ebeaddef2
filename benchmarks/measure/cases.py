"""Six requests and a server without sockets: what is left when the network is taken away."""

from collections.abc import Callable, Mapping
from itertools import count

from measure import traffic
from mock_server.app import create_app
from mock_server.http import judging
from mock_server.http.request_body import ReadBody
from mock_server.server_state import SERVER

CASES: Mapping[str, tuple[traffic.Template, ...]] = {
    "placed": traffic.LIFECYCLE[:1],
    "fulfilled": traffic.LIFECYCLE[:2],
    "refunded": traffic.LIFECYCLE,
    "refused": traffic.REFUSED,
    "replay": (traffic.LIFECYCLE[0], traffic.LIFECYCLE[0]),
    "401": traffic.UNAUTHORIZED,
}
"""Each case is its last request; those before it are the past that it needs."""

EXPECTED = {"refused": 400, "401": 401}
"""Statuses other than 200."""


class Handler:
    """The events endpoint with a store in memory, called as a function."""

    def __init__(self) -> None:
        self._server = create_app()[SERVER]

    def __call__(self, request: traffic.Template) -> int:
        """Judge and keep one request; the status of its reply."""
        body = ReadBody(request.body)
        # Looked up at each call, so that a clock may stand in its place.
        handled = judging.judge_and_store(
            self._server, "POST", "/sandbox/events", request.headers, body
        )
        try:
            handled.send(None)
        except StopIteration as ended:
            return int(ended.value.entry.status)
        raise RuntimeError("the store in memory waited for something")


def prepared(case: str, repeats: int, handle: Handler, first: int) -> list[traffic.Template]:
    """The last requests of so many orders, the ones before them handled already."""
    orders = [
        [step.filled(number) for step in CASES[case]] for number in range(first, first + repeats)
    ]
    for *before, _ in orders:
        for request in before:
            handle(request)
    return [requests[-1] for requests in orders]


def run(
    case: str, requests: list[traffic.Template], handle: Callable[[traffic.Template], int]
) -> None:
    """Handle them all, and hold each to the status that its case must get."""
    expected = EXPECTED.get(case, 200)
    for request in requests:
        status = handle(request)
        if status != expected:
            raise SystemExit(f"{case}: {status} instead of {expected}")


NUMBERS = count(1, 100_000)
"""Where the orders of the next batch begin."""
