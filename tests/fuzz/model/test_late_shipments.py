"""What a line remembers of units that ended before they shipped: the model and the ledger agree.

Whole conversations seldom end units of one line more often than is remembered.
"""

from hypothesis import given
from hypothesis import strategies as st

from contracts.orders.late_shipments import MAX_ENDINGS, Ending, overtaken, remember
from fuzz.model.placement import MAX_ENDED, Line

TIMES, UNITS = st.integers(0, 6), st.integers(1, 4)
HISTORIES = st.lists(st.tuples(st.sampled_from(["end", "end", "ship"]), TIMES, UNITS), max_size=30)


def test_both_remember_equally_many():
    assert MAX_ENDINGS == MAX_ENDED


@given(HISTORIES)
def test_both_explain_the_same_shipments(history):
    endings: tuple[Ending, ...] = ()
    line = Line("d", "prd-d", "", None, ordered=1000)
    for kind, at, units in history:
        if kind == "end":
            endings = remember(endings, Ending("evt", at, units))
            line.remember_ended(at, units)
        else:
            explaining, endings = overtaken(endings, units, at)
            assert line.ended_later_than(at, units) == bool(explaining)
        assert [(ending.at, ending.units) for ending in endings] == line.ended
