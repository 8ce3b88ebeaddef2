"""GET /metrics, read as Prometheus reads it."""

import re

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families
from server_mock import KEY, event

from mock_server.metrics import page

TOKEN = "token-of-this-test"


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Every sample by name and values of labels; fails where promtool would complain."""
    found = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation, family.name
        assert family.type in ("counter", "gauge", "histogram")
        for sample in family.samples:
            assert re.fullmatch(r"hakuna_mock_[a-z_]+", sample.name)
            assert (family.type == "counter") == sample.name.endswith("_total")
            key = (sample.name.removeprefix("hakuna_mock_"), *sample.labels.values())
            assert key not in found, "a sample appears twice"
            found[key] = sample.value
    return found


async def scraped(mock, **headers: str) -> dict[tuple[str, ...], float]:
    reply = await mock.ask("GET", "/metrics", headers)
    assert reply.status == 200, reply.body
    assert reply.headers["Content-Type"].startswith("text/plain; version=")
    return samples(reply.body.decode())


async def test_a_scrape_counts_what_was_sent_and_what_is_kept(mock):
    before = await scraped(mock)
    assert before["worlds",] == before["events_kept",] == before["replays_total",] == 0
    await mock.play("P{d:1, p:1>d} F{d:1} R{d:1}@5")
    await mock.ask("POST", "/sandbox/events", {"Authorization": f"Bearer {KEY}"}, b"{")
    now = await scraped(mock)
    assert now["requests_total", "200"] == 3
    assert now["requests_total", "400"] == 1
    assert now["events_total", "order_placed"] == 1
    assert now["events_total", "order_refund_added"] == 1
    assert now["findings_total", "refund-missing-protection", "violation"] == 1
    assert now["open_findings", "violation"] >= 1
    assert now["worlds",] == 1
    assert now["events_kept",] == 3
    assert now["judging_duration_seconds_count",] == 4
    assert now["judging_duration_seconds_bucket", "+Inf"] == 4
    assert now["store_info", "false", "memory"] == 1
    assert now["effects_total",] > before["effects_total",]


async def test_a_reset_lowers_no_counter(mock):
    await mock.play("P{d:1} F{d:1}")
    before = await scraped(mock)
    await mock.reset()
    after = await scraped(mock)
    assert after["events_kept",] == 0
    for key, value in before.items():
        if key[0].endswith("_total"):
            assert after[key] >= value


async def test_replays_and_faults_are_counted_apart_from_events(mock):
    key = {"Hakuna-Idempotency-Key": "3f1c6f0e-6c0f-4a3b-9a57-0a3c2b1d4e5f"}
    for _ in range(3):
        await mock.send(event("P{d:1}"), changes=key)
    await mock.send(event("X"), changes={"Hakuna-Mock-Fault": "unavailable"})
    now = await scraped(mock)
    assert now["replays_total",] == 2
    assert now["events_total", "order_placed"] == 1
    assert now["faults_total", "unavailable"] == 1
    assert now["requests_total", "503"] == 1


async def test_a_scraper_that_knows_openmetrics_gets_it(mock):
    await mock.play("P{d:1}")
    accepted = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3"
    reply = await mock.ask("GET", "/metrics", {"Accept": accepted})
    assert reply.headers["Content-Type"].startswith("application/openmetrics-text")
    names = {family.name for family in open_metrics(reply.body.decode())}
    assert "hakuna_mock_requests" in names


async def test_off_loopback_it_wants_the_token_which_a_scraper_may_send_as_a_bearer(start_mock):
    mock = await start_mock(host="0.0.0.0", admin_token=TOKEN)
    address = {"Host": "10.1.2.3:4258"}
    assert (await mock.ask("GET", "/metrics", address)).status == 403
    wrong = {**address, "Authorization": f"Bearer {TOKEN}x"}
    assert (await mock.ask("GET", "/metrics", wrong)).status == 403
    await scraped(mock, **address, Authorization=f"Bearer {TOKEN}")
    await scraped(mock, **address, **{"Hakuna-Mock-Admin": TOKEN})
    elsewhere = {"Authorization": f"Bearer {TOKEN}"}
    assert (await mock.control("/worlds", headers=elsewhere)).status == 403


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example"])
async def test_a_foreign_host_name_and_a_foreign_origin_are_refused(mock, host):
    assert (await mock.ask("GET", "/metrics", {"Host": host})).status == 403
    origin = {"Origin": f"https://{host}"}
    assert (await mock.ask("GET", "/metrics", origin)).status == 403


async def test_a_scrape_is_no_request_of_a_shop_but_other_methods_are(mock):
    await scraped(mock)
    assert (await mock.control("/requests")).counts[0] == 0
    await mock.ask("POST", "/metrics", {}, b"{}")
    assert (await mock.control("/requests")).counts[0] == 1


async def test_without_prometheus_client_the_reply_says_what_to_install(mock, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "prometheus_client.exposition", None)
    reply = await mock.ask("GET", "/metrics", {})
    assert reply.status == 501
    assert "pip install 'hakuna-mock[metrics]'" in reply.body.decode()
    assert callable(page.metrics)
