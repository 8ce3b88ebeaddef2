"""The pages as HTTP: who gets HTML and who JSON, twins, aliases, filters, the door, the headers."""

import json
import re
import subprocess
import sys
from urllib.parse import urlencode

import pytest
from inspected import HTML, KEY, LIVE_KEY, OTHER_KEY, ask, filled, look, play, refuse, send
from running_mock import running_mock

from contracts.shorthand import bodies
from mock_server import Settings
from mock_server.inspector import ROUTES

TOKEN = "token-of-this-test"


def rows(reply) -> list[str]:
    """What stands in the list, row by row."""
    return re.findall(r'<tr id="(req-\d+)"', reply.text)


def test_browsers_get_html_and_programs_json(mock):
    assert look(mock, "/").text.startswith("<!doctype html>")
    assert "calls" in ask(mock.url + "/_mock/").json
    for path in ("/events", "/orders", "/findings", "/rules", "/scenarios", "/playground"):
        assert look(mock, path).headers["Content-Type"].startswith("text/html")
        for headers in ({}, {"Accept": "*/*"}, {"Accept": "application/json"}):
            reply = ask(f"{mock.url}/_mock{path}", headers=headers)
            assert reply.headers["Content-Type"].startswith("application/json"), path
            assert reply.json == ask(f"{mock.url}/_mock{path}.json").json or path == "/playground"


def test_every_page_has_a_twin_that_its_footer_names(mock):
    for name, path in filled(mock).items():
        if name in ("login", "error"):
            continue
        text = look(mock, path).text
        twin = re.search(r'<a href="([^"]+)">This page as JSON', text)[1].replace("&amp;", "&")
        reply = look(mock, twin.removeprefix("/_mock"))
        assert reply.status == 200, (name, reply.text[:300])
        assert reply.headers["Content-Type"].startswith("application/json"), name


@pytest.mark.parametrize(
    ("page", "control"),
    [
        ("/events/latest.json", "/events/latest"),
        ("/requests/req-1.json", "/requests/req-1"),
        ("/orders.json", "/orders"),
        ("/orders/ord-1.json", "/orders/ord-1"),
        ("/orders/ord-1.json?at=5", "/orders/ord-1?at=5"),
        ("/findings.json?severity=violation", "/findings?severity=violation"),
        ("/rules.json", "/rules"),
        ("/rules/zip-format.json", "/rules/zip-format"),
        ("/scenarios.json", "/scenarios"),
    ],
)
def test_a_twin_says_what_the_control_api_says(mock, page, control):
    filled(mock)
    assert look(mock, page).json == ask(f"{mock.url}/_mock/v1{control}").json


def test_latest_is_the_last_one(mock):
    play(mock, "P#a{d:1} P#b{d:1}")
    (event_id,) = play(mock, "F#a{d:1}")
    assert event_id in look(mock, "/events/latest").text
    assert "ord-a" in look(mock, "/orders/latest").text
    assert look(mock, "/orders/latest.json").json["order_id"] == "ord-a"
    refuse(mock)
    assert look(mock, "/requests/latest.json").json["status"] == 401
    assert "P#a" in look(mock, "/orders/latest/as/shorthand").text


def test_an_order_that_is_called_latest_is_itself(mock):
    play(mock, 'P#"latest"{d:1} P#b{d:1}')
    assert look(mock, "/orders/latest.json").json["order_id"] == "latest"


def test_filters_stand_in_the_address_and_hold_for_page_and_twin(mock):
    play(mock, "P{d:1, p:1>d} F{d:1} R{d:1}@5")
    send(mock, b"{")
    for query, found in {
        "type=order_placed": ["req-1"],
        "order_id=ord-1": ["req-3", "req-2", "req-1"],
        "order_id=ord-9": [],
        "severity=violation": ["req-4", "req-3"],
        "severity=clean": ["req-2", "req-1"],
        "status=400": ["req-4"],
        "rule=refund-missing-protection": ["req-3"],
        "type=order_placed&status=400": [],
        "type=&order_id=&severity=&status=": ["req-4", "req-3", "req-2", "req-1"],
        "before=3": ["req-2", "req-1"],
        "after=3": ["req-4"],
    }.items():
        assert rows(look(mock, f"/events?{query}")) == found, query
        twin = look(mock, f"/events.json?{query}").json
        assert [item["id"] for item in twin] == found[::-1], query


