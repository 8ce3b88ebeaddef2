"""A shop with a key of its own fills no world that a test looks at: it must not pass for that."""

import pytest
from running_mock import running_mock

import hakuna_mock

SHOP = """
import threading
import urllib.request

import pytest

from contracts.shorthand import bodies


def shop(url, key="sk_test_hard_coded_in_the_shop", text="P{d:1}"):
    import json
    for body in bodies(text):
        headers = {"Authorization": "Bearer " + key, "Content-Type": "application/json",
                   "Hakuna-Version": "v2.0"}
        request = urllib.request.Request(url, json.dumps(body).encode(), headers)
        urllib.request.urlopen(request).close()
"""

EXPLANATION = [
    "hakuna: unexpected-key",
    "violation unexpected-key (house)",
    "  --> request 1:1:1  order_placed ord-1",
    "*1 request came under sk_test_…shop, a key that no test was given",
    "  fix:    give the code under test hakuna.api_key*hakuna_env*",
    'To permit it in this test: @pytest.mark.hakuna(allow=?"unexpected-key"?)',
    "1. order_placed ord-1 *200 evt-*",
]


def test_a_shop_with_a_hard_coded_key_fails_and_the_next_test_does_not(inner):
    ran = inner(
        SHOP
        + """
def test_hard_coded(hakuna): shop(hakuna.events_url)
def test_innocent(hakuna): hakuna.play("P{d:1}")
def test_again(hakuna): shop(hakuna.events_url, text="F{d:1}")
def test_nothing(hakuna): pass
"""
    )
    ran.assert_outcomes(failed=2, passed=2)
    ran.stdout.fnmatch_lines(EXPLANATION)
    assert "sk_test_hard_coded_in_the_shop" not in ran.stdout.str()


def test_it_is_known_beside_events_under_the_right_key(inner):
    ran = inner(
        SHOP
        + """
def test_both(hakuna):
    hakuna.play("P{d:1} F{d:1}")
    shop(hakuna.events_url)
    hakuna.play("R{d:1}")
"""
    )
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["hakuna: unexpected-key", "*4. order_refund_added ord-1*"])


def test_it_may_be_permitted_or_expected_and_what_else_is_wrong_still_fails(inner):
    ran = inner(
        SHOP
        + """
@pytest.mark.hakuna(allow=["unexpected-key"])
def test_permitted(hakuna): shop(hakuna.events_url)

def test_expected(hakuna):
    shop(hakuna.events_url, key="sk_test_other")
    (finding,) = hakuna.expect_finding("unexpected-key")
    assert finding["severity"] == "violation"

@pytest.mark.hakuna(allow=["unexpected-key"])
def test_unknown_order(hakuna): shop(hakuna.events_url, key="sk_test_third", text="X#7")

def test_absent(hakuna): hakuna.expect_finding("unexpected-key")

@pytest.mark.hakuna(allow=["unexpected-keys"])
def test_misspelt(hakuna): pass
"""
    )
    ran.assert_outcomes(passed=2, failed=2, errors=1)
    ran.stdout.fnmatch_lines(["*there is no rule*did you mean unexpected-key?"])
    ran.stdout.fnmatch_lines(["hakuna: unknown-order"])


def test_it_is_seen_in_async_tests_threads_and_hakuna_env(inner):
    ran = inner(
        SHOP
        + """
@pytest.mark.asyncio
async def test_async(hakuna):
    import asyncio
    await asyncio.to_thread(shop, hakuna.events_url)

def test_thread(hakuna):
    thread = threading.Thread(target=shop, args=[hakuna.events_url])
    thread.start()
    thread.join()

def test_environment(hakuna_env): shop(hakuna_env["SHOP_URL"])
""",
        "-o",
        "hakuna_env=SHOP_URL = events_url",
    )
    ran.assert_outcomes(failed=3)


def test_a_test_that_has_only_the_server_is_judged_for_keys_too(inner):
    ran = inner(
        SHOP
        + """
def test_shop(hakuna_server): shop(hakuna_server.events_url)
def test_quiet(hakuna_server): assert hakuna_server.get("/health")["status"] == "ok"

@pytest.mark.hakuna(allow=["unexpected-key"])
def test_permitted(hakuna_server): shop(hakuna_server.events_url, key="sk_test_session")
"""
    )
    ran.assert_outcomes(failed=1, passed=2)
    ran.stdout.fnmatch_lines(EXPLANATION[:5])


