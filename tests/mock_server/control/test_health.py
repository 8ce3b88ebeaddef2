import pytest
from server_mock import KEY, LIVE_KEY, OTHER_KEY

from contracts.version import __version__

COUNTS = "open findings: 1 violation, 0 warning, 0 advice (fail_on=warning)"
FORGOTTEN = "P{d:1, p:1>d} F{d:1} R{d:1}@5"
PRECAUTIONS = {
    "Content-Type": "application/json; charset=utf-8",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


async def test_health_says_ok_and_counts(mock):
    await mock.play("P{d:1} F{d:1}")
    await mock.play("P{d:1}", key=OTHER_KEY)
    health = await mock.get("/health")
    assert list(health) == [
        "status",
        "version",
        "uptime_s",
        "worlds",
        "events",
        "store",
        "memory",
        "evicted",
    ]
    assert health["uptime_s"] >= 0
    del health["uptime_s"]
    memory = health.pop("memory")
    assert 0 < memory["used_bytes"] < memory["limit_bytes"]
    store = health.pop("store")
    assert (store["kind"], store["durable"]) == ("memory", False)
    assert store["position"] > 0
    assert set(health.pop("evicted").values()) == {0}
    assert health == {"status": "ok", "version": __version__, "worlds": 2, "events": 3}


async def test_health_needs_no_credentials_and_does_not_mind_bad_ones(mock):
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Bearer": LIVE_KEY}):
        assert (await mock.control("/health", headers=headers)).status == 200


async def test_a_silenced_rule_that_always_refuses_is_named_in_every_verdict(mock):
    await mock.put_settings({"rules": {"body-invalid": "off"}})
    assert (await mock.send({"type": "order_placed"})).status == 400
    verdict = await mock.control("/verdict")
    assert (
        "note: body-invalid is off: a request that breaks it is still refused"
        in (verdict.json["text"])
    )


async def test_a_world_without_findings_passes(mock):
    await mock.play("P{d:1}")
    verdict = await mock.control("/verdict")
    assert verdict.status == 200
    assert verdict.json["passed"] is True
    assert verdict.json["counts"] == {"violation": 0, "warning": 0, "advice": 0}
    assert "passed" in verdict.json["text"]


async def test_a_broken_rule_fails_with_409_so_that_curl_f_is_a_check(mock):
    await mock.play(FORGOTTEN)
    verdict = await mock.control("/verdict")
    assert verdict.status == 409
    assert list(verdict.json) == ["passed", "counts", "received", "at_stake", "text"]
    assert verdict.json["at_stake"] == [{"currency": "eur", "amount": 8499}]
    assert verdict.json["passed"] is False
    assert verdict.json["counts"]["violation"] == 1
    assert "1 violation" in verdict.json["text"]


async def test_the_text_says_what_fails_where_and_how_to_fix_it(mock):
    *_, refund = await mock.play(FORGOTTEN)
    text = (await mock.control("/verdict")).json["text"]
    assert text.split("\n") == [
        f"failed: 3 requests received, {COUNTS}",
        "at stake: €84.99",
        "violation refund-missing-protection (documented): order ord-1, event "
        + refund.json["event_id"],
        "  refunds 1 × iPhone 14 (line-d) but not the protection that belongs to it (line-p)",
        "  at stake: €84.99",
        "  fix: add line-p, quantity 1",
    ]


async def test_the_text_names_the_worst_first_and_only_what_fails(mock):
    await mock.play("P{d:1} F{d:2} F#2{d:1} R{d:1}@9")
    text = (await mock.control("/verdict?fail_on=violation")).json["text"]
    assert "over-fulfillment" not in text
    lines = (await mock.control("/verdict?fail_on=advice")).json["text"].split("\n")
    severities = [line.split()[0] for line in lines[1:] if not line.startswith(" ")]
    assert severities == sorted(severities, key=["violation", "warning", "advice"].index)
    assert set(severities) == {"violation", "warning"}


async def test_a_long_story_is_told_in_part(mock):
    for number in range(25):
        await mock.play(f"X#{number}")
    text = (await mock.control("/verdict")).json["text"]
    assert text.count("violation unknown-order") == 20
    assert text.endswith("and 5 more: GET /_mock/v1/findings?state=open")


async def test_plain_text_is_answered_where_it_is_asked_for(mock):
    await mock.play("X#1")
    body = {
        "type": "order_cancelled",
        "payload": {"order_id": "a\n\u202e" + LIVE_KEY, "cancelled_at": "2024-03-01T09:00:00Z"},
    }
    await mock.send(body)
    reply = await mock.control("/verdict", headers={"Accept": "text/plain"})
    assert reply.status == 409
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    text = reply.body.decode()
    assert text.startswith("failed: 2 requests received, open findings: 2 violation")
    assert "order a??" in text
    assert LIVE_KEY not in text


@pytest.mark.parametrize(
    ("shorthand", "fails_on"),
    [
        ("P{d:1}", set()),
        ("P{d:1} R{d:1}", {"advice"}),
        ("P{d:1} F{d:2}", {"advice", "warning"}),
        (FORGOTTEN, {"advice", "warning", "violation"}),
    ],
)
async def test_fail_on_says_from_which_severity_up_it_fails(mock, shorthand, fails_on):
    await mock.play(shorthand)
    for level in ("violation", "warning", "advice", "never"):
        status = (await mock.control(f"/verdict?fail_on={level}")).status
        assert status == (409 if level in fails_on else 200), level
    default = (await mock.control("/verdict")).status
    assert default == (409 if "warning" in fails_on else 200)


async def test_refused_violations_count_all_the_same(start_mock):
    mock = await start_mock(enforcement="reject")
    await mock.play(FORGOTTEN)
    verdict = await mock.control("/verdict", key=KEY)
    assert (verdict.status, verdict.json["counts"]["violation"]) == (409, 1)


async def test_a_resolved_finding_no_longer_fails(mock):
    await mock.play(f"{FORGOTTEN} R{{p:1}}@6")
    verdict = await mock.control("/verdict")
    assert (verdict.status, verdict.json["counts"]["violation"]) == (200, 0)


async def test_each_world_has_its_own_verdict_and_all_together_one(mock):
    await mock.play(FORGOTTEN, key=KEY)
    await mock.play("P{d:1}", key=OTHER_KEY)
    assert (await mock.control("/verdict", key=KEY)).status == 409
    assert (await mock.control("/verdict", key=OTHER_KEY)).status == 200
    assert (await mock.control("/verdict")).status == 409


async def test_requests_without_a_good_key_count_in_the_common_verdict_only(mock):
    await mock.play("P{d:1}")
    await mock.send(b"{}", changes={"Authorization": None})
    assert (await mock.control("/verdict", key=KEY)).status == 200
    assert (await mock.control("/verdict")).json["counts"]["violation"] == 1


async def test_fail_on_takes_no_other_word(mock):
    reply = await mock.control("/verdict?fail_on=warnings")
    assert reply.status == 400
    assert "did you mean warning?" in reply.said
    assert (await mock.control("/verdict?failon=advice")).status == 400


async def test_the_verdict_agrees_with_the_findings_after_any_story(mock):
    for number, story in enumerate([FORGOTTEN, "F{d:1}", "P{d:1} X X@4", "P{d:1} C{d}"]):
        await mock.play(story.replace("{", f"#{number}{{").replace("X", f"X#{number}"))
    found = await mock.get("/findings?state=open&limit=1000")
    counts = (await mock.control("/verdict")).json["counts"]
    for severity, count in counts.items():
        assert count == sum(item["severity"] == severity for item in found)


@pytest.mark.parametrize("path", ["/health", "/verdict", "/worlds", "/events", "/nothing"])
async def test_every_control_reply_is_json_that_no_cache_keeps(mock, path):
    reply = await mock.control(path)
    assert {name: reply.headers[name] for name in PRECAUTIONS} == PRECAUTIONS
    assert reply.headers["Hakuna-Mock"] == __version__


class TestNothingReceived:
    """A green result means that something was judged."""

    async def test_a_server_that_nobody_called_does_not_pass(self, mock):
        verdict = await mock.control("/verdict")
        assert verdict.status == 409
        assert verdict.json["passed"] is False
        assert verdict.json["reason"] == "nothing was received"
        assert "check the URL and the API key" in verdict.json["text"]

    async def test_nor_does_a_world_that_another_shop_was_meant_to_call(self, mock):
        await mock.play("P{d:1}")
        assert (await mock.control("/verdict", key=KEY)).status == 200
        assert (await mock.control("/verdict", key=OTHER_KEY)).status == 409

    async def test_min_events_says_how_many_are_enough(self, mock):
        await mock.play("P{d:1} F{d:1}")
        assert (await mock.control("/verdict?min_events=2")).status == 200
        few = await mock.control("/verdict?min_events=3")
        assert (few.status, few.json["reason"]) == (
            409,
            "only 2 of at least 3 requests were received",
        )

    async def test_with_none_needed_an_empty_server_passes(self, mock):
        assert (await mock.control("/verdict?min_events=0")).status == 200

    async def test_a_refused_request_was_received(self, mock):
        await mock.send(b"{")
        assert (await mock.control("/verdict?min_events=1")).json["received"] == 1

    async def test_a_reset_begins_to_count_anew(self, mock):
        await mock.play("P{d:1}")
        await mock.reset()
        assert (await mock.control("/verdict")).json["reason"] == "nothing was received"

    @pytest.mark.parametrize("value", ["-1", "many", ""])
    async def test_a_number_that_is_none_is_an_error(self, mock, value):
        assert (await mock.control(f"/verdict?min_events={value}")).status == 400


async def test_what_evicted_orders_and_worlds_stake_still_counts(start_mock):
    mock = await start_mock(max_worlds=1, max_orders=1)
    await mock.play(f"{FORGOTTEN} P#2{{d:1}}")
    plan = {"currency": "eur", "amount": 8499}
    assert (await mock.control("/verdict")).json["at_stake"] == [plan]
    await mock.play("P#3{p:1>x}", key=OTHER_KEY)
    everything = await mock.control("/verdict", key=None)
    assert everything.json["at_stake"] == [{**plan, "amount": 2 * 8499}]
    await mock.control("/reset", method="POST", key=None)
    assert (await mock.control("/verdict", key=None)).json["at_stake"] == []
