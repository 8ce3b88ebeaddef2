"""Any client, sync or async, in any kind of test."""

import pytest

EVENT = """
import json

from contracts.shorthand import bodies

EVENT = bodies("P{d:1, p:1>d}")[0]
BODY = json.dumps(EVENT).encode()
"""

CLIENTS = {
    "urllib": """
import urllib.request

def test_order(hakuna):
    request = urllib.request.Request(hakuna.events_url, BODY, hakuna.headers)
    with urllib.request.urlopen(request) as reply:
        assert reply.status == 200
    hakuna.assert_received("order_placed", count=1)
""",
    "requests": """
import requests

def test_order(hakuna):
    assert requests.post(hakuna.events_url, json=EVENT, headers=hakuna.headers).status_code == 200
    hakuna.assert_received("order_placed", count=1)
""",
    "requests with a session": """
import requests

def test_order(hakuna):
    with requests.Session() as session:
        session.headers.update(hakuna.headers)
        for number in range(3):
            event = bodies(f"P#{number}{{d:1}}")[0]
            assert session.post(hakuna.events_url, json=event).status_code == 200
    hakuna.assert_received("order_placed", count=3)
""",
    "httpx": """
import httpx

def test_order(hakuna):
    assert httpx.post(hakuna.events_url, json=EVENT, headers=hakuna.headers).status_code == 200
    hakuna.assert_received("order_placed", count=1)
""",
    "httpx in pytest-asyncio": """
import httpx, pytest

@pytest.mark.asyncio
async def test_order(hakuna):
    async with httpx.AsyncClient() as client:
        await client.post(hakuna.events_url, json=EVENT, headers=hakuna.headers)
    hakuna.assert_received("order_placed", count=1)
""",
    "httpx in anyio": """
import httpx, pytest

@pytest.fixture
def anyio_backend(): return "asyncio"

@pytest.mark.anyio
async def test_order(hakuna):
    async with httpx.AsyncClient() as client:
        await client.post(hakuna.events_url, json=EVENT, headers=hakuna.headers)
    hakuna.assert_received("order_placed", count=1)
""",
    "aiohttp in pytest-asyncio": """
import aiohttp, pytest

@pytest.mark.asyncio
async def test_order(hakuna):
    async with aiohttp.ClientSession(headers=hakuna.headers) as session:
        async with session.post(hakuna.events_url, json=EVENT) as reply:
            assert reply.status == 200
    hakuna.assert_received("order_placed", count=1)
""",
    "a shop behind pytest-aiohttp": """
import aiohttp, pytest
from aiohttp import web

@pytest.mark.asyncio
async def test_order(hakuna, aiohttp_client):
    async def checkout(request):
        async with aiohttp.ClientSession(headers=hakuna.headers) as session:
            async with session.post(hakuna.events_url, json=EVENT) as reply:
                return web.json_response(await reply.json())

    shop = web.Application()
    shop.router.add_post("/checkout", checkout)
    client = await aiohttp_client(shop)
    reply = await client.post("/checkout")
    assert (await reply.json())["event_id"].startswith("evt-")
    hakuna.assert_received("order_placed", count=1)
""",
    "a background task awaited in a thread": """
import asyncio, httpx, pytest

@pytest.mark.asyncio
async def test_order(hakuna):
    async def later():
        await asyncio.sleep(0.2)
        async with httpx.AsyncClient() as client:
            await client.post(hakuna.events_url, json=EVENT, headers=hakuna.headers)

    task = asyncio.create_task(later())
    await asyncio.to_thread(hakuna.assert_received, "order_placed", within=30)
    await task
""",
    "threads": """
import threading, requests

def test_order(hakuna):
    def sell(number):
        event = bodies(f"P#{number}{{d:1}}")[0]
        requests.post(hakuna.events_url, json=event, headers=hakuna.headers)

    threads = [threading.Thread(target=sell, args=[number]) for number in range(8)]
    for thread in threads: thread.start()
    hakuna.assert_received("order_placed", count=8, within=30)
    for thread in threads: thread.join()
""",
    "unittest with an autouse fixture": """
import unittest, pytest

class TestShop(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _world(self, hakuna): self.hakuna = hakuna

    def test_order(self):
        self.hakuna.send(EVENT)
        self.hakuna.assert_received("order_placed", count=1)
""",
}


@pytest.mark.parametrize("client", CLIENTS)
def test_a_good_shop_passes_with(inner, client):
    inner(EVENT + CLIENTS[client]).assert_outcomes(passed=1)


@pytest.mark.parametrize("client", CLIENTS)
def test_a_shop_that_sends_the_wrong_thing_fails_with(inner, client):
    # Twice the same protection as products: the placement itself breaks a rule.
    wrong = EVENT + CLIENTS[client]
    wrong = wrong.replace("p:1>d", "p:9>d").replace("{{d:1}}", "{{d:1, p:9>d}}")
    ran = inner(wrong)
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["hakuna: protection-exceeds-product"])


