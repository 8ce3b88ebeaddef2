"""The state machine for pytest: silent on a good server, exact on a bad one."""

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from running_mock import running_mock

from contracts.orders.ledger import Ledger
from fuzz.machine import events_machine
from mock_server import Settings

FEW = settings(max_examples=15, stateful_step_count=15, deadline=None, database=None)


@pytest.fixture
def mock():
    with running_mock(Settings(port=0)) as here:
        yield here.url


def test_a_good_server_passes(mock):
    run_state_machine_as_test(events_machine(mock), settings=FEW)


def test_a_bad_server_fails_with_the_expected_and_the_actual_value(mock, monkeypatch):
    good = Ledger.refund
    monkeypatch.setattr(Ledger, "refund", lambda self, asked: good(self, min(asked, 1)))
    told = settings(FEW, max_examples=100, phases=(Phase.generate,))
    with pytest.raises(AssertionError, match=r"expected .*, got "):
        run_state_machine_as_test(events_machine(mock), settings=told)


def test_it_is_a_test_case_for_pytest(mock):
    case = events_machine(mock, steps=5).TestCase
    assert case.settings.stateful_step_count == 5
    assert hasattr(case, "runTest")
