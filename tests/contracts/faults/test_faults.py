"""Faults as data: the three ways to ask for one, and how often each plays."""

import json
import random
from collections import Counter
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.faults.catalogue import CATALOGUE, STATUSES, Effect, FaultError, effect_of, named
from contracts.faults.fault import Fault, header_fault, read_fault, suffix_fault
from contracts.faults.registry import MAX_ARMED, FaultRegistry
from contracts.orders.events import ALL_EVENTS

each_effect = pytest.mark.parametrize("name", CATALOGUE)


@each_effect
def test_an_effect_is_asked_for_by_its_name_with_either_dash(name):
    assert named(name).name == named(name.replace("_", "-").upper()).name == name


@each_effect
def test_the_catalogue_says_what_the_client_sees_and_what_a_good_one_does(name):
    told = CATALOGUE[name].to_json()
    assert told["basis"] == "house"
    assert told["client_sees"]
    assert told["good_client"]
    assert read_fault(told["example"], "f").effect.name == name
    assert header_fault(told["header"].partition(": ")[2], None).effect.name == name
    assert suffix_fault(told["order_id"]).effect.name == name


@pytest.mark.parametrize(("status", "name"), STATUSES.items())
def test_a_status_is_asked_for_by_its_number(status, name):
    same = Effect(name, retry_after=1 if status == 429 else None)
    assert effect_of({"status": status}) == named(str(status)) == named(f"status={status}") == same
    assert read_fault({"effect": "status", "status": status}, "f").effect == same


def test_numbers_stand_in_the_effect_or_beside_it():
    late = Effect("unavailable", delay_ms=200, retry_after=5)
    inside = {"status": 503, "delay_ms": 200, "retry_after": 5}
    assert read_fault({"effect": inside}, "f").effect == late
    beside = {"effect": "unavailable", "delay_ms": 200, "retry_after": 5}
    assert read_fault(beside, "f").effect == late
    assert read_fault({"effect": {"delay_ms": 7}}, "f").effect == Effect("delay", 7)
    assert read_fault({"effect": {"name": "delay=7"}}, "f").effect == Effect("delay", 7)
    assert read_fault({"effect": "delay_ms", "delay_ms": 7}, "f").effect == Effect("delay", 7)


@pytest.mark.parametrize(
    ("asked", "pointer", "message"),
    [
        ([], "", "a fault is an object"),
        ({}, "/effect", "say which"),
        ({"effect": "comit_drop"}, "", "did you mean commit_drop?"),
        ({"effect": 7}, "/effect", "must be a name"),
        ({"effect": {"status": 418}}, "/effect/status", "429, 500, 502, 503"),
        ({"effect": {"status": True}}, "/effect/status", "429, 500, 502, 503"),
        ({"effect": {"status": [503]}}, "/effect/status", "429, 500, 502, 503"),
        ({"effect": {"status": {}}}, "/effect/status", "429, 500, 502, 503"),
        ({"effect": {"stauts": 503}}, "/effect", "did you mean status?"),
        ({"effect": {"delay_ms": -1}}, "/effect/delay_ms", "whole number from 0 to 600000"),
        ({"effect": {"name": "reset", "retry_after": 1}}, "/effect/retry_after", "429 and 503"),
        ({"effect": {"name": "reset", "status": 503}}, "/effect/status", "does not answer 503"),
        ({"effect": "reset", "times": 0}, "/times", "from 1 to"),
        ({"effect": "reset", "times": True}, "/times", "from 1 to"),
        ({"effect": "reset", "rate": 2}, "/rate", "from 0 to 1"),
        ({"effect": "reset", "after": "x"}, "/after", "from 0 to"),
        ({"effect": "reset", "id": "a b"}, "/id", "letters, digits"),
        ({"effect": "reset", "tmies": 2}, "/tmies", "did you mean times?"),
        ({"effect": "reset", "x" * 9000: 2}, "/" + "x" * 40, "in a fault"),
        ({"effect": "reset", "match": []}, "/match", "must be an object"),
        ({"effect": "reset", "match": {"typ": "x"}}, "/match", "did you mean type?"),
        ({"effect": "reset", "match": {"type": "order_place"}}, "/match/type", "order_placed"),
        ({"effect": "reset", "match": {"order_id": 7}}, "/match/order_id", "must be text"),
    ],
)
def test_what_is_no_fault_is_refused_with_its_place(asked, pointer, message):
    with pytest.raises(FaultError, match=message) as refused:
        read_fault(asked, "f")
    assert refused.value.pointer == pointer


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Hakuna-Mock-Fault names no effect"),
        ("; times=2", "names no effect"),
        ("unavailble", "^Hakuna-Mock-Fault: there is .* did you mean unavailable?"),
        ("reset; tims=2", "did you mean times?"),
        ("reset; times", "not a parameter such as times=2"),
        ("reset; times=x", "times must be a whole number"),
        ("reset; times=-1", "times must be a whole number"),
        ("status=404", "must be one of"),
        ("delay=abc", "did you mean delay?"),
    ],
)
def test_a_header_that_asks_for_no_fault_is_refused_in_words(text, message):
    with pytest.raises(FaultError, match=message):
        header_fault(text, "ord-1")