def test_a_unittest_class_keeps_its_own_errors_skips_and_expected_failures(inner):
    ran = inner(
        """
        import os, unittest, pytest

        @pytest.mark.usefixtures("hakuna_env")
        class TestShop(unittest.TestCase):
            def send(self):
                import requests
                key = {"Authorization": "Bearer " + os.environ["SHOP_KEY"]}
                event = {"type": "order_cancelled", "payload": {
                    "order_id": "never-placed", "cancelled_at": "2024-03-01T09:00:00Z"}}
                requests.post(os.environ["SHOP_URL"], json=event, headers=key)

            def test_violation(self):
                self.send()

            def test_own_error(self):
                self.send()
                self.assertEqual(1, 2)

            def test_skip(self):
                self.send()
                self.skipTest("not today")

            @unittest.expectedFailure
            def test_known(self):
                self.send()
                self.fail()

            @pytest.mark.hakuna(allow=["unknown-order"])
            def test_allowed(self):
                self.send()
        """,
        "-o",
        "hakuna_env=SHOP_URL = events_url\nSHOP_KEY = api_key",
    )
    ran.assert_outcomes(failed=2, skipped=1, xfailed=1, passed=1)
    ran.stdout.fnmatch_lines(["E *AssertionError: 1 != 2", "*hakuna findings*"])
    ran.stdout.fnmatch_lines(["FAILED *test_violation - Failed: hakuna: unknown-order"])


def test_workers_see_their_own_events_only(inner_process):
    ran = inner_process(
        """
        import time, pytest

        @pytest.mark.parametrize("number", range(40))
        def test_order(hakuna, number):
            for event in range(3):
                hakuna.play(f"P#{event}{{d:1}}")
                time.sleep(0.005)
                hakuna.assert_received("order_placed", count=event + 1)
            assert number != 17, "planted"
            if number == 23:
                hakuna.play("X#77")
        """,
        "-n",
        "2",
    )
    ran.assert_outcomes(passed=38, failed=2)
    ran.stdout.fnmatch_lines(["*AssertionError: planted*"])
    ran.stdout.fnmatch_lines(["hakuna: unknown-order", "*hakuna events*"])


UNITTEST = """
import unittest, pytest

class World:
    @pytest.fixture(autouse=True)
    def _world(self, hakuna): self.hakuna = hakuna

class TestExpected(World, unittest.TestCase):
    @unittest.expectedFailure
    def test_finding(self): self.hakuna.play("X#7")

    @unittest.expectedFailure
    def test_own_failure(self): self.fail()

    @unittest.expectedFailure
    def test_unexpected_success(self): self.hakuna.play("P{d:1}")

    @unittest.expectedFailure
    @pytest.mark.hakuna(allow=["unknown-order"])
    def test_permitted_finding(self): self.hakuna.play("X#7")

@unittest.expectedFailure
class TestAllExpected(World, unittest.TestCase):
    def test_finding(self): self.hakuna.play("X#7")

class TestAsync(World, unittest.IsolatedAsyncioTestCase):
    async def test_good(self): self.hakuna.play("P{d:1}")
    async def test_bad(self): self.hakuna.play("X#7")

    @unittest.expectedFailure
    async def test_finding(self): self.hakuna.play("X#7")

class TestStages(World, unittest.TestCase):
    def setUp(self): self.hakuna.play("P{d:1}")
    def tearDown(self): self.hakuna.play("F{d:1}")
    def test_received(self): self.hakuna.assert_received("order_placed", count=1)

class TestTearDown(World, unittest.TestCase):
    def tearDown(self): self.hakuna.play("X#7")
    def test_nothing(self): pass

class TestSubTests(World, unittest.TestCase):
    def test_orders(self):
        for number in range(3):
            with self.subTest(number):
                self.hakuna.play(f"P#{number}{{d:1}}")
"""


def test_unittest_classes_pass_fail_and_fail_as_expected(inner):
    ran = inner(UNITTEST, "-rA")
    lines = ran.outlines

    def outcome(name: str) -> list[str]:
        return [
            line.partition(" ")[0] for line in lines if line.endswith(name) or f"{name} -" in line
        ]

    assert outcome("TestExpected::test_finding") == ["XFAIL"]
    assert outcome("TestExpected::test_own_failure") == ["XFAIL"]
    assert outcome("TestExpected::test_unexpected_success") == ["FAILED"]
    assert outcome("TestExpected::test_permitted_finding") == ["FAILED"]
    assert outcome("TestAllExpected::test_finding") == ["XFAIL"]
    assert outcome("TestAsync::test_good") == ["PASSED"]
    assert outcome("TestAsync::test_bad") == ["FAILED"]
    assert outcome("TestAsync::test_finding") == ["XFAIL"]
    assert outcome("TestStages::test_received") == ["PASSED"]
    assert outcome("TestTearDown::test_nothing") == ["FAILED"]
    assert "PASSED" in outcome("TestSubTests::test_orders")
