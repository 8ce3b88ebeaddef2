"""The same conversations on every store, with a restart in the middle of the durable ones: the same
replies, orders, findings, journal and coverage.

`HAKUNA_CONVERSATIONS=1000` runs more of them.
"""

import itertools
import os
import random
from contextlib import suppress

import pytest
from chooser import Chooser
from model_conversations import conversation
from stores import DURABLE, shown

from contracts.faults.catalogue import CATALOGUE
from contracts.worlds.control import clock_changed, fault_armed, settings_changed
from contracts.worlds.effects import FaultsRemoved, WorldReset
from contracts.worlds.policy import Enforcement
from mock_server import Settings, create_app
from mock_server.http.judging import judge_and_store
from mock_server.http.request_body import ReadBody
from mock_server.server_state import SERVER
from mock_server.store.log import compaction
from mock_server.store.protocol import Change

CONVERSATIONS = int(os.environ.get("HAKUNA_CONVERSATIONS", "16"))
SMALL = {"max_orders": 2, "max_idempotency_keys": 2, "max_findings": 30, "journal_limit": 20}


class Played:
    """Conversations with a server, which may be started anew in between."""

    def __init__(self, state: str | None) -> None:
        self.now = 0
        self.replies = []
        self._ids = itertools.count(1)
        self._settings = Settings(state=state, **SMALL)
        self.start()

    def start(self):
        app = create_app(
            self._settings,
            clock=lambda: self.now,
            new_event_id=lambda: f"evt-00000000-0000-4000-8000-{next(self._ids):012}",
        )
        self.server = app[SERVER]
        self.server.monotonic_ns = lambda: self.now

    async def restart(self):
        await self.server.store.close()
        self.start()

    async def play(self, seed: int):
        seeded = random.Random(seed)
        for turn in conversation(Chooser(seeded.randrange)):
            self.now = turn.now
            with suppress(ValueError):
                await self._control(seeded, turn.settings)
            headers = turn.asked.headers
            if seeded.random() < 0.3:
                fault = seeded.choice([*CATALOGUE, "unavailable; times=1"])
                headers = (*headers, ("Hakuna-Mock-Fault", fault))
            asked = turn.asked
            judged = await judge_and_store(
                self.server, asked.method, asked.path, headers, ReadBody(asked.body)
            )
            self.replies.append((judged.verdict.status, judged.verdict.body, judged.delivery))

    async def _control(self, seeded, settings):
        chance, store = seeded.random(), self.server.store
        strictness = Enforcement(settings.enforcement)

        def decide(world):
            if chance < 0.1:
                asked = {"effect": seeded.choice(list(CATALOGUE)), "times": 2}
                return Change(None, fault_armed(world, asked)[1])
            if chance < 0.13:
                return Change(None, (FaultsRemoved(None),))
            if chance < 0.17:
                return Change(None, (clock_changed(world, {"advance": "3d"}, self.now),))
            if chance < 0.22:
                outage = {"outage": {"mode": "refuse", "seconds": 5}}
                return Change(None, (settings_changed(world, outage, self.now, 0),))
            if chance > 0.98:
                return Change(None, (WorldReset(),))
            return Change(None, ())

        if chance < 0.1:
            await store.change(None, decide)
        elif seeded.random() < 0.5:
            await store.change_key("sk_test_one", decide)
        else:
            await store.change_all(decide)
        policy = (await store.read()).policy(None)
        if policy.enforcement != strictness:

            def strict(world):
                asked = {"enforcement": str(strictness)}
                return Change(None, (settings_changed(world, asked, self.now, 0),))

            await store.change_all(strict)

    async def told(self):
        return {"replies": self.replies, **shown(await self.server.store.read())}


@pytest.mark.parametrize("kind", DURABLE)
async def test_a_restarted_store_tells_what_one_in_memory_tells(states, kind):
    expected, played = Played(None), Played(states.new(kind))
    for seed in range(CONVERSATIONS):
        for item in (expected, played):
            await item.play(seed)
        if seed % 3 == 0:
            await played.restart()
        told, wanted = await played.told(), await expected.told()
        assert {name: told[name] for name in wanted if told[name] != wanted[name]} == {}, seed
    await played.server.store.close()


@pytest.mark.parametrize("kind", DURABLE)
async def test_a_compacted_log_tells_the_same(states, kind, monkeypatch):
    monkeypatch.setattr(compaction, "LEAST_TAIL", 20_000)
    monkeypatch.setattr(compaction, "SHARE_OF_MEMORY", 10**9)
    expected, played = Played(None), Played(states.new(kind))
    for seed in range(CONVERSATIONS):
        for item in (expected, played):
            await item.play(1000 + seed)
    store = played.server.store
    assert store.head.snapshot_position > 0, "nothing was compacted"
    rows, _ = store.database.log_length()
    assert rows < store.position / 5, "the log still has all that the snapshot stands for"
    await played.restart()
    assert await played.told() == await expected.told()
    await played.server.store.close()
