"""Every store: worlds by key, all that was decided or nothing."""

import threading

import pytest
from server_entries import entry
from server_mock import KEY, OTHER_KEY, event
from stores import ALL, Keeper

from contracts.findings.finding import Severity
from contracts.judging.judge import judge
from contracts.worlds.effects import PolicyChanged, RequestRecorded, WorldReset
from contracts.worlds.policy import Policy
from contracts.worlds.retention import Bounds
from mock_server.store.memory import world_id_of
from mock_server.store.protocol import Change, UnknownWorldError
from mock_server.store.worker_thread import WorkerThread

FORGOTTEN = "P{d:1, p:1>d} F{d:1} R{d:1}@5"


@pytest.fixture
def keep(states, kind):
    """Opens a store of each kind, with the bounds that a test wants."""
    return lambda bounds=None: Keeper(states.open(states.new(kind), bounds))


@pytest.fixture
def keeper(keep) -> Keeper:
    return keep()


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


async def test_a_change_of_all_worlds_that_fails_in_one_changes_none(keeper):
    await keeper.play("P{d:1}", KEY)
    await keeper.play("P{d:1}", OTHER_KEY)
    last = (await keeper.store.read()).world_ids()[-1]
    await keeper.tell(last, Policy(retries_per_second=9))

    def decide(world):
        if world.policy.retries_per_second == 9:
            raise ValueError("not here")
        return Change(None, (WorldReset(),))

    with pytest.raises(ValueError, match="not here"):
        await keeper.store.change_all(decide)
    assert (await keeper.store.read()).counts() == (2, 2)


async def test_what_is_decided_aside_is_kept_like_the_rest(keeper):
    worker = WorkerThread()
    for number in (1, 2):
        effects = (RequestRecorded(entry(number)),)
        decided_in = await keeper.store.change_key(
            KEY, lambda _, effects=effects: Change(threading.get_ident(), effects), worker.run
        )
        assert decided_in != threading.get_ident()
    await keeper.record(KEY, 3)
    rows = (await keeper.store.read()).requests(world_id_of(KEY), **ALL).rows
    assert [seq for seq, _ in rows] == [1, 2, 3]

    def failing(_):
        raise RuntimeError("a rule with a bug")

    with pytest.raises(RuntimeError):
        await keeper.store.change_key(KEY, failing, worker.run)
    with pytest.raises(UnknownWorldError):
        await keeper.store.change("w-unknown", failing, worker.run)
    await keeper.record(KEY, 4)
    worker.close()


async def test_a_refusal_adds_its_findings_and_nothing_else(keeper):
    await keeper.play("P{d:1}")
    await keeper.decide(b"{")
    reader = await keeper.store.read()
    assert reader.events(None, **ALL).total == 1
    ((_, finding),) = reader.findings(None, **ALL).rows
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
    reader = await keeper.store.read()
    assert [seq for seq, _ in reader.events(None, **ALL).rows] == [1, 2, 3, 4]
    found = reader.findings(None, **ALL).rows
    assert [number for number, _ in found] == sorted({number for number, _ in found})
    requests = [finding.request_id for _, finding in found]
    assert requests == sorted(requests)


async def test_pages_of_a_list_follow_each_other_without_gaps(keeper):
    await keeper.play(" ".join(f"P#{n}{{d:1}}" for n in range(7)))
    reader = await keeper.store.read()
    seen, after, more = [], 0, True
    while more:
        page = reader.events(None, after=after, limit=3)
        seen += [row.record.order_id for _, row in page.rows]
        after, more = page.rows[-1][0], page.more
        assert page.total == 7
    assert seen == [f"ord-{n}" for n in range(7)]


async def test_newest_first_each_row_belongs_to_its_own_world(keeper):
    for number, key in enumerate((KEY, OTHER_KEY, KEY, OTHER_KEY)):
        await keeper.decide(event(f"P#{number}{{d:1}}"), key)
        await keeper.record(key, number)
    reader = await keeper.store.read()
    worlds = [world_id_of(OTHER_KEY), world_id_of(KEY)] * 2
    assert [row.world_id for row in reader.requests_before(None)] == worlds
    newest = list(reader.orders_before(None))
    assert [(row.world_id, row.order.order_id) for _, row in newest] == list(
        zip(worlds, [f"ord-{number}" for number in (3, 2, 1, 0)], strict=True)
    )
    assert [number for number, _ in reader.orders_before(None, before=3)] == [2, 1]


async def test_filters_count_what_matches(keeper):
    await keeper.play("P#1{d:2} F#1{d:1} P#2{d:1} F#1{d:1}")
    reader = await keeper.store.read()
    shipped = reader.events(None, **ALL, type="order_fulfillment_added")
    assert (shipped.total, len(shipped.rows)) == (2, 2)
    of_order = reader.events(None, after=1, limit=1, order_id="ord-1")
    assert (of_order.total, [seq for seq, _ in of_order.rows], of_order.more) == (3, [2], True)


async def test_open_counts_follow_resolutions(keeper):
    await keeper.play(FORGOTTEN)
    assert (await keeper.store.read()).open_counts(None)[Severity.VIOLATION] == 1
    await keeper.play("R{p:1}@6")
    assert (await keeper.store.read()).open_counts(None)[Severity.VIOLATION] == 0


