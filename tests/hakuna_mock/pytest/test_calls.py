"""What a test costs, counted in calls of the control API."""

import re

import pytest

from fuzz.client.control_client import ControlClient

AT_THE_END = ["GET /worlds", "GET /requests?after=0&limit=1000"]


@pytest.fixture
def calls(monkeypatch):
    """The calls of the control API that an inner run makes, without ids."""
    made = []
    call = ControlClient.call

    def counted(self, method, path, *more, **other):
        made.append(re.sub(r"/w-\w+$", "", f"{method} {path}"))
        return call(self, method, path, *more, **other)

    monkeypatch.setattr(ControlClient, "call", counted)
    return made


def test_a_test_with_an_event_costs_two_calls(inner, calls):
    ran = inner(
        """
        import pytest
        from contracts.shorthand import bodies

        @pytest.mark.parametrize("number", range(3))
        def test_order(hakuna, number): hakuna.send(bodies("P{d:1}")[0])
        """
    )
    ran.assert_outcomes(passed=3)
    assert calls == ["GET /worlds", "DELETE /worlds"] * 3 + AT_THE_END


def test_a_test_that_does_not_use_us_costs_none(inner, calls):
    inner("def test_nothing(): pass").assert_outcomes(passed=1)
    assert calls == []


def test_a_play_asks_once_for_each_order_that_it_may_continue(inner, calls):
    inner('def test_order(hakuna): hakuna.play("P{d:1} F{d:1} P#2{d:1} X#3@4")')
    assert calls.count("GET /events?order_id=ord-1&after=0&limit=1000") == 1
    assert len([call for call in calls if call.startswith("GET /events")]) == 2


def test_a_block_of_fresh_costs_two_calls(inner, calls):
    ran = inner(
        """
        from contracts.shorthand import bodies

        def test_order(hakuna):
            for number in range(3):
                with hakuna.fresh() as world:
                    world.send(bodies("P{d:1}")[0])
        """
    )
    ran.assert_outcomes(passed=1)
    assert calls[:6] == ["GET /worlds", "DELETE /worlds"] * 3
