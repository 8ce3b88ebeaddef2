"""The object of the fixture `hakuna` and of `hakuna_mock.running()`, asked directly."""

import http.server
import json
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

import hakuna_mock
from contracts.http.idempotency import KEY_HEADER
from contracts.shorthand import bodies
from fuzz.client.http_client import Target, TargetError
from hakuna_mock.pytest.world import Hakuna
from hakuna_mock.servers.control_client import HakunaError, HakunaServer
from mock_server.serving import ListenError
from mock_server.settings import SettingsError

ORDER = "P{d:1, p:1>d}"


@pytest.fixture(scope="module")
def server():
    with hakuna_mock.running() as world:
        yield world._server


@pytest.fixture
def hakuna(server):
    return Hakuna(server)


def test_running_gives_a_world_in_a_server_that_ends_with_the_block():
    with hakuna_mock.running() as hakuna:
        assert hakuna.send(bodies(ORDER)[0]).status == 200
        assert [event["type"] for event in hakuna.events()] == ["order_placed"]
        url = hakuna.url
    with pytest.raises(Exception, match="does not answer"):
        Target(url).ask("GET", "/_mock/v1/health")
    assert "hakuna-mock" not in {thread.name for thread in threading.enumerate()}


def test_two_servers_may_run_at_once():
    with hakuna_mock.running() as item, hakuna_mock.running() as other:
        item.play(ORDER)
        assert item.url != other.url
        assert other.events() == []


def test_running_takes_the_settings_of_serve_and_says_which_is_none():
    with hakuna_mock.running(enforcement="reject", journal_limit=2) as hakuna:
        assert [reply.status for reply in hakuna.play("R{d:1} R{d:1} R{d:1}")] == [404] * 3
        assert len(hakuna.requests()) == 2
        with pytest.raises(AssertionError, match="which the journal no longer holds"):
            hakuna.assert_no_findings()
    with pytest.raises(SettingsError, match="no setting 'enforcment'; did you mean enforcement"):
        hakuna_mock.running(enforcment="reject").__enter__()
    with pytest.raises(SettingsError, match="must be one of flag, reject"):
        hakuna_mock.running(enforcement="strict").__enter__()


def test_running_depends_on_no_variable_and_no_file(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.hakuna-mock]\nenforcement = "reject"\n')
    monkeypatch.setenv("HAKUNA_MOCK_PORT", "1")
    with hakuna_mock.running() as hakuna:
        assert hakuna.play("X")[0].status == 200


def test_a_taken_port_is_said_in_a_sentence(server):
    port = int(server.url.rpartition(":")[2])
    with pytest.raises(ListenError, match="cannot listen on"):
        hakuna_mock.running(port=port).__enter__()


def test_a_server_with_an_admin_token_is_asked_with_it():
    with hakuna_mock.running(admin_token="choose-one") as hakuna:
        hakuna.play(ORDER)
        assert len(hakuna.orders()) == 1


def test_the_addresses_are_what_shops_configure(hakuna, server):
    assert hakuna.events_url == f"{server.url}/sandbox/events"
    assert hakuna.sandbox_url == f"{server.url}/sandbox"
    assert hakuna.url == server.url


def test_headers_are_those_of_a_good_client_without_an_idempotency_key(hakuna):
    assert hakuna.headers == {
        "Authorization": f"Bearer {hakuna.api_key}",
        "Content-Type": "application/json",
        "Hakuna-Version": "v2.0",
    }


def test_the_key_is_not_in_the_objects_text(hakuna):
    assert hakuna.api_key not in repr(hakuna)
    assert hakuna.api_key[-4:] in repr(hakuna)


def test_send_is_a_good_client_and_headers_change_that(hakuna):
    event = bodies(ORDER)[0]
    reply = hakuna.send(event)
    assert reply.json()["event_id"].startswith("evt-")
    assert "hakuna-mock-findings" not in reply.headers
    again = hakuna.send(json.dumps(event), headers={"Hakuna-Version": None, "X-Shop": "1"})
    assert again.headers["hakuna-mock-findings"] == "duplicate-event,version-header-missing"
    assert hakuna.send(b"no json").status == 400


def test_what_is_no_shorthand_is_an_error_that_points_at_the_place(hakuna):
    with pytest.raises(HakunaError, match=r"this is not shorthand: .*\n  P\{d:1\} Q\n +\^"):
        hakuna.play("P{d:1} Q")
    assert hakuna.requests() == []