def test_orders_are_filtered_by_their_address_page_and_twin_alike(mock):
    play(mock, "P#red{d:1, p:1>d} F#red{d:1} R#red{d:1}@5")
    play(mock, "P#Reddish{d:1} X#Reddish")
    play(mock, "P#blue{d:2} F#blue{d:1}")
    for query, found in {
        "q=red": ["ord-Reddish", "ord-red"],
        "q=RED&status=cancelled": ["ord-Reddish"],
        "status=partially_fulfilled": ["ord-blue"],
        "severity=violation": ["ord-red"],
        "severity=advice": [],
        "q=&status=&severity=": ["ord-blue", "ord-Reddish", "ord-red"],
    }.items():
        text = look(mock, f"/orders?{query}").text
        assert re.findall(r'<a class="open"[^>]*>([^<]+)<', text) == found, query
        twin = look(mock, f"/orders.json?{query}").json
        assert [item["order_id"] for item in twin] == found[::-1], query
    assert "No order matches" in look(mock, "/orders?q=green").text
    for query in ("status=lost", "severity=bad", "order=1"):
        assert look(mock, f"/orders?{query}").status == 400, query


def test_orders_go_on_in_pages_under_their_filter(mock):
    play(mock, " ".join(f"P#{n}{{d:1}}" + (f" X#{n}" if n % 2 else "") for n in range(220)))
    seen, path = [], "/orders?status=cancelled"
    while path:
        reply = look(mock, path)
        seen += re.findall(r'<a class="open"[^>]*>ord-(\d+)<', reply.text)
        older = re.search(r'rel="next" href="/_mock([^"]+)"', reply.text)
        path = older and older[1].replace("&amp;", "&")
    assert seen == [str(n) for n in range(219, 0, -2)]


def test_time_travel_leads_one_event_back_and_on(mock):
    play(mock, "P{d:2} F{d:1} X#9 F{d:1} R{d:1}@5")
    text = look(mock, "/orders/ord-1?at=4").text
    assert 'rel="prev" href="/_mock/orders/ord-1?at=2&amp;' in text
    assert 'rel="next" href="/_mock/orders/ord-1?at=5&amp;' in text
    assert 'rel="prev"' not in look(mock, "/orders/ord-1?at=1").text
    assert 'rel="next"' not in look(mock, "/orders/ord-1?at=5").text
    assert 'rel="prev"' not in look(mock, "/orders/ord-1").text


def test_a_misspelt_page_names_the_nearest_page(mock):
    reply = look(mock, "/findngs")
    assert reply.status == 404
    assert "did you mean /_mock/findings?" in reply.text


def test_a_misspelt_filter_is_an_error_in_words(mock):
    for query in ("typ=order_placed", "type=order_plcd", "severity=bad", "status=x", "rule=zip"):
        reply = look(mock, f"/events?{query}")
        assert reply.status == 400, query
        assert "That did not work" in reply.text


def test_long_lists_go_on_without_gaps(mock):
    ids = play(mock, " ".join(f"X#{n}" for n in range(230)))
    seen, path = [], "/events"
    while path:
        reply = look(mock, path)
        seen += rows(reply)
        older = re.search(r'rel="next" href="/_mock([^"]+)"', reply.text)
        path = older and older[1].replace("&amp;", "&")
    assert seen == [f"req-{n}" for n in range(len(ids), 0, -1)]


def test_orders_that_were_evicted_are_said_and_their_pages_say_where_they_went():
    with running_mock(Settings(port=0, max_orders=2)) as mock:
        first, *_ = play(mock, "P#1{d:1} P#2{d:1} P#3{d:1}")
        page = look(mock, "/orders").text
        assert "1 older one was evicted (serve --max-orders)" in page
        assert "ord-1" not in page
        for path in ("/orders/ord-1", f"/events/{first}"):
            gone = look(mock, path)
            assert gone.status == 404
            assert "(1 older ones are gone)" in gone.text


def test_what_the_journal_let_go_is_said_and_the_event_stays_readable():
    with running_mock(Settings(port=0, journal_limit=2)) as mock:
        first, *_ = play(mock, "P{d:1} F{d:1} R{d:1}@5 X#2")
        assert "2 older ones are no longer in the journal" in look(mock, "/").text
        page = look(mock, f"/events/{first}")
        assert "gone from the journal" in page.text
        assert "order_placed" in page.text
        assert look(mock, f"/events/{first}/as/curl").text.startswith("curl")


