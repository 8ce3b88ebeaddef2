"""What the benchmarks send, as templates: each order has a number and times of its own.

A template holds two markers, `ORDER` and `TIME`, as long as what replaces them, so that a filled
request has the length that its head names. Clients in Python, the Lua script of wrk and the
benchmarks without sockets all fill the same templates.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies

ORDER = b"ORDERORDE"
"""Where the number of the order goes."""
TIME = b"HH:MM:SS"
"""Where the order's time of day goes: no two neighbours share their timestamps."""
KEY = "sk_test_bench"
SHORTHAND_TIME = b"T09:00:00"
ORDERS_AT_ONCE = 384
"""Orders that are under way together; an order's next event follows after as many requests."""


@dataclass(frozen=True)
class Template:
    """A request to POST /sandbox/events."""

    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def raw(self) -> bytes:
        """Head and body, with the markers still in them."""
        lines = ["POST /sandbox/events HTTP/1.1", "Host: 127.0.0.1"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines += [f"Content-Length: {len(self.body)}", "", ""]
        return "\r\n".join(lines).encode() + self.body

    def filled(self, order: int) -> "Template":
        """The same for one order."""
        headers = tuple(
            (name, fill(value.encode(), order).decode()) for name, value in self.headers
        )
        return Template(headers, fill(self.body, order))


def fill(text: bytes, order: int) -> bytes:
    """The text with an order's number and time of day."""
    minutes, seconds = divmod(order % 86_400, 60)
    time = b"%02d:%02d:%02d" % (*divmod(minutes, 60), seconds)
    return text.replace(ORDER, b"%09d" % order).replace(TIME, time)


def template(body: bytes, step: int = 0, key: str = KEY) -> Template:
    """A body with the headers of a good client; `step` tells the events of an order apart."""
    headers = usual_headers(0, key) | {"Hakuna-Idempotency-Key": f"{ORDER.decode()}-{step:06}"}
    return Template(tuple(headers.items()), body.replace(SHORTHAND_TIME, b"T" + TIME))


def templates(shorthand: str, key: str = KEY) -> tuple[Template, ...]:
    """One template an event; in the shorthand the order is called `#N`."""
    plays = bodies(shorthand.replace("#N", f"#{ORDER.decode()}"))
    return tuple(template(json.dumps(body).encode(), step, key) for step, body in enumerate(plays))


def in_turn(steps: Sequence[bytes], first: int = 0) -> Iterator[bytes]:
    """Requests without end: `ORDERS_AT_ONCE` orders, step by step, and then the next ones."""
    for start in count(first, ORDERS_AT_ONCE):
        for step in steps:
            for order in range(start, start + ORDERS_AT_ONCE):
                yield fill(step, order)


def raw(steps: Iterable[Template]) -> tuple[bytes, ...]:
    """The templates as bytes for a socket."""
    return tuple(step.raw for step in steps)


LIFECYCLE = templates("P#N{d:2, p:2>d, a:1} F#N{d:2, a:1} R#N{d:1, p:1}@5")
"""A placement of three lines, a fulfilment, a refund with its plan: nothing to complain about."""

UNAUTHORIZED = (
    Template((("Authorization", "Bearer nobody"), *LIFECYCLE[0].headers[1:]), LIFECYCLE[0].body),
)


def _broken(body: bytes) -> bytes:
    """The placement with five faults."""
    document = json.loads(body)
    payload = document["payload"]
    payload["order_currency"] = "EURO"
    del payload["placed_at"]
    payload["customer"]["email"] = 5
    payload["customer_billing_address"]["country"] = "Germany"
    payload["line_items"][0]["quantity"] = "2"
    return json.dumps(document).encode()


REFUSED = (template(_broken(LIFECYCLE[0].body)),)
"""A placement with five faults, each of its own kind."""

LINES = 100
PLACEMENT_OF_100 = templates(
    "P#N{" + ", ".join(f"d{n}:2, p{n}:2>d{n}" for n in range(LINES // 2)) + "}"
)
