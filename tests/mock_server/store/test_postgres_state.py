"""PostgreSQL as the state: servers that share worlds, a database that goes away, refusals."""

import asyncio
import itertools
import json
import time

import pytest
from postgres_cluster import PASSWORD
from server_mock import KEY, OTHER_KEY, Mock, event
from stores import Keeper, cluster_or_skip

from mock_server import Settings, create_app
from mock_server.server_state import SERVER
from mock_server.start_error import StartError
from mock_server.store.log import compaction
from mock_server.store.log.postgres import PostgresDatabase
from mock_server.store.opening import open_store


@pytest.fixture
def url(cluster):
    return cluster.database()


@pytest.fixture
def start(aiohttp_client, url):
    """Starts a server over the database of this test."""

    numbers = itertools.count(1)

    async def one(**settings) -> Mock:
        mock = Mock(await aiohttp_client(create_app(Settings(state=url, **settings))))
        mock._numbers = numbers  # idempotency keys that no other server has seen
        return mock

    return one


@pytest.fixture
async def two(start):
    return await start(), await start()


async def until(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.05)


class TestServersThatShareWorlds:
    async def test_an_order_goes_on_at_the_other_server(self, two):
        first, second = two
        await first.play("P{d:2, p:2>d} F{d:1}")
        (fulfilled,) = await second.play("F{d:2}")
        assert fulfilled.rules == ["over-fulfillment"]
        (order,) = await first.get("/orders")
        assert [line["fulfilled"] for line in order["lines"]] == [2, 0]
        assert await second.everything() == await first.everything()

    async def test_a_retry_at_the_other_server_is_answered_from_memory(self, two):
        first, second = two
        same = {"Hakuna-Idempotency-Key": "one-and-the-same"}
        accepted = await first.send(event("P{d:1}"), changes=same)
        again = await second.send(event("P{d:1}"), changes=same)
        assert again.event_id == accepted.event_id
        assert again.headers["Hakuna-Mock-Replayed"] == "true"
        assert (await second.send(event("P#2{d:1}"), changes=same)).status == 400

    async def test_twins_at_both_servers_at_once_are_accepted_once(self, two):
        for number in range(10):
            same = {"Hakuna-Idempotency-Key": f"twin-{number}"}
            body = event(f"P#{number}{{d:1}}")
            twins = await asyncio.gather(*(item.send(body, changes=same) for item in two))
            assert len({twin.event_id for twin in twins}) == 1
        assert len(await two[0].get("/events")) == 10

    async def test_numbers_and_ids_are_given_out_once(self, two):
        await asyncio.gather(
            *(mock.send(event(f"P#{n}{{d:1}}"), key=KEY) for n in range(30) for mock in two)
        )
        rows = await two[1].get("/requests?limit=1000")
        assert [row["seq"] for row in rows] == list(range(1, 61))
        assert len({row["event_id"] for row in rows}) == 60 - sum(row["replayed"] for row in rows)

    async def test_a_fault_plays_as_often_as_it_says_whoever_is_asked(self, two):
        await two[0].control("/faults", method="POST", body={"effect": "unavailable", "times": 3})
        replies = [
            await two[n % 2].send(event(f"P#{n}{{d:1}}"), key=(KEY, OTHER_KEY)[n // 2 % 2])
            for n in range(6)
        ]
        assert [reply.status for reply in replies] == [503, 503, 503, 200, 200, 200]
        for mock in two:
            (fault,) = await mock.get("/faults")
            assert (fault["seen"], fault["played"]) == (6, 3)

    async def test_settings_and_clocks_of_all_worlds_hold_at_both(self, two):
        first, second = two
        await first.play("P{d:1, p:1>d} F{d:1}")
        await first.put_settings({"enforcement": "reject"})
        forgotten = event("P{d:1, p:1>d} F{d:1} R{d:1}@5")
        assert (await second.send(forgotten)).status == 400
        assert (await second.send(forgotten, key=OTHER_KEY)).status == 404
        await second.control("/clock", method="POST", body={"freeze": "2026-01-01T00:00:00Z"})
        assert (await first.get("/clock"))["now"].startswith("2026-01-01")

    async def test_a_reset_at_one_is_a_reset_at_both(self, two):
        first, second = two
        await first.play("P{d:1}")
        await second.reset(key=KEY)
        assert await first.get("/orders", key=KEY) == []
        (placed,) = await first.play("P{d:1}")
        assert placed.rules == []

    async def test_a_wait_sees_what_the_other_server_accepted(self, two):
        first, second = two
        waiting = asyncio.create_task(second.get("/events?wait=20"))
        await asyncio.sleep(0.3)
        (placed,) = await first.play("P{d:1}")
        began = time.monotonic()
        rows = await waiting
        assert [row["event_id"] for row in rows] == [placed.event_id]
        assert time.monotonic() - began < 15, "it waited for its end"

    async def test_a_stream_tells_what_the_other_server_was_asked(self, two):
        first, second = two
        async with second.client.get("/_mock/v1/stream") as stream:
            hello = [await stream.content.readline() for _ in range(4)]
            assert json.loads(hello[2].removeprefix(b"data: "))["after"] == 0
            (placed,) = await first.play("P{d:1}")
            message = [await stream.content.readline() for _ in range(3)]
        assert json.loads(message[2].removeprefix(b"data: "))["event_id"] == placed.event_id

    async def test_clocks_that_differ_change_nothing_about_the_order_of_events(self, start):
        ahead, behind = await start(), await start()
        for mock, offset in ((ahead, 3600), (behind, -3600)):
            server = mock.client.app[SERVER]
            server.clock = lambda offset=offset: time.time_ns() + offset * 10**9
        await ahead.play("P{d:2}")
        await behind.play("F{d:1}")
        await ahead.play("F{d:1}")
        rows = await behind.get("/events")
        assert [row["type"] for row in rows] == ["order_placed"] + ["order_fulfillment_added"] * 2
        assert await ahead.get("/orders") == await behind.get("/orders")

    async def test_what_one_compacts_the_other_still_follows(self, states, url, monkeypatch):
        item, other = Keeper(states.open(url)), Keeper(states.open(url))
        await item.play("P#1{d:1}")
        await other.store.read()
        await item.play("P#2{d:1} F#2{d:1}")
        monkeypatch.setattr(compaction, "LEAST_TAIL", 1)
        monkeypatch.setattr(compaction, "SHARE_OF_MEMORY", 10**9)
        item.store._compaction.consider()
        await item.store._compaction._running
        assert item.store.head.snapshot_position == item.store.position
        assert await other.held() == await item.held()
        other.seq = 100
        await other.play("F#1{d:1}")
        assert await item.held() == await other.held()


class TestTheDatabaseGoesAway:
    @pytest.fixture(scope="class")
    @classmethod
    def cluster(cls):
        own = cluster_or_skip()
        yield own
        own.end()

    async def test_it_restarts_and_everything_goes_on(self, two, cluster):
        first, second = two
        (placed,) = await first.play("P{d:1}")
        cluster.stop("immediate")
        refused = await second.send(event("F{d:1}"))
        assert (refused.status, refused.code) == (503, "unavailable")
        assert "Retry-After" in refused.headers
        assert PASSWORD not in refused.body.decode()
        for mock in two:

            async def ill(mock=mock):
                return (await mock.control("/health")).status == 503

            await until(ill)
        assert (await first.control("/orders")).status == 503
        cluster.start()
        for mock in two:

            async def well(mock=mock):
                return (await mock.control("/health")).status == 200

            await until(well)
        assert [row["event_id"] for row in await second.get("/events")] == [placed.event_id]
        assert (await second.send(event("F{d:1}"))).rules == []

    async def test_it_hangs_and_clients_are_told_in_time(self, two, cluster, monkeypatch):
        monkeypatch.setattr(PostgresDatabase, "answer_seconds", 1.0)
        first, second = two
        await first.play("P{d:1}")
        cluster.freeze()
        try:
            asked = [mock.send(event(f"P#{n}{{d:1}}")) for n in (2, 3) for mock in two]
            replies = await asyncio.wait_for(asyncio.gather(*asked), 10)
            assert {reply.status for reply in replies} == {503}
            health = await asyncio.wait_for(second.control("/health"), 5)
            assert (health.status, health.json["status"]) == (503, "unavailable")
        finally:
            cluster.thaw()
        for mock in two:

            async def well(mock=mock):
                return (await mock.control("/health")).status == 200

            await until(well)
        rows = await first.get("/events")
        assert len({row["event_id"] for row in rows}) == len(rows)
        assert rows == await second.get("/events")


class TestRefusals:
    def refused(self, state) -> str:
        settings = Settings(state=state)
        with pytest.raises(StartError) as caught:
            open_store(settings.state, settings.policy, settings.bounds)
        assert PASSWORD not in str(caught.value)
        return str(caught.value)

    def test_a_wrong_password(self, cluster):
        message = self.refused(cluster.url("postgres", "not-it"))
        assert "password authentication failed" in message
        assert "PGPASSWORD" in message
        assert "not-it" not in message

    def test_no_password(self, cluster):
        assert "PGPASSWORD" in self.refused(cluster.url("postgres", None))

    def test_a_database_that_is_not_there(self, cluster):
        assert "createdb" in self.refused(cluster.url("nowhere"))

    def test_a_database_of_another_encoding(self, cluster):
        assert "is LATIN1" in self.refused(cluster.database("LATIN1"))

    def test_a_server_that_is_not_there(self):
        message = self.refused("postgresql://shop:s3cret-w0rd@127.0.0.1:1/shop")
        assert "is PostgreSQL running there" in message

    def test_a_log_of_a_later_release(self, cluster, url):
        settings = Settings(state=url)
        open_store(url, settings.policy, settings.bounds)._database.close()
        name = url.rsplit("/", 1)[1]
        cluster.execute("UPDATE hakuna_mock_version SET version_num = '9999'", name)
        assert "later release" in self.refused(url)

    async def test_a_later_release_takes_over_while_we_run(self, start, cluster, url):
        mock = await start()
        await mock.play("P{d:1}")
        name = url.rsplit("/", 1)[1]
        cluster.execute("UPDATE hakuna_mock_head SET effects_version = 99", name)
        refused = await mock.send(event("F{d:1}"))
        assert refused.status == 503
        assert "later release" in refused.errors[0]

    def test_the_password_comes_from_the_environment(self, url, monkeypatch):
        monkeypatch.setenv("PGPASSWORD", PASSWORD)
        bare = url.replace(f":{PASSWORD}", "")
        store = open_store(bare, Settings().policy, Settings().bounds)
        store._database.close()

    def test_or_from_a_file(self, cluster, url, tmp_path):
        secrets = tmp_path / "pgpass"
        secrets.write_text(f"127.0.0.1:{cluster.port}:*:shop:{PASSWORD}\n")
        secrets.chmod(0o600)
        bare = url.replace(f":{PASSWORD}", "") + f"?passfile={secrets}"
        store = open_store(bare, Settings().policy, Settings().bounds)
        store._database.close()
