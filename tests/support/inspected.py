"""What the inspector's tests send, and the pages they look at."""

import itertools
import json
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from browser import AXE, AXE_OPTIONS

from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies

KEY = "sk_test_" + "demo"
OTHER_KEY = "sk_test_" + "bobby0000shop"
LIVE_KEY = "sk_" + "live_" + "Zx81Kq77Pm20Wv63"
HTML = {"Accept": "text/html"}

_numbers = itertools.count(1)

BIDI = "\u202eevil\u2066\u200f"
SCRIPT = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"


class Reply:
    """What came back."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    url: str, data: bytes | None = None, headers: Mapping[str, str] | None = None, method: str = ""
) -> Reply:
    """One request; redirects are followed."""
    request = Request(url, data=data, headers=dict(headers or {}), method=method or None)
    try:
        with urlopen(request, timeout=10) as response:
            return Reply(response.status, response.headers, response.read())
    except HTTPError as error:
        with error:
            return Reply(error.code, error.headers, error.read())


def send(here, body: Any, *, key: str = KEY, **changes: str) -> Reply:
    """One event of a good client."""
    headers = {**usual_headers(next(_numbers), key), **changes}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ask(here.events_url, data, headers)


def play(here, shorthand: str, *, key: str = KEY) -> list[str]:
    """The ids of the events of a shorthand text; all must be accepted."""
    return [send(here, body, key=key).json["event_id"] for body in bodies(shorthand)]


def refuse(here, number: int = 1) -> None:
    """Requests that belong to no world."""
    for _ in range(number):
        assert ask(here.events_url, b"{}").status == 401


def look(here, path: str, **headers: str) -> Reply:
    """A page of the inspector, as a browser asks for it."""
    return ask(here.url + "/_mock" + path, headers={**HTML, **headers})


def barriers(page, *rules: str) -> list[tuple[str, str]]:
    """What axe-core finds in an open page, as rule and element; `rules` are all or those named."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    options = AXE_OPTIONS | ({"runOnly": rules} if rules else {})
    found = page.evaluate("async options => (await axe.run(options)).violations", options)
    return [(item["id"], item["nodes"][0]["html"]) for item in found]


def hostile_order(order_id: str) -> dict[str, Any]:
    """A placement whose every text tries to be more than text."""
    (body,) = bodies("P{d:1, p:1>d}")
    payload = body["payload"]
    payload["order_id"] = order_id
    payload["customer"] = {"first_name": SCRIPT, "last_name": BIDI, "email": "=cmd|' /C calc'!A0"}
    payload["customer_billing_address"]["city"] = "x" * 100_000
    payload["line_items"][0] |= {"product_title": SCRIPT, "product_brand": BIDI + "\x00\x1b[31m"}
    payload["line_items"][1]["id"] = f"l{SCRIPT}"
    payload[SCRIPT] = "\x85\u2028'\"`{{7*7}}{% raw %}"
    return body


def filled(here) -> dict[str, str]:
    """A world with something for every page; the address of each by its name."""
    play(here, "P#busy{d:2, p:2>d, a:3} F#busy{d:1, a:2}@1 C#busy{a:1}@2 R#busy{d:1, p:1}@5")
    play(here, "P{d:1, p:1>d} F{d:1} R{d:1}@5 R{d:1}@6")
    play(here, "F#late{d:1} P#late{d:1}")
    play(here, "P#2{d:1, p:1>x}", key=OTHER_KEY)
    send(here, bodies("P#503{d:1}")[0], **{"Hakuna-Mock-Fault": "unavailable"})
    ask(f"{here.url}/_mock/v1/faults", b'{"effect": "commit_drop", "after": 1000}')
    send(here, b'{"type": "order_placed"')
    refuse(here, 5)
    play(here, "F#waits{d:1}", key=OTHER_KEY)
    world = ask(f"{here.url}/_mock/v1/worlds", headers={"Authorization": f"Bearer {KEY}"}).json
    return {
        "events": "/",
        "events of a world": f"/?world={world[0]['id']}",
        "filtered events": "/events?severity=violation",
        "an empty filter": "/events?order_id=nobody",
        "the lane": "/?lane=none",
        "event": "/events/latest",
        "refused request": "/requests/latest",
        "fault on demand": "/requests/req-13",
        "orders": "/orders",
        "some orders": "/orders?severity=violation",
        "order": "/orders/ord-1",
        "busy order": "/orders/ord-busy",
        "broken link": "/orders/ord-2",
        "order as of then": "/orders/ord-1?at=5",
        "findings": "/findings",
        "findings by source": "/findings?by=source",
        "findings by fix": "/findings?by=fix",
        "playground": "/playground?type=order_refund_added&order_id=ord-1",
        "playground again": "/playground?like=req-13",
        "coverage": "/coverage",
        "coverage, what is missing": "/coverage?show=missing",
        "rules": "/rules",
        "rule": "/rules/refund-missing-protection",
        "scenarios": "/scenarios",
        "scenario": "/scenarios/gatekeeping-matrix",
        "waiting order": "/orders/ord-waits",
        "fix": "/events/latest/fix",
        "compare": "/compare?a=req-6&b=req-7",
        "runs": "/runs",
        "start": "/start",
        "clear": "/clear",
        "search": "/events?q=ord-1",
        "login": "/login",
        "error": "/events/evt-nothing",
    }
