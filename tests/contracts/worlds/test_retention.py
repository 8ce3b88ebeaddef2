"""Which orders are evicted first."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.worlds.retention import KeptOrders, event_cost


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4000), st.booleans()), max_size=80),
    st.integers(1, 6),
)
def test_kept_orders_are_never_more_than_the_bounds_and_the_current_one_goes_last(touched, most):
    """A second, naive account: a list of (order, size, ended), the latest last."""
    most_bytes = 4 * event_cost(2000)
    kept, naive = KeptOrders(most, most_bytes), []
    for order, size, ends in touched:
        order_id = str(order)
        before = sum(held for held_id, held, _ in naive if held_id == order_id)
        ended = ends or any(row[2] for row in naive if row[0] == order_id)
        naive = [row for row in naive if row[0] != order_id]
        naive.append((order_id, before + event_cost(size), ended))
        kept.touch(order_id, size)
        if ended:
            kept.end(order_id)
        gone = []
        for item in kept.surplus(order_id):
            kept.remove(item)
            gone.append(item)
        must_go = []
        while len(naive) > most or sum(held for _, held, _ in naive) > most_bytes:
            others = naive[:-1] or naive
            first = next((row for row in others if row[2]), others[0])
            naive.remove(first)
            must_go.append(first[0])
        assert gone == must_go
