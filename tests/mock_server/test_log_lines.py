"""One line per request: readable for people, JSON for programs, harmless for terminals."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from server_entries import entry
from server_mock import KEY, LIVE_KEY, event

from contracts.drift.exchange import ProviderReply
from contracts.findings.finding import Basis, Finding, Severity
from contracts.worlds.journal import SentOn
from mock_server.log_lines import make_log

NASTY = "\x1b[31mred\x1b[0m\r\nInjected: 1\x00\x07\x9b2J\u202egnp\u2066.\u200f\u2028\ufeff"
HARMFUL = set("\x1b\r\x00\x07\x9b\u202e\u2066\u200f\u2028")


def finding(rule: str, severity: Severity) -> Finding:
    return Finding(rule, severity, Basis.HOUSE, "", "", "", "", None, None, "req-1")


def logged(log_format: str, *lines, out=None) -> str:
    out = out or io.StringIO()
    log = make_log(log_format, out)
    for line, kind, order_id in lines:
        log(line, kind, order_id)
    return out.getvalue()


PLACED = (entry(1, event_id="evt-1"), "order_placed", "ord-1")
REFUSED = (entry(2, status=404, path="/events", method="GET"), None, None)
REPLAYED = (entry(3, event_id="evt-1", replayed=True), "order_placed", "ord-1")


def test_a_pretty_line_says_when_what_and_what_came_of_it():
    assert logged("pretty", PLACED, REFUSED, REPLAYED).splitlines() == [
        "00:00:00 200 order_placed ord-1 evt-1",
        "00:00:00 404 GET /events refused",
        "00:00:00 200 order_placed ord-1 evt-1 (replayed)",
    ]


def test_the_rules_that_fired_follow_once_each_the_most_severe_first():
    found = (
        finding("zip-format", Severity.ADVICE),
        finding("over-refund", Severity.WARNING),
        finding("over-refund", Severity.WARNING),
        finding("unknown-order", Severity.VIOLATION),
    )
    line = logged("pretty", (entry(1, event_id="evt-1", findings=found), "order_placed", "ord-1"))
    assert line.rstrip().endswith("✗ unknown-order  ! over-refund  · zip-format")


@pytest.mark.parametrize(
    ("reply", "note"),
    [
        (ProviderReply(200, body=b'{"event_id": "evt-9"}'), ""),
        (ProviderReply(400, body=b"{}"), "  [assumed 200]"),
        (ProviderReply(200, body=b"{}"), "  [the reply has no event_id]"),
        (
            ProviderReply(200, (("content-type", "text/html"),), b"<html>"),
            "  [the reply has no event_id; the reply is a web page: is --upstream right?]",
        ),
        (
            ProviderReply(404, (("content-type", "text/html"),), b"<html>"),
            "  [assumed 200; the reply is a web page: is --upstream right?]",
        ),
    ],
)
def test_a_line_shows_where_perhaps_not_the_provider_answered(reply, note):
    sent_on = SentOn(reply, 200, b"{}")
    item = entry(1, status=reply.status, event_id="evt-1", sent_on=sent_on)
    line = logged("pretty", (item, "order_placed", "ord-1"))
    assert line == f"00:00:00 {reply.status} order_placed ord-1 evt-1{note}\n"


@pytest.mark.parametrize(
    ("line", "leads_to"),
    [
        ({"event_id": "evt-1"}, "events/evt-1"),
        ({"event_id": "evt-1", "replayed": True}, "requests/req-1"),
        ({"status": 400}, "requests/req-1"),
    ],
)
def test_a_pretty_line_leads_to_the_page_that_explains_its_findings(line, leads_to):
    found = (finding("unknown-order", Severity.VIOLATION),)
    out = io.StringIO()
    log = make_log("pretty", out, inspector=lambda: "http://127.0.0.1:4258")
    log(entry(1, findings=found, **line), "order_cancelled", "ord-1")
    assert out.getvalue().endswith(f"✗ unknown-order  http://127.0.0.1:4258/_mock/{leads_to}\n")


def test_a_clean_line_and_a_server_without_pages_lead_nowhere():
    found = (finding("unknown-order", Severity.VIOLATION),)
    out = io.StringIO()
    make_log("pretty", out, inspector=lambda: "http://127.0.0.1:4258")(*PLACED)
    make_log("pretty", out)(entry(1, findings=found, event_id="evt-1"), None, None)
    assert "http" not in out.getvalue()


def test_a_json_line_is_one_object_with_the_same_facts():
    found = (finding("zip-format", Severity.ADVICE), finding("unknown-order", Severity.VIOLATION))
    item = entry(1, event_id="evt-1", findings=found)
    message = json.loads(logged("json", (item, "order_placed", "ord-1")))
    assert message["findings"] == ["unknown-order", "zip-format"]
    assert (message["status"], message["event_id"], message["replayed"]) == (200, "evt-1", False)
    assert (message["type"], message["order_id"]) == ("order_placed", "ord-1")
    assert message["request"] == "req-1"
    assert message["at"] == "1970-01-01T00:00:00.000Z"


def test_quiet_says_nothing():
    assert logged("quiet", PLACED, REFUSED) == ""


@pytest.mark.parametrize("log_format", ["pretty", "json"])
def test_nothing_from_outside_reaches_the_terminal_as_a_command(log_format):
    nasty_path = (entry(1, path="/" + NASTY, method="GET", status=404), None, None)
    message = logged(log_format, (entry(1), "order_placed", NASTY), nasty_path)
    assert not HARMFUL & set(message)
    assert message.count("\n") == 2


@given(st.text(max_size=50), st.text(max_size=50), st.sampled_from(["pretty", "json"]))
def test_every_request_is_exactly_one_line(order_id, path, log_format):
    lines = ((entry(1), "order_placed", order_id), (entry(2, path=path), None, None))
    message = logged(log_format, *lines)
    assert len(message.splitlines()) == 2
    assert message.endswith("\n")


def test_a_pretty_line_stays_a_line_however_long_the_ids_are():
    long = "x" * 1_000_000
    message = logged(
        "pretty", (entry(1), "order_placed", long), (entry(2, path="/" + long), None, None)
    )
    assert max(map(len, message.splitlines())) < 300


@pytest.mark.parametrize("log_format", ["pretty", "json"])
async def test_a_live_key_that_stands_as_an_order_id_is_not_printed(start_mock, log_format):
    out = io.StringIO()
    mock = await start_mock(log=make_log(log_format, out))
    body = event("P{d:1}")
    body["payload"]["order_id"] = LIVE_KEY
    await mock.send(body)
    await mock.send({**body, "type": "paid"})
    assert out.getvalue().count("\n") == 2
    assert LIVE_KEY not in out.getvalue()


@pytest.mark.parametrize("log_format", ["pretty", "json"])
@pytest.mark.parametrize("headers", [{"Authorization": "{}"}, {"Bearer": "{}"}, {"Cookie": "{}"}])
async def test_no_line_of_a_running_mock_holds_a_whole_key(start_mock, log_format, headers):
    out = io.StringIO()
    mock = await start_mock(log=make_log(log_format, out))
    for key in (KEY, LIVE_KEY):
        changes = {name: f"Bearer {key}" if name == "Authorization" else key for name in headers}
        await mock.send(event("P{d:1}"), changes=changes)
        await mock.send(event("P{d:1}"), changes=changes, path=f"/x/{key}")
        await mock.send({**event("P{d:1}"), "type": key}, changes=changes)
    message = out.getvalue()
    assert message.count("\n") == 6
    assert KEY not in message
    assert LIVE_KEY not in message


def test_a_log_that_was_closed_is_no_reason_to_stop():
    out = io.StringIO()
    log = make_log("pretty", out)
    out.close()
    log(*PLACED)


def test_a_terminal_that_knows_few_letters_still_gets_every_line():
    """A stream in Latin-1 has no ✗; the line must come all the same, with another sign."""
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="latin-1")
    found = (finding("unknown-order", Severity.VIOLATION),)
    make_log("pretty", out)(entry(1, findings=found), "order_placed", "ord-日本")
    out.flush()
    assert b"unknown-order" in raw.getvalue()


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colours_are_for_terminals_only_and_not_where_they_are_unwanted(monkeypatch):
    found = (finding("unknown-order", Severity.VIOLATION),)
    line = (entry(1, findings=found), "order_placed", "ord-1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[31m" in logged("pretty", line, out=_Terminal())
    assert "\x1b" not in logged("pretty", line)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in logged("pretty", line, out=_Terminal())
