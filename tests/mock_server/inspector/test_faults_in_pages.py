"""Faults in the pages: armed in the playground, played, told in words, and removed."""

import json
import re
from contextlib import suppress
from urllib.parse import urlencode

import pytest
from inspected import HTML, KEY, OTHER_KEY, ask, look, play, send
from playwright.sync_api import expect
from running_mock import running_mock

from contracts.faults.catalogue import CATALOGUE
from contracts.shorthand import bodies
from mock_server import Settings

FORM = {**HTML, "Content-Type": "application/x-www-form-urlencoded"}
PLACED = bodies("P{d:1}")[0]


def post(here, query: str = "", **fields: str):
    """The playground's form, as a browser sends it."""
    return ask(f"{here.url}/_mock/playground{query}", urlencode(fields).encode(), FORM)


def armed(here) -> list[dict]:
    return ask(f"{here.url}/_mock/v1/faults").json


def worlds(here) -> dict[str, str]:
    """World ids by the last letters of their keys."""
    return {item["key_masked"][-4:]: item["id"] for item in ask(f"{here.url}/_mock/v1/worlds").json}


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_a_fault_is_armed_listed_played_and_removed_by_hand(mock, open_page, javascript):
    page = open_page(mock.url + "/_mock/playground", javascript=javascript)
    page.click("#faults summary")
    page.select_option("select[name=fault_effect]", "unavailable")
    page.fill("input[name=fault_times]", "2")
    page.fill("input[name=fault_retry_after]", "7")
    page.fill("textarea[name=body]", json.dumps(PLACED))
    page.click("text=Arm it")
    page.wait_for_selector(".armed >> text=played 0 of 2")
    assert "unavailable (503), Retry-After 7 s" in page.inner_text(".armed")
    assert page.input_value("textarea[name=body]") == json.dumps(PLACED), "the draft stays"
    page.click("text=Send it")
    page.wait_for_selector("#verdict >> text=This reply was an injected fault")
    assert "503" in page.inner_text("#verdict .facts")
    assert "The event was not stored" in page.inner_text("#verdict .demanded")
    page.wait_for_selector(".armed >> text=played 1 of 2")
    assert ask(f"{mock.url}/_mock/v1/events").json == []
    page.click("text=Remove")
    page.wait_for_selector(".armed", state="detached")
    page.click("text=Send it")
    page.wait_for_selector("#verdict >> text=It was sent")
    expect(page.locator("#verdict .demanded")).to_have_count(0)
    assert len(ask(f"{mock.url}/_mock/v1/events").json) == 1


def test_the_form_offers_the_whole_catalogue_with_what_the_client_sees(mock):
    text = look(mock, "/playground").text
    for kind in CATALOGUE.values():
        assert f'<option value="{kind.name}"' in text
        assert f"{kind.name}: {kind.sees}" in text


def test_a_fault_meets_the_shop_that_uses_the_key(mock):
    post(mock, do="arm", key=OTHER_KEY, fault_effect="server_error", fault_type="order_placed")
    assert send(mock, PLACED).status == 200
    assert send(mock, bodies("X#9")[0], key=OTHER_KEY).status == 200
    assert send(mock, PLACED, key=OTHER_KEY).status == 500
    assert send(mock, PLACED, key=OTHER_KEY).status == 200


def test_who_looks_at_all_worlds_arms_for_every_key_unless_told_otherwise(mock, open_page):
    play(mock, "P{d:1}", key=OTHER_KEY)
    page = open_page(mock.url + "/_mock/playground")
    page.click("#faults summary")
    page.click("text=Arm it")
    page.wait_for_selector(".armed >> text=every key")
    assert send(mock, bodies("P#2{d:1}")[0], key=OTHER_KEY).status == 503
    page.goto(f"{mock.url}/_mock/playground?world={worlds(mock)['shop']}")
    assert not page.is_checked("input[name=fault_everywhere]")


def test_a_refused_request_leads_to_its_order_where_there_is_one(mock):
    play(mock, "P{d:1}")
    for order in ("1", "nobody"):
        send(mock, bodies(f"F#{order}{{d:1}}")[0], **{"Hakuna-Mock-Fault": "unavailable"})
    assert send(mock, bodies("F{d:1}")[0], key="nobody").status == 401
    assert "/_mock/orders/" not in look(mock, "/?lane=none").text.partition('id="rows"')[2]
    text = look(mock, "/").text
    assert text.count('href="/_mock/orders/ord-1?') == 2
    assert 'href="/_mock/orders/ord-nobody' not in text
    assert 'href="/_mock/orders/ord-1?' in look(mock, "/requests/req-2").text


