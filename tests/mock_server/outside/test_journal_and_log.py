import io
import json

from asked_mock import Shop
from hypothesis import given
from hypothesis import strategies as st
from running_mock import running_mock

from contracts.findings.finding import Basis, Finding, Severity
from contracts.worlds.journal import Entry, Journal, masked_headers
from fuzz.client.http_client import Target
from mock_server.log_lines import make_log

SECRET = "averylongsecretkey"


def entry(seq: int = 1, body: bytes = b"{}", **changed) -> Entry:
    values = {
        "seq": seq,
        "id": f"req-{seq}",
        "received_at": 0,
        "method": "POST",
        "path": "/sandbox/events",
        "headers": (),
        "body": body,
        "status": 200,
        "reply_headers": (),
        "reply_body": b"{}",
        "findings": (),
        "event_id": "evt-1",
        "replayed": False,
        "duration_ms": 1.0,
    }
    return Entry(**{**values, **changed})


def test_a_journal_keeps_the_latest_and_counts_the_rest():
    journal = Journal(limit=2)
    for seq in range(5):
        journal.add(entry(seq))
    assert [one.seq for _, one in journal.rows] == [3, 4]
    assert journal.evicted == 3


def test_it_is_bounded_by_bytes_too_but_keeps_the_newest():
    journal = Journal(limit=100, byte_limit=10_000)
    for seq in range(5):
        journal.add(entry(seq, b"x" * 4000))
    assert [one.seq for _, one in journal.rows] == [3, 4]
    journal.add(entry(9, b"x" * 50_000))
    assert [one.seq for _, one in journal.rows] == [9]


@given(
    st.sampled_from(["Authorization", "bearer", "X-API-KEY", "Cookie", "X-Anything"]),
    st.sampled_from(["sk_test_", "sk_live_"]),
    st.sampled_from(["{}", "Bearer {}", "basic {}", "Bearer  {} ", "{0}, {0}", "a={};b"]),
)
def test_no_header_keeps_a_whole_key(name, prefix, form):
    key = prefix + SECRET
    assert key not in str(masked_headers(((name, form.format(key)),)))


def test_a_live_key_inside_a_body_is_never_stored():
    live = "sk_live_" + SECRET
    with running_mock() as here:
        shop = Shop(Target(here.url), "sk_test_bodies")
        shop.post({"type": live, "payload": {"order_id": live}})
        stored = shop.ask("/requests").body + shop.ask("/findings").body
        shop.target.close()
    assert live.encode() not in stored


def test_a_pretty_line_shows_event_id_and_rules_the_most_severe_first():
    def finding(rule: str, severity: Severity) -> Finding:
        return Finding(rule, severity, Basis.HOUSE, "", "", "", "", None, None, "req-1")

    out = io.StringIO()
    log = make_log("pretty", out)
    found = (finding("b", Severity.ADVICE), finding("a", Severity.VIOLATION))
    log(entry(findings=found), "order_placed", "ord-1")
    assert out.getvalue() == "00:00:00 200 order_placed ord-1 evt-1  ✗ a  · b\n"


def test_hostile_ids_cannot_write_into_the_log():
    for log_format in ("pretty", "json"):
        out = io.StringIO()
        make_log(log_format, out)(entry(), "order_placed", "ord\n\x1b[2J\u202e" + "x" * 500)
        line = out.getvalue()
        assert line.count("\n") == 1
        assert "\x1b" not in line
    assert json.loads(line)["order_id"].startswith("ord\n")


def test_a_log_that_nobody_reads_any_more_stops_nothing():
    out = io.StringIO()
    log = make_log("pretty", out)
    out.close()
    log(entry(), None, None)
