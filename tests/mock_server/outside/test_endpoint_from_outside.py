import json
import re
from concurrent.futures import ThreadPoolExecutor

import page
import pytest
from asked_mock import Shop, fired

from contracts import __version__
from contracts.schemas.schema_errors import jsonschema_validator
from contracts.shorthand import bodies
from fuzz.client.http_client import Target

EVENT_ID = re.compile(r"evt-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
PLACED = bodies("P{d:1, p:1>d}")[0]


def test_each_body_of_the_page_is_accepted_verbatim_with_the_pages_own_headers(target):
    for number, body in enumerate(page.EXAMPLES):
        headers = {"Bearer": f"sk_test_page{number}", "Content-Type": "application/json"}
        reply = target.post_event(body.encode(), headers)
        assert reply.status == 200
        assert "auth-bearer-header" in fired(reply)


def test_the_body_of_a_200_is_exactly_the_documented_one(shop):
    reply = shop.post(PLACED)
    assert list(reply.json()) == ["event_id"]
    assert EVENT_ID.fullmatch(reply.json()["event_id"])
    assert jsonschema_validator("reply").is_valid(reply.json())


def test_ids_are_unique(shop):
    ids = {reply.json()["event_id"] for reply in shop.play("P{d:9} F{d:1} F{d:1} F{d:1} R{d:1}")}
    assert len(ids) == 5


def test_every_reply_names_the_mock_and_its_journal_entry(shop):
    for reply in (shop.post(PLACED), shop.post(b"{"), shop.target.ask("GET", "/nowhere")):
        assert reply.headers["hakuna-mock"] == __version__
        assert re.fullmatch(r"req-[0-9]+", reply.headers["hakuna-mock-request"])


def test_a_clean_reply_has_neither_findings_nor_link(shop):
    reply = shop.post(PLACED)
    assert "hakuna-mock-findings" not in reply.headers
    assert "link" not in reply.headers


def test_findings_stand_in_a_header_and_link_leads_to_the_event(shop):
    *_, reply = shop.play("P{d:1,p:1>d} F{d:1} R{d:1}")
    assert fired(reply) == ["refund-missing-protection"]
    assert reply.headers["link"] == f'</_mock/events/{reply.json()["event_id"]}>; rel="describedby"'
    page_ = shop.target.ask("GET", f"/_mock/events/{reply.json()['event_id']}", headers=shop.auth)
    assert page_.status == 303
    assert page_.headers["location"] == f"/_mock/v1/events/{reply.json()['event_id']}"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/sandbox/events", 404, "entity_not_found"),
        ("PUT", "/sandbox/events", 404, "entity_not_found"),
        ("DELETE", "/sandbox/events", 404, "entity_not_found"),
        ("OPTIONS", "/sandbox/events", 404, "entity_not_found"),
        ("POST", "/sandbox/events/", 404, "entity_not_found"),
        ("POST", "//sandbox/events", 404, "entity_not_found"),
        ("POST", "/sandbox/event", 404, "entity_not_found"),
        ("POST", "/", 404, "entity_not_found"),
        ("POST", "/events", 404, "entity_not_found"),
        ("GET", "/events", 404, "entity_not_found"),
    ],
)
def test_a_wrong_path_or_method_is_the_documented_404(shop, method, path, status, code):
    reply = shop.target.ask(method, path, b"{}", shop.auth)
    assert (reply.status, reply.json()["error"]["error_code"]) == (status, code)
    assert jsonschema_validator("error").is_valid(reply.json())
    assert ("production-path" in fired(reply)) is (path == "/events")


def test_no_key_is_401_with_a_challenge(target):
    reply = target.post_event(json.dumps(PLACED).encode(), {"Content-Type": "application/json"})
    assert reply.status == 401
    assert reply.headers["www-authenticate"] == "Bearer"
    assert fired(reply) == ["auth-invalid"]
    assert reply.json()["error"]["error_code"] == "unauthorized"


def test_a_live_key_is_refused_everywhere_and_never_shown(target):
    live = "sk_live_" + "Zz9Yy8Xx7Ww6Vv5Uu4"
    for path in ("/sandbox/events", "/events", "/nowhere"):
        reply = target.ask("POST", path, b"{}", {"Authorization": f"Bearer {live}"})
        assert "auth-environment-mismatch" in fired(reply)
        assert live.encode() not in reply.body
    refused = target.ask("GET", "/_mock/v1/events", headers={"Authorization": f"Bearer {live}"})
    assert refused.status == 401
    journal = target.ask("GET", "/_mock/v1/requests?limit=1000").body
    assert live.encode() not in journal


