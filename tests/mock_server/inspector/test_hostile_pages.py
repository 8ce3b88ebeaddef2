"""A page of somebody else, open in the same browser: it may try, it reads and changes nothing."""

import http.server
import threading
from collections.abc import Iterator

import pytest
from asked_mock import Shop

from fuzz.client.http_client import Target

READ = """async (place) => { try { const said = await fetch(place); return await said.text() }
  catch (refused) { return "" } }"""
BLIND = """async ([place, method, body]) => {
  try { await fetch(place, {method, body, mode: "no-cors", credentials: "include"}) } catch {} }"""
WRITE = """async ([place, method]) => { try {
  const said = await fetch(place, {method, body: '{"enforcement": "reject"}',
    headers: {"Content-Type": "application/json", "Hakuna-Mock-Admin": "x"}});
  return said.status } catch (refused) { return 0 } }"""
FORM = """([place, type]) => new Promise((done) => {
  const frame = document.createElement("iframe"); frame.name = "f" + Math.random();
  const form = document.createElement("form");
  Object.assign(form, {action: place, method: "POST", target: frame.name, enctype: type});
  const field = document.createElement("input");
  Object.assign(field, {name: '{"x": "', value: '"}'}); form.append(field);
  document.body.append(frame, form);
  frame.onload = () => done(); form.submit(); setTimeout(done, 1500) })"""
LISTEN = """(place) => new Promise((done) => {
  const source = new EventSource(place, {withCredentials: true});
  source.onopen = () => done("open"); source.addEventListener("hello", () => done("hello"));
  source.onerror = () => done("refused") })"""
EMBED = """([place, kind]) => new Promise((done) => {
  const it = document.createElement(kind); it.onload = () => done("loaded");
  it.onerror = () => done("refused"); it[kind === "object" ? "data" : "src"] = place;
  document.body.append(it); setTimeout(() => done("refused"), 1500) })"""

CALLS = ("events", "orders", "findings", "requests", "worlds", "settings", "verdict", "health")
WRITES = (
    ("POST", "/_mock/v1/reset"),
    ("PUT", "/_mock/v1/settings"),
    ("POST", "/_mock/v1/scenarios/happy-return/load"),
    ("POST", "/_mock/playground"),
    ("POST", "/_mock/scenarios/happy-return"),
    ("POST", "/_mock/v1/check"),
)
TYPES = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data")


@pytest.fixture(scope="module")
def strangers_port() -> Iterator[int]:
    """Somebody else's server on this machine, with an empty page."""

    class Empty(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>evil</title><body>")

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Empty) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture
def shop(mock):
    target = Target(mock.url)
    made = Shop(target, "sk_test_victim")
    made.play("P{d:1, p:1>d} F{d:1} R{d:1}@5")
    yield made
    target.close()


def held(shop: Shop) -> list[bytes]:
    return [shop.ask(f"/{name}").body for name in CALLS if name != "health"]


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"], ids=["another site", "another port"])
def test_a_page_of_another_origin_reads_nothing_and_changes_nothing(
    open_page, mock, shop, strangers_port, name
):
    before = held(shop)
    page = open_page(f"http://{name}:{strangers_port}/", errors=False)
    for call in CALLS:
        assert page.evaluate(READ, f"{mock.url}/_mock/v1/{call}") == ""
        page.evaluate(EMBED, [f"{mock.url}/_mock/v1/{call}", "script"])
    for method, path in WRITES:
        if method == "POST":
            page.evaluate(BLIND, [mock.url + path, method, '{"type": "order_cancelled"}'])
            for kind in TYPES:
                page.evaluate(FORM, [mock.url + path, kind])
        assert page.evaluate(WRITE, [mock.url + path, method]) == 0
    assert page.evaluate(LISTEN, f"{mock.url}/_mock/v1/stream") == "refused"
    assert page.evaluate(EMBED, [f"{mock.url}/_mock/static/favicon.svg", "img"]) == "refused"
    page.evaluate(EMBED, [f"{mock.url}/_mock/", "iframe"])
    assert not any("Hakuna" in frame.content() for frame in page.frames if frame.url != page.url)
    assert held(shop) == before


def test_a_page_cannot_post_events_into_a_world_whose_key_it_may_not_send(
    open_page, mock, shop, strangers_port
):
    before = held(shop)
    page = open_page(f"http://127.0.0.1:{strangers_port}/", errors=False)
    page.evaluate(BLIND, [f"{mock.url}/sandbox/events", "POST", '{"type": "order_cancelled"}'])
    assert page.evaluate(WRITE, [f"{mock.url}/sandbox/events", "POST"]) == 0
    assert held(shop) == before


def test_a_name_that_is_rebound_to_this_machine_opens_nothing(open_page, mock, shop):
    before = held(shop)
    port = mock.url.rsplit(":", 1)[1]
    page = open_page(f"http://rebound.example:{port}/_mock/", errors=False)
    assert "is not allowed under /_mock" in page.content()
    assert "ord-1" not in page.content()
    for call in CALLS:
        assert "ord-1" not in page.evaluate(READ, f"/_mock/v1/{call}")
    for method, path in WRITES:
        assert page.evaluate(WRITE, [path, method]) == 403
    assert held(shop) == before