def test_a_retry_under_the_same_key_is_one_event_and_two_requests(hakuna):
    event = bodies(ORDER)[0]
    key = {"Hakuna-Idempotency-Key": "retry-1"}
    first, second = hakuna.send(event, headers=key), hakuna.send(event, headers=key)
    assert first.json() == second.json()
    hakuna.assert_received("order_placed", count=1)
    assert [row["replayed"] for row in hakuna.requests()] == [False, True]
    hakuna.assert_no_findings("advice")


def test_lists_are_whole_however_long_they_are(hakuna):
    for number in range(1005):
        hakuna.send({**bodies(f"P#{number}{{d:1}}")[0]})
    assert len(hakuna.events()) == len(hakuna.orders()) == len(hakuna.requests()) == 1005


@pytest.mark.parametrize(
    "subset",
    [
        {},
        {"order_id": "ord-1"},
        {"customer": {"first_name": "Max"}},
        {"line_items": [{"id": "line-p"}]},
        {"line_items": [{"quantity": 1}, {"quantity": 1}]},
        {"line_items": [{"quantity": 1}, {"id": "line-d"}]},
        {"line_items": [{"custom_properties": {"product_reference": "prd-d"}}]},
    ],
)
def test_received_events_are_found_by_what_their_payload_holds(hakuna, subset):
    hakuna.play(ORDER)
    (event,) = hakuna.assert_received("order_placed", **subset)
    assert event["order_id"] == "ord-1"


@pytest.mark.parametrize(
    ("subset", "message"),
    [
        ({"order_id": "ord-2"}, "/order_id is 'ord-1', not 'ord-2'"),
        ({"order": "ord-1"}, "/order is missing; did you mean order_id?"),
        ({"customer": {"first_name": "Eva"}}, "/customer/first_name is 'Max', not 'Eva'"),
        ({"line_items": [{"id": "line-x"}]}, "/line_items has no item for {'id': 'line-x'}"),
        ({"line_items": [{"id": "line-d"}, {"id": "line-d"}]}, "/line_items has no item for"),
        ({"line_items": [{"quantity": True}]}, "/line_items has no item for {'quantity': True}"),
    ],
)
def test_a_missing_event_is_explained_by_the_nearest(hakuna, subset, message):
    hakuna.play(ORDER)
    with pytest.raises(AssertionError) as caught:
        hakuna.assert_received("order_placed", **subset)
    text = str(caught.value)
    assert text.startswith("expected at least one order_placed with ")
    assert message in text
    assert "1. order_placed ord-1  200 evt-" in text


def test_the_count_must_be_met_exactly(hakuna):
    hakuna.play("P#1{d:1} P#2{d:1}")
    assert len(hakuna.assert_received("order_placed", count=2)) == 2
    hakuna.assert_received("order_placed", count=1, order_id="ord-2")
    hakuna.assert_received("order_cancelled", count=0)
    with pytest.raises(AssertionError, match="expected 1 order_placed, received 2"):
        hakuna.assert_received("order_placed", count=1)
    with pytest.raises(AssertionError, match="expected no order_placed, received 2"):
        hakuna.assert_received("order_placed", count=0)


def test_a_misspelt_type_is_an_error_with_the_nearest_name(hakuna):
    with pytest.raises(HakunaError, match="'shipment'; there are order_placed, "):
        hakuna.assert_received("shipment")
    with pytest.raises(HakunaError, match="did you mean order_refund_added"):
        hakuna.assert_received("order_refund_add")


def test_within_waits_for_an_event_of_another_thread(hakuna):
    sender = threading.Timer(0.3, hakuna.play, ["P#1{d:1} P#2{d:1}"])
    sender.start()
    assert len(hakuna.assert_received("order_placed", count=2, within=30)) == 2
    sender.join()


def test_count_zero_within_a_time_sees_an_event_that_comes_later(hakuna):
    sender = threading.Timer(0.2, hakuna.play, [ORDER])
    sender.start()
    with pytest.raises(AssertionError, match="expected no order_placed within 30 s, received 1"):
        hakuna.assert_received("order_placed", count=0, within=30)
    sender.join()


def test_count_zero_within_a_time_waits_until_its_end(hakuna):
    started = time.monotonic()
    hakuna.assert_received("order_placed", count=0, within=0.3)
    assert time.monotonic() - started >= 0.3


def test_what_went_to_another_key_is_hinted_at(hakuna, server):
    server.post_event(b"{}", {"Authorization": "Bearer sk_test_hard_coded_in_the_shop"})
    with pytest.raises(AssertionError, match=r"sent under another key \(sk_test_…shop\); use hak"):
        hakuna.assert_received("order_placed")


