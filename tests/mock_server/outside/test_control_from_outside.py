import threading
import time

import pytest
from asked_mock import Shop
from running_mock import running_mock

from contracts import RULES, schemas
from contracts.shorthand import bodies
from fuzz.client.http_client import Target
from mock_server import Settings

FORGOTTEN = "P{d:1,p:1>d} F{d:1} R{d:1}@5"


def rules(rows) -> list[str]:
    return [row["rule"] for row in rows]


class TestHealthAndVerdict:
    def test_health_counts_worlds_and_events_without_credentials(self, shop):
        before = shop.target.ask("GET", "/_mock/v1/health").json()
        shop.play("P{d:1}")
        after = shop.target.ask("GET", "/_mock/v1/health").json()
        assert after["status"] == "ok"
        assert (after["worlds"] - before["worlds"], after["events"] - before["events"]) == (1, 1)
        assert after["uptime_s"] >= before["uptime_s"]

    def test_a_clean_world_passes_and_a_broken_rule_is_409_with_counts(self, shop):
        shop.play("P{d:1}")
        assert shop.get("/verdict")["passed"] is True
        shop.play(FORGOTTEN)
        reply = shop.ask("/verdict")
        assert reply.status == 409
        assert reply.json()["counts"] == {"violation": 1, "warning": 0, "advice": 0}
        assert "failed" in reply.json()["text"]

    def test_resolved_findings_do_not_count(self, shop):
        shop.play(f"{FORGOTTEN} R{{p:1}}@6")
        assert shop.ask("/verdict").status == 200

    @pytest.mark.parametrize(
        ("fail_on", "status"),
        [("advice", 409), ("warning", 200), ("violation", 200), ("never", 200)],
    )
    def test_fail_on_sets_what_fails(self, shop, fail_on, status):
        shop.play("P{d:1} R{d:1}")
        assert shop.ask(f"/verdict?fail_on={fail_on}").status == status

    def test_a_wrong_fail_on_is_refused_with_the_nearest_word(self, shop):
        reply = shop.ask("/verdict?fail_on=warnings")
        assert reply.status == 400
        assert "did you mean warning?" in reply.json()["error"]["message"]

    def test_refused_requests_count_in_their_world_and_401s_only_in_no_world(self):
        with running_mock() as here:
            target = Target(here.url)
            shop = Shop(target, "sk_test_verdict")
            shop.post(b"{")
            target.post_event(b"{}", {})
            assert shop.ask("/verdict").json()["counts"]["violation"] == 1
            everyone = target.ask("GET", "/_mock/v1/verdict").json()
            assert everyone["counts"]["violation"] == 2
            assert rules(target.ask("GET", "/_mock/v1/findings").json()) == [
                "body-invalid",
                "auth-invalid",
            ]
            target.close()


class TestEvents:
    def test_accepted_events_are_listed_oldest_first_with_their_bodies(self, shop):
        shop.play("P{d:1} F{d:1} X#9")
        shop.post(b"{")
        rows = shop.get("/events")
        assert [row["type"] for row in rows] == [
            "order_placed",
            "order_fulfillment_added",
            "order_cancelled",
        ]
        assert rows[0]["body"] == bodies("P{d:1}")[0]
        assert rules(rows[2]["findings"]) == ["unknown-order"]
        assert [row["seq"] for row in rows] == sorted(row["seq"] for row in rows)

    def test_they_are_filtered_by_type_and_order_and_paged_by_seq(self, shop):
        shop.play("P{d:3} P#2{d:1} F{d:1} F{d:1} F{d:1}")
        assert len(shop.get("/events?type=order_placed")) == 2
        assert len(shop.get("/events?order_id=ord-2")) == 1
        first = shop.ask("/events?limit=2")
        assert first.headers["hakuna-mock-total"] == "5"
        assert first.headers["hakuna-mock-evicted"] == "0"
        rest = shop.get(f"/events?after={first.json()[-1]['seq']}")
        ids = [row["event_id"] for row in first.json() + rest]
        assert ids == [row["event_id"] for row in shop.get("/events")]

    def test_one_is_found_by_its_id_and_the_latest_by_that_name(self, shop):
        *_, last = shop.play("P{d:1} F{d:1}")
        latest = shop.get("/events/latest")
        assert latest["event_id"] == last.json()["event_id"]
        assert shop.get(f"/events/{latest['event_id']}") == latest
        assert shop.ask("/events/evt-none").status == 404

    def test_wait_holds_the_answer_until_an_event_comes(self, shop, mock):
        def later():
            time.sleep(0.3)
            own = Shop(Target(mock.url), shop.key)
            own.play("P{d:1}")
            own.target.close()

        thread = threading.Thread(target=later)
        thread.start()
        rows = shop.get("/events?type=order_placed&wait=10")
        thread.join()
        assert len(rows) == 1

    def test_wait_ends_empty_when_nothing_comes(self, shop):
        assert shop.get("/events?wait=0.2") == []

    @pytest.mark.parametrize(
        "query",
        ["limit=x", "after=-1", "limit=0", "wait=-1", "wait=x", "type=order_paid", "ordr_id=1"],
    )
    def test_a_wrong_parameter_is_refused_in_words(self, shop, query):
        reply = shop.ask(f"/events?{query}")
        assert reply.status == 400
        assert reply.json()["error"]["message"]

    def test_a_limit_beyond_1000_means_1000(self, shop):
        assert shop.ask("/events?limit=100000").status == 200


