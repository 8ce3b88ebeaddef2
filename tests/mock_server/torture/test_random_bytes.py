"""5,000 random strings, and requests that Hypothesis damages: an answer or a clean close within a
second, and the next good request succeeds.
"""

import asyncio
import urllib.request

import pytest
from damaged_requests import damaged, noise, random_strings
from depth import DEEP
from hypothesis import given
from hypothesis import strategies as st
from torture import told, torture

COUNT = 5000 if DEEP else 1250
"""Strings for each of two loops and two ways to end: 5,000 together, or each."""

SEED = 20_240_301


@pytest.mark.parametrize("hold", [False, True], ids=["half-closed", "held open"])
async def test_random_strings_are_answered_or_left_within_a_second(port, hold):
    strings = [
        # Blank lines alone are not the beginning of a request: a client that holds on may wait.
        data
        for data in random_strings(COUNT, SEED + hold)
        if data.strip(b"\r\n")
    ]
    counts = await torture(port, strings, hold=hold)
    assert counts["answered"] + counts["closed"] == len(strings)
    print(f"{len(strings)} strings: {told(counts)}")  # noqa: T201 - shown by pytest -rP


@given(data=st.lists(damaged() | noise(), min_size=16, max_size=16))
def test_damaged_requests_are_answered_or_left_within_a_second(port, data):
    asyncio.run(torture(port, data, hold=False))


def test_after_all_that_the_server_is_well(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_mock/v1/health") as reply:
        assert b'"status": "ok"' in reply.read()
