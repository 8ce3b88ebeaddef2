"""Every store: worlds by key, all that was decided or nothing."""

import pytest
from server_entries import entry
from server_mock import KEY, OTHER_KEY, encoded, event

from contracts.findings.finding import Severity
from contracts.http.request import Request
from contracts.judging.effects import PolicyChanged, RequestRecorded, WorldReset
from contracts.judging.judge import judge
from contracts.judging.policy import Policy
from contracts.judging.replies import ENDPOINT
from contracts.judging.retention import Bounds
from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies
from contracts.timing.rfc3339 import parse_instant
from mock_server.store.memory import MemoryStore, world_id_of
from mock_server.store.protocol import Change, UnknownWorldError

NOW = parse_instant("2026-01-01T00:00:00Z")
FORGOTTEN = "P{d:1, p:1>d} F{d:1} R{d:1}@5"
ALL = {"after": 0, "limit": 1000}


class Keeper:
    """A store, and requests that are judged in it."""

    def __init__(self, bounds: Bounds | None = None) -> None:
        self.store = MemoryStore(Policy(), bounds)
        self.seq = 0

    async def decide(self, body, key=KEY, with_judge=judge):
        self.seq += 1
        headers = tuple(usual_headers(self.seq, key).items())
        event_id = f"evt-00000000-0000-4000-8000-{self.seq:012}"
        raw = encoded(body)
        name = f"req-{self.seq}"
        asked = Request("POST", ENDPOINT, headers, raw, NOW, event_id, name, seq=self.seq)

        def decide(world):
            verdict = with_judge(asked, world, world.policy)
            return Change(verdict, verdict.effects)

        return await self.store.change_key(key, decide)

    async def play(self, shorthand, key=KEY):
        return [await self.decide(body, key) for body in bodies(shorthand)]

    async def record(self, key, number):
        change = Change(None, (RequestRecorded(entry(number)),))
        await self.store.change_key(key, lambda _: change)

    async def tell(self, world_id, policy):
        change = Change(None, (PolicyChanged(policy),))
        await self.store.change(world_id, lambda _: change)

    async def held(self):
        """All that is held, as text to be compared."""
        reader = await self.store.read()
        return repr(
            [
                list(reader.worlds()),
                reader.events(None, **ALL),
                reader.orders(None, **ALL),
                reader.findings(None, **ALL),
                reader.open_counts(None),
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


async def test_journals_are_bounded_each_and_counted_together():
    keeper = Keeper(Bounds(journal=2))
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


async def test_what_an_evicted_world_left_open_stays_in_its_own_verdict():
    keeper = Keeper(Bounds(worlds=1))
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