class TestOrders:
    def test_an_order_shows_its_ledger_links_findings_and_timeline(self, shop):
        shop.play("P{d:2,p:2>d,a:1} F{d:1,a:1} R{d:1}@5")
        order = shop.get("/orders/ord-1")
        assert order["status"] == "partially_fulfilled"
        d, p, a = order["lines"]
        assert (d["ordered"], d["fulfilled"], d["refunded"], d["active"]) == (2, 1, 1, 1)
        assert (d["protected_by"], p["protects"], a["protected_by"]) == (["line-p"], ["line-d"], [])
        assert (p["is_protection"], p["product_reference"]) == (True, "prd-d")
        assert rules(order["findings"]) == ["refund-missing-protection"]
        assert [step["outcome"] for step in order["timeline"]] == ["applied"] * 3
        assert order["timeline"][2]["at"] == "2024-03-06T09:00:00.000Z"
        assert order["timeline"][2]["findings"] == ["refund-missing-protection"]

    def test_at_shows_the_order_and_its_findings_as_they_were(self, shop):
        shop.play(f"{FORGOTTEN} R{{p:1}}@6")
        seqs = [row["seq"] for row in shop.get("/events")]
        placed, _, broken, mended = (shop.get(f"/orders/ord-1?at={seq}") for seq in seqs)
        assert (placed["status"], placed["findings"]) == ("placed", [])
        assert [one["state"] for one in broken["findings"]] == ["open"]
        assert broken["findings"][0]["related"] == []
        assert {one["rule"]: one["state"] for one in mended["findings"]} == {
            "refund-missing-protection": "resolved",
            "pairing-split-across-events": "open",
        }
        assert mended == shop.get("/orders/ord-1")
        assert shop.ask(f"/orders/ord-1?at={seqs[0] - 1}").status == 404

    def test_an_order_that_waits_for_its_placement_is_404_and_says_so(self, shop):
        shop.play("F{d:1}")
        reply = shop.ask("/orders/ord-1")
        assert reply.status == 404
        assert "1 events wait for it" in reply.json()["error"]["message"]
        assert shop.get("/orders") == []
        shop.play("P{d:1}")
        order = shop.get("/orders/ord-1")
        assert order["lines"][0]["fulfilled"] == 1
        assert {one["rule"]: one["state"] for one in order["findings"]} == {
            "unknown-order": "resolved",
            "out-of-order-arrival": "open",
        }

    def test_an_order_of_two_worlds_must_be_narrowed(self, shop, other_shop):
        shop.play("P#both{d:1}")
        other_shop.play("P#both{d:2}")
        reply = shop.target.ask("GET", "/_mock/v1/orders/ord-both")
        assert reply.status == 409
        assert "world=" in reply.json()["error"]["message"]
        assert shop.get("/orders/ord-both")["lines"][0]["ordered"] == 1