def test_a_replay_is_a_row_of_its_own(mock):
    (body,) = bodies("P{d:1}")
    for _ in range(2):
        send(mock, body, **{"Hakuna-Idempotency-Key": "same"})
    text = look(mock, "/").text
    assert rows(look(mock, "/")) == ["req-2", "req-1"]
    assert "replayed" in text
    assert 'href="/_mock/requests/req-2' in text


def test_an_order_of_several_worlds_asks_which(mock):
    for key in (KEY, OTHER_KEY):
        play(mock, "P{d:1}", key=key)
    reply = look(mock, "/orders/ord-1")
    assert reply.status == 409
    links = re.findall(r'href="(/_mock/orders/ord-1\?world=[^"]+)"', reply.text)
    assert len(links) == 2
    for link in links:
        assert ask(mock.url + link, headers=HTML).status == 200


def test_an_order_that_waits_for_its_placement_says_so(mock):
    play(mock, "F{d:1}")
    assert "never placed" in look(mock, "/orders/ord-1").text


def test_every_page_carries_a_strict_policy_and_is_never_stored(mock):
    for path in [*filled(mock).values(), "/static/main.js", "/static/base.css"]:
        reply = look(mock, path)
        policy = reply.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "require-trusted-types-for 'script'" in policy
        assert "unsafe" not in policy
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Cache-Control"] in ("no-store", "no-cache")


def test_no_page_has_a_script_or_a_style_of_its_own(mock):
    for name, path in filled(mock).items():
        text = look(mock, path).text
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text), name
        assert re.findall(r"<script[^>]*>", text) in (
            [],
            ['<script type="module" src="/_mock/static/main.js">'],
        ), name


def test_a_static_file_is_sent_once(mock):
    first = look(mock, "/static/main.js")
    again = look(mock, "/static/main.js", **{"If-None-Match": first.headers["ETag"]})
    assert again.status == 304
    for name in ("nothing.js", "..%2Fpages.py", "__init__.py"):
        assert look(mock, f"/static/{name}").status == 404


def test_the_icon_wears_the_number_of_violations(mock):
    play(mock, "R{d:1}")
    assert 'href="/_mock/static/favicon.svg?violations=1"' in look(mock, "/").text
    assert ">1</text>" in look(mock, "/static/favicon.svg?violations=1").text
    assert "</text>" not in look(mock, "/static/favicon.svg?violations=<script>").text


def test_a_live_key_is_on_no_page(mock):
    send(mock, {"type": LIVE_KEY, "payload": {"order_id": LIVE_KEY}})
    send(mock, b"{}", key=LIVE_KEY)
    form = urlencode({"do": "check", "headers": f"Bearer: {LIVE_KEY}", "body": LIVE_KEY}).encode()
    headers = {**HTML, "Content-Type": "application/x-www-form-urlencoded"}
    pages = [look(mock, path).text for path in ("/", "/requests/req-1", "/requests/req-2")]
    pages.append(look(mock, "/requests/req-1/as/curl").text)
    pages.append(ask(f"{mock.url}/_mock/playground", form, headers).text)
    pages.append(look(mock, f"/events/{LIVE_KEY}").text)
    assert all(LIVE_KEY not in page for page in pages)


def test_the_key_typed_into_the_playground_is_not_written_back(mock):
    secret = "sk_test_" + "alice0000secret"
    form = {"do": "send", "key": secret, "headers": "Authorization: Bearer {key}", "body": "{"}
    headers = {**HTML, "Content-Type": "application/x-www-form-urlencoded"}
    reply = ask(f"{mock.url}/_mock/playground", urlencode(form).encode(), headers)
    assert reply.status == 200
    assert secret not in reply.text
    assert "type it again" in reply.text