def test_a_replay_has_the_same_id_and_body_says_so_and_changes_nothing(shop):
    shop.play("P{d:2,p:2>d} F{d:2}")
    refund = bodies("R{d:1}@5")[0]
    key = {"Hakuna_Idempotency_Key": "one-refund"}
    first = shop.post(refund, **key)
    before, counts = shop.everything(), shop.get("/verdict?fail_on=never")["counts"]
    second = shop.post(refund, **key)
    assert second.body == first.body
    assert second.headers["hakuna-mock-replayed"] == "true"
    assert "hakuna-mock-replayed" not in first.headers
    assert fired(first) == ["refund-missing-protection"]
    assert fired(second) == []
    assert shop.everything() == before
    assert shop.get("/verdict?fail_on=never")["counts"] == counts


def test_request_rules_are_judged_anew_on_a_replay(shop):
    key = {"Hakuna_Idempotency_Key": "again"}
    shop.post(PLACED, **key)
    replay = shop.post(PLACED, **key, Hakuna_Version=None)
    assert fired(replay) == ["version-header-missing"]


def test_a_key_with_another_body_is_refused_even_in_flag_mode(shop):
    key = {"Hakuna_Idempotency_Key": "k"}
    shop.post(PLACED, **key)
    before = shop.everything()
    reply = shop.post(bodies("P#2{d:1}")[0], **key)
    assert reply.status == 400
    assert fired(reply) == ["idempotency-key-reused"]
    assert shop.everything() == before


def test_a_refused_request_can_be_corrected_under_its_key(shop):
    key = {"Hakuna_Idempotency_Key": "corrected"}
    assert shop.post(b"{", **key).status == 400
    assert shop.post(PLACED, **key).status == 200


def test_two_keys_never_see_each_other(shop, other_shop):
    shop.play("P{d:1} F{d:1}")
    assert other_shop.get("/orders") == []
    assert fired(other_shop.play("F{d:1}")[0]) == ["unknown-order"]
    assert other_shop.ask("/events/" + shop.get("/events")[0]["event_id"]).status == 404


@pytest.mark.parametrize(
    ("play", "status", "code"),
    [
        ("P{d:1,p:1>d} F{d:1} R{d:1}", 400, "invalid_request_parameters"),
        ("P{d:1} F{d:1} X", 400, "cancel_decline"),
        ("P{d:1} X X@4", 400, "cancel_decline"),
        ("R{d:1}", 404, "entity_not_found"),
        ("P{d:1} P{d:2}", 400, "invalid_request_parameters"),
        ("P{p:1>x}", 400, "invalid_request_parameters"),
    ],
)
def test_under_reject_violations_are_refused_and_change_nothing(shop, play, status, code):
    shop.ask("/settings", "PUT", {"enforcement": "reject"})
    *earlier, last = bodies(play)
    assert [shop.post(body).status for body in earlier] == [200] * len(earlier)
    before = shop.everything()
    reply = shop.post(last)
    assert (reply.status, reply.json()["error"]["error_code"]) == (status, code)
    assert any(fired(reply)[0] in text for text in reply.json()["error"]["validation_errors"])
    assert shop.everything() == before


def test_fifty_writers_on_one_order_lose_nothing(mock, shop):
    shop.play("P{d:50}")

    def ship(number: int) -> str:
        own = Shop(Target(mock.url), shop.key)
        body = bodies(f"F{{d:1}}@{number + 1}")[0]
        reply = own.post(body)
        own.target.close()
        return reply.json()["event_id"]

    with ThreadPoolExecutor(16) as pool:
        ids = set(pool.map(ship, range(50)))
    assert len(ids) == 50
    (line,) = shop.get("/orders/ord-1")["lines"]
    assert (line["fulfilled"], line["active"]) == (50, 50)


def test_twins_under_one_idempotency_key_are_stored_once(mock, shop):
    shop.play("P{d:3}")

    def twin(_number: int) -> bytes:
        own = Shop(Target(mock.url), shop.key)
        reply = own.post(bodies("F{d:1}")[0], Hakuna_Idempotency_Key="twins")
        own.target.close()
        return reply.body

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(twin, range(16)))) == 1
    assert shop.get("/orders/ord-1")["lines"][0]["fulfilled"] == 1
