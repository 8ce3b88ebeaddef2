"""Effects as data: they survive a disk, and a world rebuilt from its log is the same world.

`make effects` does it for 20,000 conversations.
"""

import os
from typing import get_args

import pytest
from effect_logs import held, logged, rebuilt, recompacted
from hypothesis import given
from hypothesis import strategies as st
from plays import played

from contracts.worlds.apply import _APPLIED
from contracts.worlds.effect_codec import decode, encode
from contracts.worlds.effects import (
    CountsRestored,
    DriftRestored,
    Effect,
    FindingOpened,
    JournalEvicted,
    RequestRecorded,
    StakeChanged,
    StakesRestored,
    WorldCreated,
    WorldDeleted,
    WorldEvicted,
)
from contracts.worlds.journal import Entry

CONVERSATIONS = int(os.environ.get("HAKUNA_CONVERSATIONS", "300"))
NOT_OF_REQUESTS = {
    RequestRecorded,
    JournalEvicted,
    CountsRestored,
    DriftRestored,
    StakesRestored,
}
OF_ALL_WORLDS = {WorldCreated, WorldDeleted, WorldEvicted}


@pytest.mark.parametrize("part", range(4))
def test_every_effect_survives_the_codec_and_the_log_rebuilds_its_world(part):
    kinds = set()
    for seed in range(part, CONVERSATIONS, 4):
        log = logged(seed)
        again = decode(encode(log.effects))
        assert again == log.effects, seed
        assert held(rebuilt(again)) == held(log.world), seed
        assert of_one(held(recompacted(log.world))) == of_one(held(log.world)), seed
        kinds |= {type(item) for item in again}
    missing = set(get_args(Effect)) - kinds - OF_ALL_WORLDS - NOT_OF_REQUESTS
    assert not missing, "these conversations never showed some effects"


def of_one(all_held):
    """Without provider ids: one that two events share may be found again when one was evicted."""
    ours = {item: n for item, n in all_held["numbers"].items() if len(item) == 40}
    return {**all_held, "numbers": ours}


@given(st.binary(max_size=200), st.text(max_size=50), st.integers(0, 2**62))
def test_any_bytes_of_a_request_survive(body, path, number):
    entry = Entry(
        number, "req-1", 0, "POST", path, (("A", path),), body, None, (), body, (), None, False, 0.5
    )
    assert decode(encode([RequestRecorded(entry)])) == [RequestRecorded(entry)]


def test_a_finding_survives_with_what_it_stands_for():
    (finding, *_) = played("R{d:1}").log
    assert decode(encode([FindingOpened(finding, True)])) == [FindingOpened(finding, True)]


@given(st.integers() | st.integers(2**63 - 2, 2**65), st.text(st.characters(), max_size=5))
def test_no_number_and_no_text_is_rounded_by_a_log(number, text):
    effects = [StakeChanged("order", text, ("1", "line"), number)]
    assert decode(encode(effects)) == effects


def test_stakes_of_more_than_64_bits_survive():
    """A server that read them from the log of another one showed them rounded (CI, by chance)."""
    world = played("P{d:9007199254740993>d, d1=d:1, pd=plan:1>d}")
    stakes = [item.at_stake for item in world.log if item.at_stake]
    assert max(stake.amount for stake in stakes) > 2**64
    effects = [FindingOpened(item, of_replay=False) for item in world.log]
    assert decode(encode(effects)) == effects


@pytest.mark.parametrize(
    "text", ["", "{", "{}", " {}", "[1]", '[{"is": "Nothing"}]', '[{"is": "OrderOpened"}]']
)
def test_what_is_not_an_effect_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"not an effect|not a list|unexpected|empty"):
        decode(text)


def test_there_is_one_way_to_apply_each_effect():
    assert set(_APPLIED) == set(get_args(Effect)) - OF_ALL_WORLDS
