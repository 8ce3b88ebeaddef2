"""A later play continues an earlier one in time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.shorthand import bodies, continued, latest_time, parse, undated_orders
from contracts.shorthand.bodies import instant_of
from contracts.timing.rfc3339 import DAY, parse_instant

NOW = instant_of(1000)
"""Long after all that is played here."""

EVENTS = ["P#1{d:1}", "F#1{d:1}", "X#2", "C#2{d}@2", "R#1{d:1}@5", "X#3"]
TEXTS = st.lists(st.sampled_from(EVENTS), min_size=1).map(" ".join)


def times(text: str, known: dict[str, int], now: int = NOW) -> list[float]:
    """The days of the events of a play in a world that knows orders until some days."""
    latest = {order_id: instant_of(0) + int(day * DAY) for order_id, day in known.items()}
    played = continued(parse(text), latest, now)
    return [(latest_time([body]) - instant_of(0)) / DAY for body in played]


@pytest.mark.parametrize(
    ("text", "known", "days"),
    [
        ("P{d:1} F{d:1}", {}, [0, 1]),
        ("F{d:1}", {"ord-1": 0}, [1]),
        ("F{d:1} R{d:1}", {"ord-1": 7}, [8, 9]),
        ("R{d:1} X", {"ord-1": 2.5}, [3.5, 4.5]),
        ("R{d:1}@5 X", {"ord-1": 2}, [5, 6]),
        ("R{d:1}@1 X", {"ord-1": 2}, [1, 3]),
        ("F#1{d:1} P#2{d:1} F#2{d:1}", {"ord-1": 7}, [8, 1, 2]),
        ('X#"2024-0815"', {"2024-0815": 7}, [8]),
    ],
    ids=[
        "a new order is dated as ever",
        "a day later",
        "each a day after the last",
        "hours are kept",
        "a given day counts, and what follows comes after it",
        "an earlier day is not the latest time",
        "each order for itself",
        "an id as it is",
    ],
)
def test_an_event_without_a_day_happens_a_day_after_the_latest_of_its_order(text, known, days):
    assert times(text, known) == days


@pytest.mark.parametrize(
    ("latest", "at"),
    [(10, 11), (99.5, 100), (100, 100), (101, 101)],
    ids=["long ago", "today", "now", "in the future already"],
)
def test_a_continued_order_does_not_run_into_the_future(latest, at):
    assert times("X", {"ord-1": latest}, instant_of(100)) == [at]


@given(TEXTS)
def test_a_play_in_an_empty_world_is_the_play_by_itself(text):
    assert continued(parse(text), {}, NOW) == bodies(text)


@given(TEXTS, st.dictionaries(st.sampled_from(["ord-1", "ord-2"]), st.integers(0, 900)))
def test_times_of_continued_orders_never_go_back(text, known):
    plays = parse(text)
    latest = {order_id: instant_of(day) for order_id, day in known.items()}
    for play, body in zip(plays, continued(plays, latest, NOW), strict=True):
        if play.order_id in known and not play.dated:
            assert latest_time([body]) >= latest[play.order_id]


def test_the_orders_to_ask_for_are_those_of_events_without_a_day():
    assert undated_orders(parse("P#1{d:1} F#1{d:1} X#2@5 X#3")) == ["ord-1", "ord-3"]


def test_the_latest_time_looks_at_every_entry_and_at_the_second_name_of_a_time():
    late = {"line_item_id": "a", "quantity": 1, "refunded_at": "2024-03-09T00:00:00Z"}
    early = {**late, "refunded_at": "2024-03-08T00:00:00+00:00"}
    cancelled = {"type": "order_line_items_cancelled", "payload": {"cancelled_line_items": [late]}}
    refunded = {"type": "order_refund_added", "payload": {"refund_items": [late, early]}}
    assert latest_time([cancelled]) == latest_time([refunded]) == parse_instant(late["refunded_at"])
    assert latest_time([]) is None