def test_a_fault_is_armed_for_the_chosen_world_or_for_every_key(mock):
    for key in (KEY, OTHER_KEY):
        play(mock, "P{d:1}", key=key)
    other = worlds(mock)["shop"]
    post(mock, f"?world={other}", do="arm", fault_effect="unavailable")
    assert [item["world"] for item in armed(mock)] == [other]
    assert "1 fault armed" in look(mock, f"/?world={other}").text
    assert "fault armed" not in look(mock, f"/?world={worlds(mock)['st_…']}").text
    post(mock, do="arm", fault_effect="unavailable", fault_everywhere="1")
    assert [item["world"] for item in armed(mock)] == [None, other]
    for key in (KEY, OTHER_KEY):
        assert send(mock, bodies("P#3{d:1}")[0], key=key).status == 503


def test_a_fault_of_another_world_is_not_removed_from_here(mock):
    for key in (KEY, OTHER_KEY):
        play(mock, "P{d:1}", key=key)
    mine, other = worlds(mock)["st_…"], worlds(mock)["shop"]
    post(mock, f"?world={other}", do="arm", fault_effect="unavailable")
    button = re.search(r'name="remove" value="([^"]+)"', look(mock, "/playground").text)[1]
    assert post(mock, f"?world={mine}", remove=button).status == 404
    assert post(mock, remove="nonsense").status == 404
    assert len(armed(mock)) == 1
    assert post(mock, f"?world={other}", remove=button).status == 200
    assert armed(mock) == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"fault_effect": "unavalable"}, "there is no effect"),
        ({"fault_effect": "unavailable", "fault_times": "0"}, "times: must be a whole number"),
        ({"fault_effect": "unavailable", "fault_times": "two"}, "is not a whole number"),
        ({"fault_effect": "reset", "fault_retry_after": "3"}, "only 429 and 503 carry"),
        ({"fault_effect": "reset", "fault_type": "order_lost"}, "there is no event type"),
        ({"fault_effect": "reset", "key": "pk_test_1"}, "sk_test_"),
    ],
)
def test_what_is_no_fault_is_refused_in_words(mock, fields, message):
    reply = post(mock, do="arm", **fields)
    assert reply.status == 400
    assert message in reply.text
    assert armed(mock) == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_no_other_site_can_arm_or_remove(mock, origin):
    headers = {**FORM, "Origin": origin}
    form = urlencode({"do": "arm", "fault_effect": "reset"}).encode()
    assert ask(f"{mock.url}/_mock/playground", form, headers).status == 403
    assert armed(mock) == []


@pytest.mark.parametrize("name", [item for item in CATALOGUE if item != "timeout"])
def test_rows_and_pages_say_that_a_reply_was_a_fault(mock, name):
    with suppress(ConnectionError):
        send(mock, PLACED, **{"Hakuna-Mock-Fault": name.replace("delay", "delay=1")})
    assert f"fault {name}" in look(mock, "/").text
    page = look(mock, "/requests/latest").text
    assert "<b>This reply was an injected fault</b>" in page
    assert CATALOGUE[name].sees in page
    stored = bool(ask(f"{mock.url}/_mock/v1/events").json)
    assert stored == CATALOGUE[name].processed
    sees = CATALOGUE[name].sees  # where that says it, it is not said twice
    assert ("The event was not stored." in page) == (not stored and "nothing was" not in sees)
    assert ("The event was stored." in page) == (stored and "stored" not in sees)
    if CATALOGUE[name].status == 0 and not CATALOGUE[name].answered:
        assert ">no reply<" in page
        assert "The connection ended without a reply" in page


