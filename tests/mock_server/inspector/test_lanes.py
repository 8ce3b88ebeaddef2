"""The geometry of the order page's bars."""

from hypothesis import given
from hypothesis import strategies as st
from inspected import look, play, send
from plays import played

from contracts.orders.ledger import Ledger
from contracts.shorthand import bodies
from mock_server.inspector.quantity_bars import Over, lanes, rows_of


def order_after(shorthand: str):
    """The order and the records of its events, as the page reads them."""
    world = played(shorthand).world
    return world.order("ord-1"), [record for _, record in world.events_of("ord-1")]


def rows(shorthand: str):
    return rows_of(*order_after(shorthand))


def counts(row) -> list[dict[str, int]]:
    return [{part.kind: part.units for part in lane.parts} for lane in row.lanes]


def test_the_first_lane_is_delivery_and_the_second_what_was_given_back():
    (row,) = rows("P{a:6} F{a:3} R{a:1}@5 C{a:2}@6")
    assert counts(row) == [
        {"fulfilled": 3, "open": 1, "never-shipped": 2},
        {"refunded": 1, "cancelled": 2, "kept": 2, "open": 1},
    ]


def test_what_is_asked_for_beyond_the_end_runs_past_it():
    (row,) = rows("P{a:2} F{a:2} R{a:2}@5 R{a:1}@6")
    given_back = row.lanes[1]
    over = given_back.parts[-1]
    assert (over.kind, over.units) == ("over-refunded", 1)
    assert over.x == given_back.end < 100
    assert given_back.end == row.lanes[0].end, "both bars of a line have one scale"


def test_protections_stand_below_their_product_and_are_tied_to_it():
    found = rows("P{d:1, a:1, p:1>d, q:1>a}")
    assert [row.line.item.id for row in found] == ["line-d", "line-p", "line-a", "line-q"]
    assert [row.rail for row in found] == ["first", "last", "first", "last"]
    assert not any(row.broken for row in found)


def test_two_lines_of_one_product_share_their_protections():
    found = rows("P{d:1, p:2>d, d2=d:1}")
    assert [row.line.item.id for row in found] == ["line-d", "line-d2", "line-p"]
    assert [row.rail for row in found] == ["first", "middle", "last"]


def test_broken_ties_say_what_is_wrong():
    assert "no product" in rows("P{d:1, p:1>x}")[1].broken
    assert "no product is left" in rows("P{d:1, p:1>d} F{d:1} R{d:1}@5")[1].broken
    assert "more than products were ordered" in rows("P{d:1, p:2>d}")[1].broken
    assert "1 more active" in rows("P{d:3, p:3>d} F{d:3} R{d:2, p:1}@5")[1].broken
    assert rows("P{d:2, p:1>d} F{d:2} R{d:1}@5")[1].broken == ""


QUANTITY = st.integers(0, 50)


@given(st.integers(1, 100), *[QUANTITY] * 6)
def test_parts_never_overlap_and_stay_on_the_row(ordered, shipped, refunded, cancelled, f, r, c):
    ledger, _ = Ledger(ordered).fulfil(shipped, [0])
    ledger, _ = ledger.refund(refunded)
    ledger, _ = ledger.cancel(cancelled)
    for lane in lanes(ledger, Over(f, r, c)):
        assert sum(part.units for part in lane.parts if "over" not in part.kind) == ordered
        edge = 0.0
        for part in lane.parts:
            assert abs(part.x - edge) < 0.01
            edge = part.x + part.width
        assert edge <= 100.01
        assert 66 < lane.end <= 100


def test_findings_stand_between_the_rows_they_concern(mock):
    play(mock, "P{d:1, p:1>d, a:1} F{d:1} R{d:1}@5")
    text = look(mock, "/orders/ord-1").text
    product, plan = (text.index(f'"id">line-{label}<') for label in "dp")
    assert product < text.index("add line-p") < plan


def test_payload_times_that_disagree_with_the_arrival_are_marked(mock):
    play(mock, "P{d:2} F{d:1}@9 F{d:1}@3")
    assert look(mock, "/orders/ord-1").text.count("earlier than one above") == 1


def test_time_travel_counts_neither_later_events_nor_later_findings(mock):
    play(mock, "P{d:1, p:1>d} F{d:1} R{d:1}@5 R{p:1}@6")
    then = look(mock, "/orders/ord-1?at=3").text
    assert "1 is still active although no product is left" in then
    assert "pairing-split-across-events" not in then.split("Timeline")[0]
    assert look(mock, "/orders/ord-1?at=0").status == 404
    assert "1 is still active" not in look(mock, "/orders/ord-1").text


def test_a_line_without_a_title_is_called_by_its_id(mock):
    (body,) = bodies("P{d:1}")
    body["payload"]["line_items"][0]["product_title"] = ""
    send(mock, body)
    assert "<b>line-d</b>" in look(mock, "/orders/ord-1").text