class TestFindings:
    def test_they_are_filtered(self, shop):
        shop.play(f"{FORGOTTEN} R{{p:1}}@6 P#2{{d:1}} C#2{{d}}")
        assert rules(shop.get("/findings?state=resolved")) == ["refund-missing-protection"]
        assert rules(shop.get("/findings?severity=advice")) == [
            "pairing-split-across-events",
            "cancel-quantity-missing",
        ]
        assert rules(shop.get("/findings?rule=cancel-quantity-missing")) == [
            "cancel-quantity-missing"
        ]
        assert rules(shop.get("/findings?order_id=ord-2")) == ["cancel-quantity-missing"]
        assert shop.ask("/findings?rule=cancel-quantity").status == 400

    def test_each_has_what_the_schema_says_and_names_its_event_and_request(self, shop):
        *_, reply = shop.play(FORGOTTEN)
        (finding,) = shop.get("/findings")
        assert set(finding) == {*schemas.schema("finding")["required"], "seq", "at_stake"}
        assert finding["at_stake"] == {"amount": 8499, "currency": "eur"}
        assert finding["event_id"] == reply.json()["event_id"]
        assert finding["request_id"] == reply.headers["hakuna-mock-request"]

    def test_those_of_refused_requests_have_no_event(self, shop):
        shop.post(b"{")
        (finding,) = shop.get("/findings")
        assert (finding["rule"], finding["event_id"]) == ("body-invalid", None)


class TestRequests:
    def test_the_journal_holds_refused_requests_too_with_masked_keys(self, shop):
        shop.play("P{d:1}")
        reply = shop.post(b'{"broken"')
        rows = shop.get("/requests")
        assert [row["status"] for row in rows] == [200, 400]
        assert rows[1]["body"] == '{"broken"'
        assert rows[1]["reply"]["body"] == reply.body.decode()
        one = shop.get(f"/requests/{reply.headers['hakuna-mock-request']}")
        assert one == rows[1]
        assert shop.key not in str(rows)
        assert len(shop.get("/requests?status=400")) == 1

    def test_it_is_bounded_and_counts_what_went(self):
        with running_mock(Settings(port=0, journal_limit=3)) as here:
            shop = Shop(Target(here.url), "sk_test_bounded")
            shop.play("P{d:9} F{d:1} F{d:1} F{d:1} F{d:1}")
            reply = shop.ask("/requests")
            assert [len(reply.json()), reply.headers["hakuna-mock-evicted"]] == [3, "2"]
            assert "2 older ones are gone" in shop.ask("/requests/req-1").json()["error"]["message"]
            assert len(shop.get("/events")) == 5
            shop.target.close()


class TestWorldsSettingsAndReset:
    def test_worlds_are_listed_with_masked_keys_and_open_counts(self, shop):
        shop.play(FORGOTTEN)
        (row,) = shop.get("/worlds")
        assert row["key_masked"] != shop.key
        assert (row["orders"], row["events"]) == (1, 3)
        assert row["findings"] == {"violation": 1, "warning": 0, "advice": 0}

    def test_a_world_may_be_named_by_its_id_instead_of_its_key(self, shop):
        shop.play("P{d:1}")
        world = shop.get("/worlds")[0]["id"]
        by_id = shop.target.ask("GET", f"/_mock/v1/events?world={world}").json()
        assert by_id == shop.get("/events")
        assert shop.target.ask("GET", "/_mock/v1/events?world=w-0").status == 404

    def test_an_unused_key_is_an_empty_world_that_reading_does_not_make(self, shop):
        assert shop.get("/events") == []
        assert shop.get("/worlds") == []

    def test_delete_forgets_a_world_with_its_settings(self, shop):
        shop.ask("/settings", "PUT", {"enforcement": "reject"})
        world = shop.get("/worlds")[0]["id"]
        assert shop.ask(f"/worlds/{world}", "DELETE").status == 200
        assert shop.get("/settings")["enforcement"] == "flag"
        assert shop.ask(f"/worlds/{world}", "DELETE").status == 404

    def test_reset_forgets_everything_but_the_settings(self, shop, other_shop):
        shop.ask("/settings", "PUT", {"rules": {"zip-format": "off"}})
        other_shop.play("P{d:1}")
        shop.play(FORGOTTEN)
        shop.post(bodies("P#7{d:1}")[0], Hakuna_Idempotency_Key="freed")
        assert shop.ask("/reset", "POST").status == 200
        for path in ("/events", "/orders", "/findings", "/requests"):
            assert shop.get(path) == []
        assert shop.ask("/verdict").json()["received"] == 0
        assert shop.get("/settings")["rules"] == {"zip-format": "off"}
        assert shop.post(bodies("P#8{d:1}")[0], Hakuna_Idempotency_Key="freed").status == 200
        assert len(other_shop.get("/events")) == 1

    def test_settings_are_partial_answer_the_whole_and_accept_it_again(self, shop):
        shop.ask("/settings", "PUT", {"rules": {"over-refund": "violation", "zip-format": "off"}})
        whole = shop.ask("/settings", "PUT", {"enforcement": "reject"}).json()
        assert whole == {
            "enforcement": "reject",
            "rules": {"over-refund": "violation", "zip-format": "off"},
        }
        assert shop.ask("/settings", "PUT", whole).json() == whole == shop.get("/settings")
        cleared = shop.ask("/settings", "PUT", {"rules": {"zip-format": None}}).json()
        assert cleared["rules"] == {"over-refund": "violation"}

    def test_a_raised_severity_is_refused_under_reject_and_off_is_silent(self, shop):
        shop.ask(
            "/settings", "PUT", {"enforcement": "reject", "rules": {"over-refund": "violation"}}
        )
        *_, last = shop.play("P{d:1} F{d:1} R{d:2}")
        assert last.status == 400
        shop.ask("/settings", "PUT", {"rules": {"over-refund": "off"}})
        (again,) = shop.play("R{d:2}@5")
        assert (again.status, "hakuna-mock-findings" in again.headers) == (200, False)

    @pytest.mark.parametrize(
        "wrong",
        [
            [],
            {"enforcement": "off"},
            {"rules": []},
            {"rules": {"no-rule": "off"}},
            {"enforcment": "flag"},
            {"rules": {"zip-format": "loud"}},
            {"rules": {"zip-format": 1}},
        ],
    )
    def test_wrong_settings_are_refused_and_change_nothing(self, shop, wrong):
        before = shop.get("/settings")
        assert shop.ask("/settings", "PUT", wrong).status == 400
        assert shop.get("/settings") == before


