"""Tests that fake the clock or the file system have the plugin's server under their fakes too."""

import pytest

CLOCKS = {
    "freezegun": """
import pytest
from freezegun import freeze_time

at = freeze_time
real = None
""",
    "time-machine": """
import pytest
import time_machine

def at(time): return time_machine.travel(time, tick=False)
""",
}

TRAVELS = """
DAY = "2031-05-17"

def day_of(hakuna):
    hakuna.send({})
    return hakuna.requests()[-1]["received_at"][:10]

def shop(hakuna, day):
    from contracts.shorthand import bodies
    (placed,) = bodies("P{d:1}")
    placed["payload"]["placed_at"] = f"{day}T11:00:00Z"
    hakuna.send(placed)
"""

PLACES = {
    "in a decorator": """
@at(f"{DAY} 12:00:00Z")
@pytest.mark.hakuna(allow=["body-invalid"])
def test_day(hakuna): assert day_of(hakuna) == DAY
""",
    "in a block, and back, and again": """
@pytest.mark.hakuna(allow=["body-invalid"])
def test_day(hakuna):
    today = day_of(hakuna)
    with at(f"{DAY} 12:00:00Z"):
        assert day_of(hakuna) == DAY
    assert day_of(hakuna) == today != DAY
    with at(f"2001-01-01 12:00:00Z"):
        assert day_of(hakuna) == "2001-01-01"
""",
    "for what is judged": """
def test_future_today(hakuna):
    shop(hakuna, DAY)
    hakuna.expect_finding("timestamp-future")

@at(f"{DAY} 12:00:00Z")
def test_past_then(hakuna):
    shop(hakuna, DAY)
    assert hakuna.clock()["now"][:10] == DAY
""",
    "while a test waits": """
import threading, time

@at(f"{DAY} 12:00:00Z")
def test_waits(hakuna):
    sender = threading.Thread(target=shop, args=[hakuna, DAY])
    sender.start()
    hakuna.assert_received("order_placed", within=30)
    sender.join()
    with pytest.raises(AssertionError, match="received none"):
        hakuna.assert_received("order_cancelled", within=0.3)
""",
}


FROM_THE_BEGINNING = """
@pytest.fixture(scope="session", autouse=True)
def travelled():
    with at(f"{DAY} 12:00:00Z"):
        yield

@pytest.mark.hakuna(allow=["body-invalid"])
def test_day(hakuna): assert day_of(hakuna) == DAY
"""
"""In a fixture before ours."""


@pytest.mark.parametrize("library", CLOCKS)
def test_a_faked_clock_rules_the_server(inner_process, pytester, library):
    """The places where a test may fake it, side by side in a project of a module for each."""
    first, *others = (CLOCKS[library] + TRAVELS + place for place in PLACES.values())
    pytester.makepyfile(**{f"test_other_{number}": item for number, item in enumerate(others)})
    ran = inner_process(first)
    tests = sum(place.count("def test_") for place in PLACES.values())
    assert ran.parseoutcomes() == {"passed": tests}


@pytest.mark.parametrize("library", CLOCKS)
def test_so_does_one_that_was_faked_before_the_server_began(inner_process, library):
    ran = inner_process(CLOCKS[library] + TRAVELS + FROM_THE_BEGINNING)
    assert ran.parseoutcomes() == {"passed": 1}


def test_a_first_test_may_have_a_fake_file_system(inner_process):
    ran = inner_process(
        """
import os
import pytest
from contracts.shorthand import bodies

def test_first(fs, hakuna):
    assert not os.path.exists("/usr")
    hakuna.play("P{d:1, p:1>d} F{d:1} R{d:1, p:1}")
    hakuna.assert_received("order_refund_added", count=1)

def test_refused(fs, hakuna):
    event = bodies("P{d:1}")[0]
    event["payload"]["order_currency"] = "euro"
    assert hakuna.send(event).status == 400
    hakuna.expect_finding("currency-format")

def test_report(hakuna, fs):
    hakuna.play("X#7")
"""
    )
    ran.assert_outcomes(passed=2, failed=1)
    ran.stdout.fnmatch_lines(["hakuna: unknown-order", "1. order_cancelled ord-7 *"])
