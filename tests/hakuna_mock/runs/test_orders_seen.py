import json

import pytest

from contracts import Policy
from contracts.shorthand import bodies
from hakuna_mock.reports.model import Source
from hakuna_mock.runs.check import Item, judge_offline, selected
from hakuna_mock.runs.orders_seen import MAX_ORDERS, OrdersSeen


def judged(shorthand: str, *, key: str = "first", ignore: tuple[str, ...] = ()):
    items = [
        Item(Source("-", ""), "", json.dumps(body).encode(), key=key) for body in bodies(shorthand)
    ]
    return judge_offline(items, selected(Policy(), (), ignore))


def test_an_order_is_shown_as_the_run_left_it_under_the_name_of_its_world():
    (seen,) = judged("P{d:2, p:2>d} F{d:1}", key="second").orders_seen
    assert (seen["key"], seen["order_id"], seen["status"]) == (
        "second",
        "ord-1",
        "partially_fulfilled",
    )
    assert [(item["id"], item["fulfilled"]) for item in seen["lines"]] == [
        ("line-d", 1),
        ("line-p", 0),
    ]


def test_orders_that_were_never_placed_are_not_orders_yet():
    assert not judged("F{d:1}").orders_seen


def test_of_many_orders_those_with_findings_are_kept():
    many = " ".join(f"P#{n}{{d:1}}" for n in range(MAX_ORDERS + 20))
    seen = judged(f"{many} P#late{{d:1}} R#late{{zz:1}}").orders_seen
    assert len(seen) == MAX_ORDERS
    assert seen[0]["order_id"] == "ord-late"
    assert seen[1]["order_id"] == "ord-0"


def test_an_order_whose_waiting_event_finds_something_only_later_is_kept():
    many = " ".join(f"P#{n}{{d:1}}" for n in range(MAX_ORDERS))
    late = "R#late{d:1} P#late{d:1, p:1>d}"
    seen = judged(f"{many} {late}", ignore=("unknown-order", "out-of-order-arrival")).orders_seen
    assert seen[0]["order_id"] == "ord-late"


def test_nothing_is_put_into_words_before_somebody_asks(monkeypatch):
    asked = []
    monkeypatch.setattr(
        "hakuna_mock.runs.orders_seen.describe_order", lambda order: asked.append(order) or {}
    )
    seen = judged("P#1{d:1} P#2{d:1}").orders_seen
    assert (len(seen), asked) == (2, [])
    assert seen[1] == {"key": "first"}
    assert [item.order_id for item in asked] == ["ord-2"]


def test_it_is_a_sequence():
    seen = judged("P#1{d:1} P#2{d:1} P#3{d:1}").orders_seen
    assert isinstance(seen[1:], OrdersSeen)
    assert [item["order_id"] for item in seen[1:]] == ["ord-2", "ord-3"]
    with pytest.raises(IndexError):
        seen[3]


def test_requests_that_name_no_order_are_no_order():
    item = Item(Source("-", "[]"), "", b"[]")
    assert judge_offline([item], Policy()).orders == 0