async def test_a_world_that_does_not_exist_cannot_be_changed_or_deleted(keeper):
    with pytest.raises(UnknownWorldError):
        await keeper.store.delete("w-unknown")
    with pytest.raises(UnknownWorldError):
        await keeper.tell("w-unknown", Policy())
    assert (await keeper.store.read()).world_ids() == []


async def test_an_unknown_world_is_empty(keeper):
    await keeper.play(FORGOTTEN)
    reader = await keeper.store.read()
    for listing in (reader.events, reader.requests, reader.orders, reader.findings):
        assert listing("w-unknown", **ALL).rows == []
    assert reader.event("w-unknown", "latest") is None
    assert reader.dry_world("w-unknown").order("ord-1") is None
    assert sum(reader.open_counts("w-unknown").values()) == 0


async def test_the_settings_of_all_reach_worlds_that_come_later(keeper):
    strict = Policy(levels={"zip-format": "off"})
    await keeper.play("P{d:1}", KEY)
    await keeper.store.change_all(lambda _: Change(None, (PolicyChanged(strict),)))
    await keeper.play("P{d:1}", OTHER_KEY)
    reader = await keeper.store.read()
    for key in (KEY, OTHER_KEY):
        assert reader.policy(world_id_of(key)) == strict


async def test_journals_are_bounded_each_and_counted_together(keep):
    keeper = keep(Bounds(journal=2))
    for number in range(5):
        await keeper.record(KEY, number)
        await keeper.record(None, number + 10)
    reader = await keeper.store.read()
    assert reader.requests(world_id_of(KEY), **ALL).evicted == 3
    everything = reader.requests(None, **ALL)
    assert everything.evicted == 6
    assert [row.world_id for _, row in everything.rows] == [world_id_of(KEY)] * 2 + [None] * 2


async def test_an_event_of_no_order_of_this_world_is_not_found(keeper):
    (verdict,) = await keeper.play("P{d:1}")
    reader = await keeper.store.read()
    assert reader.event(world_id_of(OTHER_KEY), verdict.event_id) is None
    assert reader.event(None, verdict.event_id).record.order_id == "ord-1"


class TestMemory:
    """One bound over everything; what matters least goes first, and is counted."""

    BODY = b"x" * 50_000

    async def used(self, keeper):
        return (await keeper.store.read()).memory()

    async def fill(self, keeper, key, entries):
        for _ in range(entries):
            keeper.seq += 1
            change = Change(None, (RequestRecorded(entry(keeper.seq, body=self.BODY)),))
            await keeper.store.change_key(key, lambda _, change=change: change)

    async def test_refused_bodies_of_many_keys_stay_below_it(self, keep):
        keeper = keep(Bounds(memory=2_000_000))
        for number in range(60):
            await self.fill(keeper, f"sk_test_flood{number}", 3)
            used, limit = await self.used(keeper)
            assert used <= limit
        evicted = (await keeper.store.read()).evicted(None)
        assert evicted.requests > 100
        assert evicted.worlds == 0, "an empty world takes little"

    async def test_journals_go_before_worlds_and_the_least_recently_used_first(self, keep):
        keeper = keep(Bounds(memory=400_000))
        await keeper.play("P{d:1}", KEY)
        await self.fill(keeper, KEY, 3)
        await self.fill(keeper, OTHER_KEY, 5)
        reader = await keeper.store.read()
        assert reader.requests(world_id_of(KEY), **ALL).total == 0
        assert reader.requests(world_id_of(OTHER_KEY), **ALL).total == 5
        assert reader.events(world_id_of(KEY), **ALL).total == 1

    async def test_worlds_go_when_there_is_no_journal_left(self, keep):
        keeper = keep(Bounds(memory=100_000))
        for number in range(30):
            await keeper.play("P{d:1} F{d:1}", f"sk_test_world{number}")
            used, limit = await self.used(keeper)
            assert used <= limit
        reader = await keeper.store.read()
        assert reader.evicted(None).worlds > 15
        assert reader.world_ids()[-1] == world_id_of("sk_test_world29")

    async def test_a_reset_gives_it_back(self, keep):
        keeper = keep()
        await keeper.store.change_key(KEY, lambda _: Change(None, ()))
        await keeper.store.change_key(None, lambda _: Change(None, ()))
        empty, _ = await self.used(keeper)
        await keeper.play("P{d:1} F{d:1}")
        await self.fill(keeper, KEY, 5)
        await keeper.store.change_all(lambda _: Change(None, (WorldReset(),)))
        used, _ = await self.used(keeper)
        assert used == empty


async def test_what_an_evicted_world_left_open_stays_in_its_own_verdict(keep):
    keeper = keep(Bounds(worlds=1))
    await keeper.play(FORGOTTEN, KEY)
    await keeper.play("P{d:1}", OTHER_KEY)
    reader = await keeper.store.read()
    assert reader.world_ids() == [world_id_of(OTHER_KEY)]
    assert reader.open_counts(world_id_of(KEY))[Severity.VIOLATION] == 1
    assert reader.open_counts(world_id_of(OTHER_KEY))[Severity.VIOLATION] == 0
    await keeper.play("P{d:1}", KEY)
    reader = await keeper.store.read()
    assert reader.open_counts(world_id_of(KEY))[Severity.VIOLATION] == 1
    await keeper.store.change(world_id_of(KEY), lambda _: Change(None, (WorldReset(),)))
    assert (await keeper.store.read()).open_counts(world_id_of(KEY))[Severity.VIOLATION] == 0