def test_replies_that_were_faults_can_be_filtered(mock):
    send(mock, PLACED)
    send(mock, bodies("P#2{d:1}")[0], **{"Hakuna-Mock-Fault": "unavailable"})
    with suppress(ConnectionError):
        send(mock, bodies("P#3{d:1}")[0], **{"Hakuna-Mock-Fault": "reset"})
    for status, found in {"a+fault": 2, "503": 1, "no+reply": 1, "200": 1}.items():
        twin = look(mock, f"/events.json?status={status}").json
        assert len(twin) == found, status
    assert look(mock, "/events?status=nonsense").status == 400


def test_a_retry_settles_the_row_of_the_first_attempt_while_it_is_looked_at(mock, open_page):
    same = {"Hakuna-Idempotency-Key": "one-key"}
    send(mock, PLACED, **same, **{"Hakuna-Mock-Fault": "unavailable"})
    page = open_page(mock.url + "/_mock/")
    page.wait_for_selector("#live.on")
    assert page.locator("#req-1 .said.advice").count() == 1
    send(mock, PLACED, **same)
    page.wait_for_selector("#req-2")
    page.wait_for_selector("#req-1 .said.resolved")
    assert "resolved" in look(mock, "/requests/req-1").text


def test_a_dry_run_asks_the_rules_and_names_the_faults_that_wait(mock):
    post(mock, do="arm", fault_effect="empty")
    headers = "Authorization: Bearer {key}\nContent-Type: application/json"
    reply = post(mock, do="check", headers=headers, body=json.dumps(PLACED))
    assert "version-header-missing" in reply.text
    assert "1 fault is armed" in reply.text
    assert armed(mock)[0]["played"] == 0


def test_a_dry_run_plays_the_fault_that_its_own_headers_ask_for(mock):
    headers = "Authorization: Bearer {key}\nHakuna-Mock-Fault: unavailable"
    reply = post(mock, do="check", headers=headers, body=json.dumps(PLACED))
    assert "This reply would be an injected fault" in reply.text
    assert ">503<" in reply.text


def test_a_spent_fault_says_so(mock):
    post(mock, do="arm", fault_effect="unavailable")
    send(mock, PLACED)
    text = look(mock, "/playground").text
    assert 'class="spent"' in text
    assert "0 armed" in text
    assert "fault armed" not in look(mock, "/").text


def test_an_earlier_request_can_be_changed_and_sent_again(mock, open_page):
    play(mock, "P{d:1, p:1>d} F{d:1} R{d:1}@5")
    page = open_page(mock.url + "/_mock/events/latest", javascript=False)
    page.click("text=Edit and send again")
    body = json.loads(page.input_value("textarea[name=body]"))
    assert body == bodies("P{d:1, p:1>d} F{d:1} R{d:1}@5")[2]
    body["payload"]["refund_items"][0]["line_item_id"] = "line-p"
    page.fill("textarea[name=body]", json.dumps(body))
    page.click("text=Send it")
    assert "pairing-split-across-events" in page.inner_text("#verdict")


def test_what_was_no_json_can_be_sent_again_as_it_was(mock):
    send(mock, b'{"type": "order_placed",\n "payload"', **{"Hakuna-Version": "v9"})
    twin = look(mock, "/playground.json?like=req-1").json
    assert twin["raw"] == '{"type": "order_placed",\n "payload"'
    assert twin["headers"]["Hakuna-Version"] == "v9"
    assert twin["headers"]["Authorization"] == "Bearer {key}"
    assert look(mock, "/playground?like=req-99").status == 404


def test_keys_of_the_server_s_own_arm_for_the_first_of_them():
    with running_mock(Settings(port=0, api_key=(OTHER_KEY,))) as mock:
        assert post(mock, do="arm", fault_effect="unavailable").status == 200
        assert send(mock, PLACED, key=OTHER_KEY).status == 503


def test_an_outage_is_seen_on_every_page_while_it_lasts(mock):
    play(mock, "P{d:1}")
    address = f"{mock.url}/_mock/v1/settings"
    auth = {"Authorization": f"Bearer {KEY}"}
    ask(address, b'{"outage": "refuse"}', auth, method="PUT")
    world = worlds(mock)["st_…"]
    assert "Outage (refuse): no event gets through" in look(mock, f"/orders?world={world}").text
    assert send(mock, bodies("F{d:1}")[0]).status == 503
    assert "fault unavailable" in look(mock, "/").text
    ask(address, b'{"outage": null}', auth, method="PUT")
    assert "Outage" not in look(mock, f"/orders?world={world}").text
