"""`hakuna.fresh()`: another world on the same server, judged at the end of its block."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hakuna_mock
from contracts.shorthand import bodies

FORGOTTEN_PLAN = "P{d:1, p:1>d} F{d:1} R{d:1}"
RULE = "refund-missing-protection"


@pytest.fixture(scope="module")
def hakuna():
    with hakuna_mock.running() as world:
        yield world


def test_a_fresh_world_has_its_own_key_and_sees_its_own_events(hakuna):
    with hakuna.fresh() as item, hakuna.fresh() as other:
        item.play("P{d:1}")
        assert len({hakuna.api_key, item.api_key, other.api_key}) == 3
        assert item.events_url == hakuna.events_url
        item.assert_received("order_placed", count=1)
        assert other.events() == hakuna.events() == []


def test_its_verdict_at_the_end_is_an_error_with_the_explanation(hakuna):
    with pytest.raises(AssertionError, match=f"violation {RULE}"), hakuna.fresh() as shop:
        shop.play(FORGOTTEN_PLAN)
    hakuna.assert_no_findings()


def test_an_error_in_the_block_goes_first(hakuna):
    with pytest.raises(ZeroDivisionError), hakuna.fresh() as shop:
        [shop.play(FORGOTTEN_PLAN), 1 / 0]


def test_what_the_test_permits_is_permitted_and_what_the_block_expects_is_its_own():
    with hakuna_mock.running() as hakuna:
        with hakuna.fresh() as shop:
            shop.play(FORGOTTEN_PLAN)
            shop.expect_finding(RULE)
        with pytest.raises(AssertionError, match=RULE), hakuna.fresh() as shop:
            shop.play(FORGOTTEN_PLAN)
        hakuna.verdict.permit([RULE])
        with hakuna.fresh() as shop:
            shop.play(FORGOTTEN_PLAN)


def test_nothing_is_left_of_it():
    with hakuna_mock.running() as hakuna:
        with hakuna.fresh() as shop:
            shop.play("P{d:1}")
        assert hakuna._server.get("/worlds") == []


def test_a_key_that_was_not_given_fails_the_block_and_not_the_test_again(hakuna):
    with pytest.raises(AssertionError, match="unexpected-key"), hakuna.fresh():
        hakuna._server.post_event(b"{}", {"Authorization": "Bearer sk_test_hard_coded"})
    hakuna.assert_no_findings()


@given(quantity=st.integers(1, 5))
def test_with_given_each_example_has_a_world_of_its_own(hakuna, quantity):
    with hakuna.fresh() as shop:
        shop.play(f"P{{d:{quantity}}} F{{d:{quantity}}}")
        (order,) = shop.orders()
        assert order["status"] == "fulfilled"


FAILING = """
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(quantity=st.integers(1, 5))
def test_returns(hakuna, quantity):
    with hakuna.fresh() as shop:
        shop.play(f"P{{d:5, p:5>d}} F{{d:5}} R{{d:{quantity}}}")
        shop.assert_received("order_refund_added")

def test_own_error(hakuna):
    with hakuna.fresh() as shop:
        shop.play("P{d:1}")
        assert 1 == 2

def test_two_shops(hakuna):
    with hakuna.fresh() as one, hakuna.fresh() as other:
        one.play("P{d:1}")
        other.play("X#7")
    assert False, "not reached"

def test_nothing_is_left(hakuna_server):
    assert hakuna_server.get("/worlds") == []
"""


def test_a_failing_example_is_reported_with_what_it_sent(inner, pytester):
    ran = inner(FAILING, "-p", "hypothesispytest", "--hakuna-record=records")
    ran.assert_outcomes(failed=3, passed=1)
    ran.stdout.fnmatch_lines(
        [
            f"*violation {RULE}*",
            "*test_returns(*",
            "*quantity=1,*",
            "*- hakuna events in hakuna.fresh() -*",
            "3. order_refund_added ord-1 *200*",
            "*- hakuna recording in hakuna.fresh() -*",
            "records/*",
            "*violation unknown-order*",
            "*- hakuna events in hakuna.fresh() 1 -*",
            "1. order_cancelled ord-7 *",
            "*- hakuna events in hakuna.fresh() 2 -*",
            "1. order_placed ord-1 *",
        ]
    )
    ran.stdout.fnmatch_lines(["*assert 1 == 2", "*- hakuna events in hakuna.fresh() -*"])
    assert len(list((pytester.path / "records").iterdir())) == 4


def test_the_type_of_the_fixture_can_be_imported():
    assert hakuna_mock.Hakuna is type(hakuna_mock.running().__enter__())


def test_a_play_continues_an_earlier_one_in_time(hakuna):
    with hakuna.fresh() as shop:
        shop.play("P{d:2}")
        shop.play("F{d:1}")
        shop.play("F{d:1}@5")
        shop.play("R{d:1} R{d:1}")
        times = [order["timeline"] for order in shop.orders()]
        days = [event["at"][:10] for event in times[0]]
        assert days == [f"2024-03-{day:02}" for day in (1, 2, 6, 7, 8)]


def test_a_play_continues_what_the_shop_itself_has_sent(hakuna):
    event = bodies("P#7{d:1}@20")[0]
    with hakuna.fresh() as shop:
        shop.send(event)
        shop.play("F#7{d:1}")
        assert shop.events()[-1]["body"]["payload"]["fulfillment_items"][0]["fulfilled_at"] == (
            "2024-03-22T09:00:00.000Z"
        )
