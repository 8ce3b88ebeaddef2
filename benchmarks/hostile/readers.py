"""Readers of much, of the same again and again, and of nothing that they asked for."""

import time
from collections.abc import Callable, Iterator

from contracts.shorthand import bodies
from hostile.client import KEY, Hostile, connect, event, flood, get, send_all

EVENTS = 5_000
OTHER_WORLDS = 300


def _orders(number: int, key: str = KEY) -> Iterator[bytes]:
    """Orders of which each has three events and a finding."""
    for order in range(number):
        for body in bodies(f"P#{order}{{d:1, p:1>d}} F#{order}{{d:1}} R#{order}{{d:1}}@5"):
            yield event(body, key)


def _one_order(events: int) -> Iterator[bytes]:
    yield event(bodies("P#big{a:20000}")[0])
    body = bodies("F#big{a:1}")[0]
    for number in range(events):
        minutes, seconds = divmod(number, 60)
        when = f"2024-03-02T{9 + minutes // 60:02}:{minutes % 60:02}:{seconds:02}.000Z"
        body["payload"]["fulfillment_items"][0]["fulfilled_at"] = when
        yield event(body)


def _worlds() -> Iterator[bytes]:
    for world in range(OTHER_WORLDS):
        yield from _orders(3, f"{KEY}_{world}")


def _standing(requests: list[bytes]) -> Callable[[int, float], None]:
    """Connections that wait for something to read, and read it."""

    def run(port: int, until: float) -> None:
        connections = [connect(port) for _ in requests]
        for connection, request in zip(connections, requests, strict=True):
            connection.sendall(request)
            connection.setblocking(False)
        while time.monotonic() < until:
            time.sleep(0.05)
            for connection in connections:
                try:
                    connection.recv(262_144)
                except BlockingIOError:
                    continue
        for connection in connections:
            connection.close()

    return run


def _unread(path: str) -> Callable[[int, float], None]:
    """Ask, and read no reply."""

    def run(port: int, until: float) -> None:
        connections = [connect(port) for _ in range(50)]
        for connection in connections:
            connection.sendall(get(path) * 20)
        while time.monotonic() < until:
            time.sleep(0.1)
        for connection in connections:
            connection.close()

    return run


_world = send_all(_orders(EVENTS // 3))
_long_order = send_all(_one_order(EVENTS))
ALL_WORLDS = ("verdict", "coverage", "worlds?limit=1000", "orders?limit=1000")
WAIT = get("/_mock/v1/events?type=order_cancelled&wait=30")


def _reading(name: str, about: str, path: str, key: str = KEY) -> Hostile:
    return Hostile(name, about, flood([get(path, key)]), _world)


def _big_body() -> Iterator[bytes]:
    line = bodies("P#body{d:1}")[0]
    line["payload"]["line_items"][0]["custom_properties"] = {
        f"property_{n}": "<b>&" * 200 for n in range(1_000)
    }
    yield event(line)


CLIENTS = (
    Hostile(
        "waiting-readers",
        f"200 readers with wait= in a world of {EVENTS} events.",
        _standing([WAIT] * 200),
        _world,
    ),
    Hostile(
        "stream-readers",
        "300 readers of /stream.",
        _standing([get("/_mock/v1/stream")] * 300),
        _world,
    ),
    Hostile(
        "stream-replays",
        "Readers of /stream that begin at the first request, again and again.",
        flood([get("/_mock/v1/stream?after=0").replace(b"GET", b"HEAD")]),
        _world,
    ),
    _reading("long-lists", "GET /events?limit=1000.", "/_mock/v1/events?limit=1000"),
    _reading("journal", "GET /requests?limit=1000.", "/_mock/v1/requests?limit=1000"),
    _reading("findings", "GET /findings?limit=1000.", "/_mock/v1/findings?limit=1000"),
    _reading("all-orders", "GET /orders?limit=1000.", "/_mock/v1/orders?limit=1000"),
    _reading("orders-page", "The page of orders.", "/_mock/orders"),
    _reading("findings-page", "The page of findings.", "/_mock/findings"),
    Hostile(
        "unread-replies",
        "1,000 long lists that are asked for and never read.",
        _unread("/_mock/v1/events?limit=1000"),
        _world,
    ),
    Hostile(
        "long-order",
        f"GET /orders/ID of an order of {EVENTS} events.",
        flood([get("/_mock/v1/orders/ord-big")]),
        _long_order,
    ),
    Hostile(
        "long-order-page",
        "The page of that order.",
        flood([get("/_mock/orders/ord-big")]),
        _long_order,
    ),
    Hostile(
        "big-body-page",
        "The page of an event of 0.9 MB.",
        flood([get("/_mock/events/latest"), get("/_mock/v1/events/latest")]),
        send_all(_big_body()),
    ),
    Hostile(
        "all-worlds",
        f"Verdict, coverage and orders of {OTHER_WORLDS} worlds together.",
        flood(get(f"/_mock/v1/{path}", None) for path in ALL_WORLDS),
        send_all(_worlds()),
    ),
)
