"""The counts of one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.orders.ledger import Ledger, Taken

SHIPPED_2_OF_5 = Ledger(5, fulfilled=2, first_fulfilled_at=10, last_fulfilled_at=20)


def counts(ledger: Ledger) -> dict[str, int]:
    names = ("unshipped", "kept", "cancelled", "refunded")
    return {name: getattr(ledger, name) for name in names}


def test_a_new_line_is_unshipped_and_active():
    assert counts(Ledger(3)) == {"unshipped": 3, "kept": 0, "cancelled": 0, "refunded": 0}
    assert Ledger(3).active == 3


def test_active_units_are_the_unshipped_and_the_kept_ones():
    assert (SHIPPED_2_OF_5.unshipped, SHIPPED_2_OF_5.kept, SHIPPED_2_OF_5.active) == (3, 2, 5)


def test_a_fulfilment_moves_unshipped_units():
    ledger, taken = Ledger(3).fulfil(2, [10])
    assert (ledger.unshipped, ledger.fulfilled, ledger.kept) == (1, 2, 2)
    assert taken == Taken(asked=2, unshipped=2)


def test_a_fulfilment_beyond_what_is_left_is_clamped_and_reported():
    ledger, taken = SHIPPED_2_OF_5.fulfil(4, [30])
    assert ledger.fulfilled == 5
    assert (taken.applied, taken.excess) == (3, 1)


def test_a_fulfilment_never_ships_refunded_units_again():
    refunded, _ = Ledger(1).refund(1)
    _, taken = refunded.fulfil(1, [10])
    assert taken.applied == 0


def test_the_first_and_the_last_time_of_shipment_are_remembered_in_any_order():
    ledger, _ = SHIPPED_2_OF_5.fulfil(1, [5, 15])
    assert (ledger.first_fulfilled_at, ledger.last_fulfilled_at) == (5, 20)


def test_a_fulfilment_at_the_epoch_counts_as_a_time():
    ledger, _ = Ledger(2).fulfil(1, [0])
    later, _ = ledger.fulfil(1, [7])
    assert (later.first_fulfilled_at, later.last_fulfilled_at) == (0, 7)


def test_a_fulfilment_of_nothing_leaves_no_time_of_shipment():
    exhausted, _ = Ledger(1).cancel(1)
    ledger, taken = exhausted.fulfil(1, [10])
    assert ledger == exhausted
    assert taken.excess == 1


@pytest.mark.parametrize(
    ("asked", "kept", "unshipped", "excess"),
    [(1, 1, 0, 0), (2, 2, 0, 0), (4, 2, 2, 0), (9, 2, 3, 4)],
)
def test_a_refund_takes_shipped_units_first(asked, kept, unshipped, excess):
    ledger, taken = SHIPPED_2_OF_5.refund(asked)
    assert (taken.kept, taken.unshipped, taken.excess) == (kept, unshipped, excess)
    assert (ledger.refunded_kept, ledger.refunded_unshipped) == (kept, unshipped)


@pytest.mark.parametrize(
    ("asked", "unshipped", "kept", "excess"),
    [(1, 1, 0, 0), (3, 3, 0, 0), (4, 3, 1, 0), (9, 3, 2, 4)],
)
def test_a_cancellation_takes_unshipped_units_first(asked, unshipped, kept, excess):
    ledger, taken = SHIPPED_2_OF_5.cancel(asked)
    assert (taken.unshipped, taken.kept, taken.excess) == (unshipped, kept, excess)
    assert (ledger.cancelled_unshipped, ledger.cancelled_kept) == (unshipped, kept)


class TestCancellationWithoutQuantity:
    def test_it_takes_all_unshipped_units(self):
        ledger, taken = SHIPPED_2_OF_5.cancel_entries([None])
        assert (taken.unshipped, taken.kept, taken.excess) == (3, 0, 0)
        assert ledger.active == 2

    def test_it_takes_all_active_units_where_everything_has_shipped(self):
        shipped, _ = Ledger(2).fulfil(2, [10])
        _, taken = shipped.cancel_entries([None])
        assert (taken.unshipped, taken.kept, taken.excess) == (0, 2, 0)

    def test_it_asks_for_one_unit_too_many_on_an_exhausted_line(self):
        exhausted, _ = Ledger(2).cancel(2)
        _, taken = exhausted.cancel_entries([None])
        assert (taken.applied, taken.excess) == (0, 1)

    @pytest.mark.parametrize("quantities", [[None, 2], [2, None]])
    def test_an_entry_with_a_quantity_goes_first(self, quantities):
        _, taken = SHIPPED_2_OF_5.cancel_entries(quantities)
        assert (taken.asked, taken.unshipped, taken.kept) == (3, 3, 0)

    def test_several_quantities_are_summed(self):
        _, taken = SHIPPED_2_OF_5.cancel_entries([1, 1])
        assert (taken.asked, taken.unshipped) == (2, 2)


MOVES = st.lists(
    st.tuples(st.sampled_from(["fulfil", "refund", "cancel", "cancel_all"]), st.integers(1, 4)),
    max_size=12,
)


def after(ordered: int, moves: list[tuple[str, int]]) -> list[tuple[Ledger, Taken]]:
    """The ledger after each move, with what the move took."""
    ledger, seen = Ledger(ordered), []
    for place, (name, quantity) in enumerate(moves):
        if name == "fulfil":
            ledger, taken = ledger.fulfil(quantity, [place])
        elif name == "cancel_all":
            ledger, taken = ledger.cancel_entries([None])
        else:
            ledger, taken = getattr(ledger, name)(quantity)
        seen.append((ledger, taken))
    return seen


@given(st.integers(1, 6), MOVES)
def test_no_part_is_ever_negative_and_active_never_exceeds_ordered(ordered, moves):
    for ledger, _ in after(ordered, moves):
        parts = (
            ledger.unshipped,
            ledger.kept,
            ledger.cancelled_kept,
            ledger.cancelled_unshipped,
            ledger.refunded_kept,
            ledger.refunded_unshipped,
        )
        assert min(parts) >= 0
        assert ledger.active <= ledger.ordered


@given(st.integers(1, 6), MOVES)
def test_every_ordered_unit_is_active_cancelled_or_refunded(ordered, moves):
    for ledger, _ in after(ordered, moves):
        assert ledger.active + ledger.cancelled + ledger.refunded == ordered


@given(st.integers(1, 6), MOVES)
def test_what_was_asked_is_what_was_applied_and_the_excess(ordered, moves):
    for _, taken in after(ordered, moves):
        assert taken.asked == taken.applied + taken.excess
        assert min(taken.unshipped, taken.kept, taken.excess) >= 0


@given(st.integers(1, 6), MOVES)
def test_a_line_has_times_of_shipment_exactly_when_something_shipped(ordered, moves):
    for ledger, _ in after(ordered, moves):
        shipped = ledger.fulfilled > 0
        assert (ledger.first_fulfilled_at is not None) == shipped
        assert (ledger.last_fulfilled_at is not None) == shipped
