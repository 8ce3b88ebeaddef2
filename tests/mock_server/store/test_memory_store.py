"""The store in memory: worlds by key, all of a verdict or nothing."""

import pytest
from server_entries import entry
from server_mock import KEY, OTHER_KEY, encoded, event

from contracts.findings.finding import Severity
from contracts.http.request import Request
from contracts.judging.judge import address, judge
from contracts.judging.policy import Policy
from contracts.judging.replies import ENDPOINT
from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies
from contracts.timing.rfc3339 import parse_instant
from mock_server.store.memory import MemoryStore, world_id_of
from mock_server.store.protocol import Arrived

NOW = parse_instant("2026-01-01T00:00:00Z")
FORGOTTEN = "P{d:1, p:1>d} F{d:1} R{d:1}@5"


class Keeper:
    """A store, and requests that are judged in it."""

    def __init__(self, journal_limit: int = 100) -> None:
        self.store = MemoryStore(Policy(), journal_limit)
        self.seq = 0

    async def decide(self, body, key=KEY, with_judge=judge):
        self.seq += 1
        headers = tuple(usual_headers(self.seq, key).items())
        event_id = f"evt-00000000-0000-4000-8000-{self.seq:012}"
        raw = encoded(body)
        asked = Request("POST", ENDPOINT, headers, raw, NOW, event_id, f"req-{self.seq}")
        return await self.store.decide(
            address(asked, Policy()),
            Arrived(self.seq, NOW, raw),
            lambda world, policy: with_judge(asked, world, policy),
        )

    async def play(self, shorthand, key=KEY):
        return [await self.decide(body, key) for body in bodies(shorthand)]

    async def held(self):
        """All that is held, as text to be compared."""
        store = self.store
        return repr(
            [
                await store.worlds(),
                await store.events(None),
                await store.orders(None),
                await store.findings(None),
                await store.open_counts(None),
            ]
        )


@pytest.fixture
def keeper() -> Keeper:
    return Keeper()


def test_a_world_s_name_follows_from_its_key_and_does_not_show_it():
    assert world_id_of(KEY) == world_id_of(KEY) != world_id_of(OTHER_KEY)
    assert KEY[8:] not in world_id_of(KEY)


async def test_a_judgement_that_fails_leaves_nothing_behind(keeper):
    await keeper.play("P{d:1}")
    before = await keeper.held()

    def failing(*_):
        raise RuntimeError("a rule with a bug")

    with pytest.raises(RuntimeError):
        await keeper.decide(event("F{d:1}"), with_judge=failing)
    assert await keeper.held() == before


async def test_a_refusal_adds_its_findings_and_nothing_else(keeper):
    await keeper.play("P{d:1}")
    await keeper.decide(b"{")
    assert len((await keeper.store.events(None)).rows) == 1
    ((_, finding),) = (await keeper.store.findings(None)).rows
    assert finding.rule == "body-invalid"


async def test_a_judgement_sees_its_own_world_only(keeper):
    seen = []

    def looking(asked, world, policy):
        seen.append(world.order("ord-1"))
        return judge(asked, world, policy)

    await keeper.play("P{d:1}", KEY)
    await keeper.decide(event("F{d:1}"), OTHER_KEY, looking)
    await keeper.decide(event("F{d:1}"), KEY, looking)
    assert [order is not None for order in seen] == [False, True]


async def test_every_list_is_oldest_first_over_all_worlds(keeper):
    for key in (KEY, OTHER_KEY, KEY, OTHER_KEY):
        await keeper.decide(event("F#9{d:1}"), key)
    assert [seq for seq, _ in (await keeper.store.events(None)).rows] == [1, 2, 3, 4]
    found = (await keeper.store.findings(None)).rows
    assert [number for number, _ in found] == sorted({number for number, _ in found})
    requests = [finding.request_id for _, finding in found]
    assert requests == sorted(requests)


async def test_open_counts_follow_resolutions(keeper):
    await keeper.play(FORGOTTEN)
    assert (await keeper.store.open_counts(None))[Severity.VIOLATION] == 1
    await keeper.play("R{p:1}@6")
    assert (await keeper.store.open_counts(None))[Severity.VIOLATION] == 0


async def test_reset_and_delete_of_nothing_are_harmless(keeper):
    await keeper.store.reset("w-unknown")
    await keeper.store.reset(None)
    assert await keeper.store.delete("w-unknown") is False
    assert await keeper.store.worlds() == []


async def test_an_unknown_world_is_empty(keeper):
    await keeper.play(FORGOTTEN)
    store = keeper.store
    for listing in (store.events, store.requests, store.orders, store.findings):
        assert (await listing("w-unknown")).rows == []
    assert await store.event("w-unknown", "latest") is None
    assert (await store.world("w-unknown")).order("ord-1") is None
    assert sum((await store.open_counts("w-unknown")).values()) == 0


async def test_the_policy_of_all_reaches_worlds_that_come_later(keeper):
    strict = Policy(levels={"zip-format": "off"})
    await keeper.play("P{d:1}", KEY)
    await keeper.store.set_policy(None, None, strict)
    await keeper.play("P{d:1}", OTHER_KEY)
    for key in (KEY, OTHER_KEY):
        assert await keeper.store.policy(world_id_of(key)) == strict


async def test_a_policy_for_a_world_that_is_gone_is_no_crash(keeper):
    await keeper.play("P{d:1}")
    world = world_id_of(KEY)
    await keeper.store.delete(world)
    await keeper.store.set_policy(None, world, Policy())
    assert len(await keeper.store.worlds()) <= 1


async def test_journals_are_bounded_each_and_counted_together():
    keeper = Keeper(journal_limit=2)
    for number in range(5):
        await keeper.store.journal(KEY, entry(number))
        await keeper.store.journal(None, entry(number + 10))
    assert (await keeper.store.requests(world_id_of(KEY))).evicted == 3
    everything = await keeper.store.requests(None)
    assert everything.evicted == 6
    assert [row.world_id for _, row in everything.rows] == [world_id_of(KEY)] * 2 + [None] * 2


async def test_an_event_of_no_order_of_this_world_is_not_found(keeper):
    (verdict,) = await keeper.play("P{d:1}")
    assert await keeper.store.event(world_id_of(OTHER_KEY), verdict.event_id) is None
    assert (await keeper.store.event(None, verdict.event_id)).order_id == "ord-1"