def test_sending_into_a_chosen_world_needs_its_key(mock):
    play(mock, "P{d:1}", key=OTHER_KEY)
    world = ask(f"{mock.url}/_mock/v1/worlds").json[0]["id"]
    headers = {**HTML, "Content-Type": "application/x-www-form-urlencoded"}
    form = {"headers": "Authorization: Bearer {key}", "body": json.dumps(bodies("P{d:1}")[0])}
    address = f"{mock.url}/_mock/playground?world={world}"
    reply = ask(address, urlencode({**form, "do": "send"}).encode(), headers)
    assert reply.status == 400
    assert "type the API key" in reply.text
    assert len(ask(f"{mock.url}/_mock/v1/events").json) == 1
    dry = ask(address, urlencode({**form, "do": "check"}).encode(), headers)
    assert "duplicate-event" in dry.text


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_no_other_site_can_send_or_load(mock, origin):
    headers = {
        **HTML,
        "Origin": origin,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    for path in ("/playground", "/scenarios/forgotten-plan", "/login"):
        assert ask(f"{mock.url}/_mock{path}", b"do=send&body={}", headers).status == 403
    assert ask(f"{mock.url}/_mock/v1/health").json["events"] == 0


def test_a_link_from_elsewhere_may_open_a_page_and_nothing_else(mock):
    play(mock, "P{d:1}")
    follow = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert look(mock, "/", **follow, **{"Sec-Fetch-Dest": "document"}).status == 200
    assert look(mock, "/", **follow, **{"Sec-Fetch-Dest": "iframe"}).status == 403
    assert look(mock, "/", **{"Sec-Fetch-Site": "cross-site"}).status == 403
    told = {**follow, "Sec-Fetch-Dest": "document"}
    assert ask(f"{mock.url}/_mock/v1/events", headers=told).status == 403
    assert look(mock, "/", Host="evil.example").status == 403


def test_off_loopback_a_browser_logs_in_with_the_token():
    settings = Settings(host="0.0.0.0", port=0, admin_token=TOKEN)
    with running_mock(settings) as mock:
        reply = look(mock, "/orders?world=w-1")
        assert 'name="token"' in reply.text
        assert 'value="/_mock/orders?world=w-1"' in reply.text
        assert look(mock, "/static/base.css").status == 200
        form = {"Content-Type": "application/x-www-form-urlencoded", **HTML}
        wrong = ask(f"{mock.url}/_mock/login", b"token=wrong", form)
        assert wrong.status == 403
        assert "Set-Cookie" not in wrong.headers
        cookie = _cookie(mock, urlencode({"token": TOKEN, "next": "/_mock/"}).encode())
        assert TOKEN not in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert "Path=/_mock" in cookie
        session = {"Cookie": cookie.split(";")[0]}
        assert "Waiting for the first event" in look(mock, "/", **session).text
        assert ask(f"{mock.url}/_mock/v1/events", headers=session).json == []
        assert ask(f"{mock.url}/_mock/v1/events").status == 403
        assert (
            ask(f"{mock.url}/_mock/v1/events", headers={"Cookie": "hakuna-mock-admin=x"}).status
            == 403
        )


def _cookie(mock, form: bytes) -> str:
    """The cookie that a login sets; the redirect is not followed."""
    from http.client import HTTPConnection  # noqa: PLC0415

    connection = HTTPConnection(mock.url.removeprefix("http://"), timeout=10)
    headers = {"Content-Type": "application/x-www-form-urlencoded", **HTML}
    connection.request("POST", "/_mock/login", form, headers)
    reply = connection.getresponse()
    assert (reply.status, reply.headers["Location"]) == (303, "/_mock/")
    connection.close()
    return reply.headers["Set-Cookie"]


@pytest.mark.parametrize(
    "asked",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/_mockevil", "/_mock/\\"],
)
def test_the_login_leads_nowhere_else(mock, asked):
    text = look(mock, f"/login?{urlencode({'next': asked})}").text
    assert 'name="next" value="/_mock/"' in text


def test_without_pages_for_people_there_are_none():
    with running_mock(Settings(port=0, no_ui=True)) as mock:
        for _, path, _ in ROUTES:
            reply = look(mock, re.sub(r"\{[^/]+\}", "x", path))
            assert reply.status in (404, 405), path
            assert reply.headers["Content-Type"].startswith("application/json")


def test_a_server_nobody_looks_at_never_loads_the_template_engine():
    code = (
        "import sys; from mock_server import create_app; create_app()\n"
        "late = ('jinja2', 'mock_server.inspector.')\n"
        "bad = [one for one in sys.modules if one.startswith(late)]\n"
        "sys.exit(str(bad) if bad else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
