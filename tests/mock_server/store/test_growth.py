"""Once its bounds are reached, a server holds as much after thousands of requests as before."""

import gc
import itertools
import json

from server_mock import LIVE_KEY

from contracts.judging.replies import ENDPOINT
from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies
from mock_server import Settings, create_app
from mock_server.http.judging import judge_and_store
from mock_server.http.request_body import ReadBody
from mock_server.server_state import SERVER

SMALL = Settings(
    max_worlds=4, max_orders=30, max_idempotency_keys=40, max_findings=50, journal_limit=20
)
STORIES = (
    "P#{n}{{d:1, p:1>d}} F#{n}{{d:1}} R#{n}{{d:1}}@5",
    "P#{n}{{d:1}} X#{n} X#{n}@4",
    "F#{n}{{d:1}} R#{n}{{d:1}}@5 P#{n}{{d:2}}",
    "P#{n}{{d:3}} F#{n}{{d:1}}@1 F#{n}{{d:1}}@1 F#{n}{{zz:1}}@2",
    "R#{n}{{d:1}}",
)
NUMBERS = itertools.count()


async def shop(server, requests: int) -> None:
    """So many requests of many shops: good and bad events, repeated, refused, under odd keys."""
    for _ in range(requests // 5):
        n = next(NUMBERS)
        key = f"sk_test_shop{n % 7 if n % 50 else n}"  # seven shops, and now and then a new one
        for place, body in enumerate(bodies(STORIES[n % len(STORIES)].format(n=n))):
            headers = tuple(usual_headers(n * 10 + place, key).items())
            raw = json.dumps(body).encode()
            await judge_and_store(server, "POST", ENDPOINT, headers, ReadBody(raw))
        await judge_and_store(server, "POST", ENDPOINT, headers, ReadBody(raw))  # a replay
        for asked, data in ((headers, b"{"), (headers, b"{}"), ((), raw)):
            await judge_and_store(server, "POST", ENDPOINT, asked, ReadBody(data))
        live = (("Authorization", f"Bearer {LIVE_KEY}"),)
        await judge_and_store(server, "GET", f"/elsewhere/{n}", live, ReadBody(b""))


def held() -> int:
    """How many containers the process holds; whatever grows, grows by some of them."""
    gc.collect()
    return len(gc.get_objects())


async def test_nothing_grows_once_the_bounds_are_reached():
    server = create_app(SMALL)[SERVER]
    await shop(server, 1_500)
    before = held()
    await shop(server, 3_000)
    grown = held() - before
    health = (await server.store.read()).evicted(None)
    assert min(health.worlds, health.orders, health.keys, health.findings, health.requests) > 100
    assert grown < 300, f"{grown} objects more after 3,000 requests"