class TestCheck:
    def test_a_dry_run_says_what_would_be_said_and_changes_nothing(self, shop):
        shop.play("P{d:1,p:1>d} F{d:1}")
        before = (shop.everything(), shop.get("/requests"), shop.get("/findings"))
        answer = shop.ask("/check", "POST", bodies("R{d:1}@5")[0]).json()
        assert answer["status"] == 200
        assert rules(answer["findings"]) == ["refund-missing-protection"]
        assert (shop.everything(), shop.get("/requests"), shop.get("/findings")) == before

    def test_a_list_is_judged_one_after_the_other(self, shop):
        answers = shop.ask("/check", "POST", bodies(FORGOTTEN)).json()
        assert [rules(one["findings"]) for one in answers] == [
            [],
            [],
            ["refund-missing-protection"],
        ]

    def test_headers_are_judged_where_they_are_given(self, shop):
        asked = {"headers": {"Bearer": "sk_test_x"}, "body": bodies("P{d:1}")[0]}
        answer = shop.ask("/check", "POST", asked).json()
        assert set(rules(answer["findings"])) == {
            "auth-bearer-header",
            "version-header-missing",
            "idempotency-key-missing",
            "content-type",
        }

    def test_a_malformed_event_is_answered_as_the_endpoint_would(self, shop):
        answer = shop.ask("/check", "POST", {"type": "order_paid"}).json()
        assert answer["status"] == 400
        assert "unknown-event-type" in rules(answer["findings"])

    @pytest.mark.parametrize("wrong", [{"body": 1, "header": {}}, {"body": 1, "headers": {"A": 1}}])
    def test_a_question_that_is_none_is_refused(self, shop, wrong):
        assert shop.ask("/check", "POST", wrong).status == 400


class TestContract:
    def test_rules_schemas_and_the_openapi_document_are_served(self, shop):
        assert {row["id"] for row in shop.get("/rules")} == set(RULES)
        assert shop.get("/rules/over-refund")["id"] == "over-refund"
        for name in schemas.NAMES:
            assert shop.get(f"/schemas/{name}.json") == schemas.schema(name)
        assert shop.get("/openapi.json")["openapi"] == "3.1.0"
        assert shop.ask("/rules/over-refnd").json()["error"]["message"].endswith("over-refund?")
        assert shop.ask("/schemas/nothing.json").status == 404

    def test_an_unknown_path_is_404_with_the_nearest_name_and_a_wrong_method_405(self, shop):
        reply = shop.ask("/ordrs")
        assert reply.status == 404
        assert reply.json()["error"]["nearest"] == ["/_mock/v1/orders"]
        wrong = shop.ask("/orders", "PUT", {})
        assert (wrong.status, wrong.headers["allow"]) == (405, "GET, HEAD")

    def test_the_index_lists_every_call(self, shop):
        calls = shop.target.ask("GET", "/_mock/").json()["calls"]
        assert "GET /_mock/v1/verdict" in calls
