"""When an event tears product and protection apart."""

import pytest
from plays import played

from contracts.orders.pairing import Active, Group, Termination, Unbalanced, pair_change

REFUND, CANCEL, ORDER_CANCEL = Termination.REFUND, Termination.CANCEL, Termination.ORDER_CANCEL
GROUP = Group("prd-d", ("line-d",), ("line-p",), placement_excess=0)


def change(before, after, *, group=GROUP, kind=REFUND):
    return pair_change(group, kind, Active(*before), Active(*after), "evt-now")


@pytest.mark.parametrize(
    ("active", "excess"), [((2, 1), 0), ((2, 2), 0), ((1, 2), 1), ((0, 2), 2), ((0, 0), 0)]
)
def test_excess_is_how_many_more_plans_than_products_are_left(active, excess):
    assert Active(*active).excess == excess


@pytest.mark.parametrize(("active", "orphaned"), [((0, 1), True), ((0, 0), False), ((1, 2), False)])
def test_plans_are_orphaned_when_no_product_is_left(active, orphaned):
    assert Active(*active).orphaned is orphaned


@pytest.mark.parametrize(
    ("before", "after", "missing"),
    [
        pytest.param((1, 1), (0, 0), 0, id="both end"),
        pytest.param((1, 1), (0, 1), 1, id="the plan stays"),
        pytest.param((1, 1), (1, 0), 0, id="the plan alone ends"),
        pytest.param((3, 3), (1, 2), 1, id="one plan of two is missing"),
        pytest.param((3, 3), (1, 3), 2, id="two plans are missing"),
        pytest.param((2, 1), (1, 1), 0, id="an uncovered unit may end alone"),
        pytest.param((3, 1), (0, 1), 1, id="the last unit takes the plan"),
        pytest.param((0, 1), (0, 1), 0, id="nothing ended"),
        pytest.param((0, 2), (0, 1), 0, id="half of a correction"),
        pytest.param((3, 5), (2, 3), 0, id="plans that were too many end with a product"),
        pytest.param((3, 4), (1, 3), 1, id="one more than were too many before"),
    ],
)
def test_the_plans_that_should_have_ended_too_are_counted(before, after, missing):
    _, message = change(before, after)
    assert message.missing == missing


def test_an_unbalanced_event_stays_in_the_group():
    group, _ = change((1, 1), (0, 1))
    assert group.unbalanced == (Unbalanced("evt-now", REFUND),)


def test_a_group_that_is_in_balance_again_settles_all_its_unbalanced_events():
    first, second = Unbalanced("evt-1", REFUND), Unbalanced("evt-2", CANCEL)
    torn = Group("prd-d", ("line-d",), ("line-p",), 0, unbalanced=(first, second))
    group, message = change((0, 2), (0, 0), group=torn)
    assert message.resolved == (first, second)
    assert group.unbalanced == ()


def test_a_half_correction_settles_nothing():
    torn = Group("prd-d", ("line-d",), ("line-p",), 0, unbalanced=(Unbalanced("evt-1", REFUND),))
    group, message = change((0, 2), (0, 1), group=torn)
    assert message.resolved == ()
    assert group.unbalanced == torn.unbalanced


def test_plans_that_were_too_many_from_the_start_need_not_end_first():
    generous = Group("prd-d", ("line-d",), ("line-p",), placement_excess=1)
    _, message = change((3, 4), (2, 3), group=generous)
    assert message.missing == 0


def test_plans_that_were_too_many_from_the_start_are_orphaned_with_the_others():
    generous = Group("prd-d", ("line-d",), ("line-p",), placement_excess=1)
    group, message = change((1, 2), (0, 2), group=generous)
    assert message.missing == 2
    _, message = change((0, 2), (0, 1), group=group)
    assert message.resolved == ()


@pytest.mark.parametrize(
    ("before", "after", "alone"),
    [
        pytest.param((1, 1), (1, 0), 1, id="a plan alone"),
        pytest.param((1, 1), (0, 0), 0, id="with its product"),
        pytest.param((0, 1), (0, 0), 0, id="a late correction"),
        pytest.param((3, 3), (2, 0), 2, id="three plans, one product"),
    ],
)
def test_plans_that_end_without_a_product_are_counted_apart_from_corrections(before, after, alone):
    _, message = change(before, after)
    assert message.standalone_plans == alone


def test_only_cancelled_plans_count_as_cancelled_alone():
    cancelled, _ = change((2, 2), (2, 1), kind=CANCEL)
    refunded, _ = change((2, 2), (2, 1), kind=REFUND)
    assert (cancelled.standalone_cancelled, refunded.standalone_cancelled) == (1, 0)


class TestGroupsOfAnOrder:
    def test_a_reference_collects_all_its_product_lines_and_all_its_plans(self):
        order = played("P{d1=d:1, d2=d:2, p:1>d, q:1>d, a:1}").order()
        (group,) = order.groups.values()
        assert group.reference == "prd-d"
        assert group.product_lines == ("line-d1", "line-d2")
        assert group.plan_lines == ("line-p", "line-q")

    def test_a_product_without_plans_is_in_no_group(self):
        order = played("P{d:1, a:1, p:1>d}").order()
        assert order.group_of(order.lines["line-a"].item) is None

    def test_plans_that_share_a_product_id_differ_by_their_reference(self):
        order = played("P{d:1, a:1, p=plan:1>d, q=plan:1>a}").order()
        assert order.groups["prd-d"].plan_lines == ("line-p",)
        assert order.groups["prd-a"].plan_lines == ("line-q",)

    def test_a_plan_for_nothing_has_a_group_without_products(self):
        order = played("P{p:1>x}").order()
        assert order.groups["prd-x"].product_lines == ()
        assert order.groups["prd-x"].placement_excess == 1

    def test_a_cancelled_order_ends_every_pair_and_settles_what_was_open(self):
        shop = played("P{d:2, p:2>d} C{d:1} X")
        assert shop.order().groups["prd-d"].unbalanced == ()
        assert [item.state for item in shop.log if item.rule == "cancel-missing-protection"] == [
            "resolved"
        ]