async def test_waiting_in_an_event_loop_says_how_not_to_block_it(hakuna):
    with pytest.raises(AssertionError, match=r"await asyncio.to_thread\(hakuna.assert_received"):
        hakuna.assert_received("order_placed", within=0.1)


def test_assert_no_findings_shows_what_is_open(hakuna):
    hakuna.assert_no_findings("advice")
    hakuna.play(f"{ORDER} F{{d:1}} R{{d:1}}")
    with pytest.raises(AssertionError, match="violation refund-missing-protection"):
        hakuna.assert_no_findings()
    with pytest.raises(HakunaError, match="'error' is not a severity; there are violation"):
        hakuna.assert_no_findings("error")
    hakuna.expect_finding("refund-missing-protection")
    hakuna.assert_no_findings()


def test_expecting_a_rule_that_does_not_exist_is_an_error(hakuna):
    with pytest.raises(HakunaError, match="did you mean zip-format"):
        hakuna.expect_finding("zip-formt")


def test_reset_forgets_everything(hakuna):
    hakuna.play("X#1")
    hakuna.send({}, headers={"Authorization": None})
    assert len(hakuna.findings()) >= 2
    hakuna.reset()
    assert hakuna.events() == hakuna.requests() == hakuna.findings() == []


def test_many_threads_may_use_one_world(hakuna):
    threads = [threading.Thread(target=hakuna.play, args=[f"P#{n}{{d:1}}"]) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    hakuna.assert_received("order_placed", count=20)
    hakuna.assert_no_findings()


def test_a_fault_plays_for_this_world_and_says_what_the_client_did(hakuna):
    armed = hakuna.fault("commit_drop", times=1, type="order_placed")
    assert armed["effect"] == "commit_drop"
    (placed,) = bodies("P{d:1}")
    key = {KEY_HEADER: "one-key"}
    with pytest.raises(TargetError):
        hakuna.send(placed, headers=key)
    (event,) = hakuna.events()
    assert hakuna.verdict.failing_rules() == ["retry-missing"]
    assert hakuna.send(placed, headers=key).json() == {"event_id": event["event_id"]}
    hakuna.assert_no_findings()


def test_an_event_is_never_sent_twice_on_its_own(hakuna):
    hakuna.play("P{d:1}")  # from here on the connection is one that was used before
    hakuna.fault("reset")
    with pytest.raises(TargetError):
        hakuna.play("F{d:1}")
    assert len(hakuna.requests()) == 2


def test_an_unknown_fault_is_refused_with_the_nearest_name(hakuna):
    with pytest.raises(HakunaError, match=r"refused the fault 'commit_dorp': 400 .*commit_drop"):
        hakuna.fault("commit_dorp")


def test_an_outage_ends_when_the_test_says_so(hakuna):
    hakuna.outage("refuse")
    assert hakuna.play("P{d:1}")[0].status == 503
    hakuna.outage(None)
    assert hakuna.play("P{d:1}")[0].status == 200


def test_the_clock_of_this_world_is_set_forward(hakuna):
    before = hakuna.clock()["now"]
    after = hakuna.clock(advance="14d", freeze=True)
    assert after["frozen"]
    assert after["now"] > before


def test_the_clock_takes_what_python_has_for_times(hakuna):
    stood = hakuna.clock(freeze=datetime(2030, 1, 1, tzinfo=UTC), advance=timedelta(days=14))
    assert stood["now"] == "2030-01-15T00:00:00.000Z"
    with pytest.raises(HakunaError, match="offset is missing"):
        hakuna.clock(freeze=datetime(2030, 1, 1))  # noqa: DTZ001 - the mistake


def test_a_clock_that_cannot_be_set_so_is_refused_in_words(hakuna):
    with pytest.raises(HakunaError, match="the clock was not set: 400 /advance"):
        hakuna.clock(advance="soon")


@contextmanager
def server_that_answers(status: int, version: str):
    """Another version of the server, that answers every call of the control API alike."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            told = b'{"error": {"message": "there is nothing here"}}'
            self.send_response(status)
            self.send_header("Hakuna-Mock", version)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        thread = threading.Thread(target=served.serve_forever, args=(0.02,))
        thread.start()
        asking = HakunaServer(f"http://127.0.0.1:{served.server_port}")
        yield Hakuna(asking)
        asking.close()
        served.shutdown()
        thread.join()


def test_fault_says_when_a_server_is_too_old_to_have_any():
    with (
        server_that_answers(404, "0.0.9") as hakuna,
        pytest.raises(HakunaError, match=r"hakuna-mock 0\.0\.9\) has no faults"),
    ):
        hakuna.fault("reset")
