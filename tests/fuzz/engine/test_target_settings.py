"""A hakuna-mock is judged by its own settings: whatever they are, its replies are right."""

import json
from contextlib import closing

import pytest
from depth import DEEP
from running_mock import running_mock

from fuzz.client.target_session import TargetSession, UnusableTargetError
from fuzz.engine.campaign import Campaign, Limits
from fuzz.model.world_settings import WorldSettings
from mock_server import Settings

KEY = "sk_test_" + "theonlyone"

CHANGES = {
    "a rule is off": {"rules": {"zip-format": "off"}},
    "rules have other severities": {
        "rules": {"over-refund": "violation", "unknown-order": "warning", "email-format": "warning"}
    },
    "reject": {"enforcement": "reject"},
    "reject, and another rule is a violation": {
        "enforcement": "reject",
        "rules": {"over-fulfillment": "violation", "order-id-reused": "advice"},
    },
    "fewer retries per second": {"retries_per_second": 1},
    "products are plans": {"protection_products": ["prd-*", "plan"]},
    "times may disagree": {"timestamp_tolerance": 86_400},
    "times must agree exactly": {"timestamp_tolerance": 0, "enforcement": "reject"},
}
CLOCKS = {
    "ahead": {"advance": "400d"},
    "frozen": {"freeze": "2024-03-05T09:00:00Z"},
}


@pytest.fixture
def mock():
    with running_mock(Settings(port=0)) as here:
        yield here.url


def fuzz(session):
    session.identify(session.fresh_keys("look")[0])
    return Campaign(session, 1, Limits(examples=50 if DEEP else 3)).run()


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("only_key", [KEY, None], ids=["one key", "fresh keys"])
def test_settings_of_the_target_are_not_failures(mock, changes, only_key):
    """Settings of one world if there is one key; else those that new worlds start with."""
    with closing(TargetSession(mock, only_key=only_key)) as session:
        assert session.control.call("PUT", "/settings", only_key, changes).status == 200
        result = fuzz(session)
        assert [found.failure.kind for found in result.counterexamples] == []
        assert session.settings == WorldSettings().changed(changes)
        if only_key is not None:
            settings = session.control.settings(only_key)
            assert {name: settings[name] for name in changes} == changes


@pytest.mark.parametrize("clock", CLOCKS.values(), ids=CLOCKS)
def test_the_clock_of_the_world_is_the_clock_that_counts(mock, clock):
    with closing(TargetSession(mock, only_key=KEY)) as session:
        assert session.control.call("POST", "/clock", KEY, clock).status == 200
        assert fuzz(session).counterexamples == []


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("PUT", "/settings", {"outage": {"mode": "refuse", "seconds": 60}}, "plays an outage"),
        ("POST", "/faults", {"effect": "unavailable", "times": 2}, "has 1 fault armed"),
    ],
)
def test_a_world_that_answers_with_faults_cannot_be_fuzzed(mock, method, path, body, words):
    with closing(TargetSession(mock, only_key=KEY)) as session:
        assert session.control.call(method, path, KEY, body).status in (200, 201)
        with pytest.raises(UnusableTargetError, match=words) as refused:
            session.identify(KEY)
    assert KEY not in str(refused.value)


@pytest.mark.parametrize("shown", [{}, {"rules": []}, {"rules": None}, {"protection_products": 7}])
def test_settings_that_make_no_sense_are_those_of_a_new_world(shown):
    assert WorldSettings().changed(shown) == WorldSettings()


def test_a_change_names_what_changes_and_null_takes_an_override_away():
    settings = WorldSettings("reject", {"zip-format": "off", "over-refund": "violation"})
    changed = settings.changed({"rules": {"zip-format": None, "unknown-order": "warning"}})
    assert changed.enforcement == "reject"
    assert changed.rules == {"over-refund": "violation", "unknown-order": "warning"}
    assert changed.overrides() == ["over-refund violation", "unknown-order warning"]
    assert json.loads(json.dumps(changed.to_json())) == {
        "enforcement": "reject",
        "rules": {"over-refund": "violation", "unknown-order": "warning"},
    }


@pytest.mark.parametrize(
    ("settings", "severity", "refused"),
    [
        (WorldSettings(), "violation", False),
        (WorldSettings("reject"), "violation", True),
        (WorldSettings("reject"), "warning", False),
        (WorldSettings("flag", {"over-refund": "refuse"}), "warning", True),
        (WorldSettings("reject", {"over-refund": "accept"}), "violation", False),
    ],
)
def test_what_is_refused(settings, severity, refused):
    assert settings.refuses("over-refund", severity) is refused