@given(st.text() | st.from_regex(r"[a-z_]{0,12}[=-]?[0-9¹]{0,5000}(; ?[a-z_]+=[0-9.e]+)*"))
@example("¹")
@example("9" * 5000)
@example("delay=" + "9" * 5000)
@example("reset; times=1e999")
def test_no_header_breaks_more_than_a_refusal(text):
    with suppress(FaultError):
        assert header_fault(text, "ord-1").effect.name in CATALOGUE


@pytest.mark.parametrize(
    ("order_id", "effect", "times"),
    [
        ("ord-1--mock-unavailable-x2", Effect("unavailable"), 2),
        ("ord-1--mock-commit-drop", Effect("commit_drop"), 1),
        ("ord-1--mock-503-x3", Effect("unavailable"), 3),
        ("ord-1--mock-delay-500", Effect("delay", 500), 1),
        ("ord-1--mock-delay-500-x4", Effect("delay", 500), 4),
        ("x--mock-reset--mock-empty", Effect("empty"), 1),
    ],
)
def test_the_end_of_an_order_id_asks_for_a_fault(order_id, effect, times):
    fault = suffix_fault(order_id)
    assert (fault.effect, fault.times) == (effect, times)


@pytest.mark.parametrize("order_id", [None, "", "ord-1", "mock-reset", "ord--mock"])
def test_other_order_ids_ask_for_none(order_id):
    assert suffix_fault(order_id) is None


@pytest.mark.parametrize(
    ("order_id", "message"),
    [
        ("o--mock-", "'--mock-': write --mock-NAME"),
        ("o--mock-nothing", "'--mock-nothing': there is no effect"),
        ("o--mock-reset-x", "'--mock-reset-x': there is no effect"),
        ("o--mock-reset-x0", "'--mock-reset-x0': times must be a whole number"),
        ("o--mock-ü", "'--mock-ü': write --mock-NAME"),
    ],
)
def test_an_order_id_that_asks_for_no_known_fault_is_refused(order_id, message):
    with pytest.raises(FaultError, match=f"^the order id asks for {message}"):
        suffix_fault(order_id)


effects = st.one_of(
    st.sampled_from([Effect(name) for name in CATALOGUE if name not in ("delay", "rate_limited")]),
    st.builds(Effect, st.just("delay"), st.integers(0, 600_000)),
    st.builds(Effect, st.just("rate_limited"), st.integers(0, 9), st.integers(0, 86_400)),
)
armed = st.builds(
    Fault,
    id=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,8}", fullmatch=True),
    effect=effects,
    type=st.sampled_from([None, *ALL_EVENTS]),
    order_id=st.none() | st.text(min_size=1, max_size=5),
    times=st.none() | st.integers(1, 9),
    rate=st.none() | st.floats(0, 1),
    after=st.integers(0, 9),
)


@given(armed)
def test_what_is_shown_of_a_fault_arms_the_same_fault_again(fault):
    assert read_fault(json.loads(json.dumps(fault.to_json())), "other") == fault