def test_what_a_test_without_fixtures_sends_is_reported_at_the_end_and_not_to_the_next_test(inner):
    ran = inner(
        SHOP
        + """
URL = []

def test_first(hakuna): URL.append(hakuna.events_url)
def test_without(): shop(URL[0])
def test_innocent(hakuna): hakuna.play("P{d:1}")
"""
    )
    ran.assert_outcomes(passed=3, errors=1)
    ran.stdout.fnmatch_lines(
        ["hakuna: requests arrived while no test ran that uses the fixture*", "*unexpected-key*"]
    )


def test_a_shop_that_keeps_the_key_of_an_earlier_test_fails_the_later_one(inner):
    ran = inner(
        SHOP
        + """
KEY = []

@pytest.mark.parametrize("number", range(2))
def test_order(hakuna, number):
    KEY.append(hakuna.api_key)
    shop(hakuna.events_url, key=KEY[0])
"""
    )
    ran.assert_outcomes(passed=1, failed=1)
    ran.stdout.fnmatch_lines(["*the key of a world that has ended*", "  fix:*read its API key in*"])


def test_a_world_that_outlives_tests_is_expected(inner):
    ran = inner(
        SHOP
        + """
from hakuna_mock import Hakuna

@pytest.fixture(scope="session")
def running_shop(hakuna_server):
    world = Hakuna(hakuna_server)
    yield world
    world.assert_no_findings()

def test_placed(running_shop, hakuna): shop(running_shop.events_url, running_shop.api_key)
def test_shipped(running_shop, hakuna):
    shop(running_shop.events_url, running_shop.api_key, "F{d:1}")
    assert len(running_shop.events()) == 2
"""
    )
    ran.assert_outcomes(passed=2)


def test_keys_are_judged_as_sent_while_fixtures_are_torn_down(inner):
    ran = inner(
        SHOP
        + """
@pytest.fixture
def late(hakuna):
    yield
    shop(hakuna.events_url)

def test_nothing_yet(late): pass
def test_one_event(late, hakuna): hakuna.play("P{d:1}")
"""
    )
    ran.assert_outcomes(passed=2, errors=2)
    ran.stdout.fnmatch_lines(["hakuna: unexpected-key, sent after the test, while its fixtures*"])


def test_workers_of_xdist_judge_their_own_servers(inner_process):
    ran = inner_process(
        SHOP
        + """
@pytest.mark.parametrize("number", range(12))
def test_order(hakuna, number):
    shop(hakuna.events_url, "sk_test_hard_coded_in_the_shop" if number % 4 == 0 else hakuna.api_key)
""",
        "-n",
        "2",
    )
    ran.assert_outcomes(passed=9, failed=3)


def test_on_a_shared_target_nobody_knows_whose_a_key_is(inner):
    with running_mock() as here:
        ran = inner(
            SHOP + "def test_shop(hakuna): shop(hakuna.events_url)", f"--hakuna-target={here.url}"
        )
    ran.assert_outcomes(passed=1)


def test_running_reports_other_keys_when_it_is_asked_to_judge():
    with hakuna_mock.running() as hakuna:
        hakuna.play("P{d:1}")
        hakuna.assert_no_findings()
        hakuna._server.post_event(b"{}", {"Authorization": "Bearer sk_test_hard_coded_in_the_shop"})
        with pytest.raises(AssertionError, match="violation unexpected-key"):
            hakuna.assert_no_findings()
        assert [row["status"] for row in hakuna.requests()] == [200, 400]


def test_a_test_may_have_a_server_of_its_own_beside_the_plugin_s(inner):
    ran = inner(
        SHOP
        + """
import hakuna_mock

def test_two_servers(hakuna):
    with hakuna_mock.running() as other:
        shop(other.events_url, other.api_key)
        other.assert_no_findings()
    hakuna.play("P{d:1}")
"""
    )
    ran.assert_outcomes(passed=1)