def plays(
    book: FaultRegistry, *own: Fault, kind=None, order_id=None, random_unit=0.5
) -> str | None:
    match = book.match(own, kind, order_id, random_unit)
    book.count(match)
    return match.fault.id if match.fault else None


def arm(book: FaultRegistry, fault: Fault) -> None:
    """Arm a fault as the control API does: a spent one makes room."""
    spent = book.room_for(fault)
    if spent:
        book.remove(spent)
    book.add(fault)


def test_a_fault_lets_some_pass_and_then_plays_so_often():
    book = FaultRegistry()
    book.add(Fault("f", Effect("reset"), times=2, after=1))
    assert [plays(book) for _ in range(5)] == [None, "f", "f", None, None]
    (row,) = book.rows()
    assert (row["seen"], row["played"]) == (5, 2)


def test_a_fault_sees_only_what_it_is_about():
    book = FaultRegistry()
    book.add(Fault("f", Effect("reset"), type="order_placed", order_id="o"))
    assert plays(book, kind="order_placed", order_id="p") is None
    assert plays(book, kind="order_cancelled", order_id="o") is None
    assert plays(book, kind="order_placed", order_id="o") == "f"


def test_the_request_s_own_fault_is_stronger_than_the_world_s_and_that_than_all_worlds():
    common = FaultRegistry()
    book = FaultRegistry(common)
    common.add(Fault("same", Effect("empty"), times=None))
    book.add(Fault("same", Effect("reset"), times=1))
    assert plays(book, Fault("own", Effect("timeout"))) == "own"
    assert book.counts("same") == (0, 0)
    assert book.match((), None, None, 0.5).fault.effect.name == "reset"
    assert plays(book) == "same"
    assert book.match((), None, None, 0.5).fault.effect.name == "empty"
    assert plays(book) == "same"
    assert (book.counts("same"), common.counts("same")) == ((2, 1), (1, 1))


@given(st.floats(0, 1), st.lists(st.floats(0, 1, exclude_max=True), max_size=30))
def test_chance_is_an_argument_so_the_same_dice_play_the_same(rate, thrown):
    book = FaultRegistry()
    book.add(Fault("f", Effect("reset"), times=None, rate=rate))
    assert [plays(book, random_unit=item) is not None for item in thrown] == [
        item < rate for item in thrown
    ]


def test_a_rate_of_a_tenth_plays_for_about_a_tenth():
    seeded, book = random.Random(7), FaultRegistry()
    book.add(read_fault({"effect": "reset", "rate": 0.1}, "f"))
    assert 80 < sum(plays(book, random_unit=seeded.random()) is not None for _ in range(1000)) < 120


def test_each_of_several_chances_is_its_own():
    seeded, common = random.Random(7), FaultRegistry()
    book = FaultRegistry(common)
    book.add(read_fault({"effect": "reset", "rate": 0.2}, "one"))
    book.add(read_fault({"effect": "empty", "rate": 0.2}, "two"))
    common.add(read_fault({"effect": "timeout", "rate": 0.5}, "three"))
    met = Counter(plays(book, random_unit=seeded.random()) for _ in range(10_000))
    for name, expected in (("one", 2000), ("two", 1600), ("three", 3200), (None, 3200)):
        assert abs(met[name] - expected) < 200


def test_a_world_holds_only_so_many_faults():
    book = FaultRegistry()
    for _ in range(MAX_ARMED):
        arm(book, Fault(book.new_id(), Effect("reset")))
    with pytest.raises(FaultError, match="delete some"):
        arm(book, Fault(book.new_id(), Effect("reset")))
    book.remove("fault-1")
    arm(book, Fault("fault-1", Effect("reset")))
    assert len(book.armed) == MAX_ARMED


def test_a_fault_that_has_played_as_often_as_it_was_to_makes_room():
    book = FaultRegistry()
    for _ in range(MAX_ARMED + 1):
        arm(book, Fault(book.new_id(), Effect("reset")))
        assert plays(book) is not None
    assert len(book.armed) == MAX_ARMED
    assert "fault-1" not in book.armed


def test_a_new_id_is_none_that_somebody_chose():
    book = FaultRegistry()
    book.add(Fault("fault-1", Effect("reset")))
    assert book.new_id() == "fault-2"
