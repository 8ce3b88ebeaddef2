import io
import json
import sys

import pytest

from contracts.rules import RULES
from contracts.shorthand import bodies

FORGOTTEN = "P{d:1, p:1>d} F{d:1} R{d:1}@5"
HAPPY = "P{d:1, p:1>d} F{d:1} R{d:1, p:1}@5"


def as_lines(shorthand: str) -> str:
    return "\n".join(json.dumps(body) for body in bodies(shorthand)) + "\n"


@pytest.fixture
def written(tmp_path):
    def write(text: str, name: str = "events.json") -> str:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return name

    return write


def test_clean_events_pass_with_exit_0(run, written):
    ran = run("check", written(json.dumps(bodies(HAPPY))))
    assert ran.code == 0
    assert "passed: 3 events of 1 order" in ran.out


def test_a_forgotten_protection_fails_with_exit_1_and_says_what_to_add(run, written):
    ran = run("check", written(json.dumps(bodies(FORGOTTEN))))
    assert ran.code == 1
    assert "refund-missing-protection (documented)" in ran.out
    assert "fix:    add line-p, quantity 1" in ran.out


def test_the_frame_points_at_file_line_and_column_of_the_entry(run, written):
    text = json.dumps(bodies(FORGOTTEN), indent=2)
    ran = run("check", written(text))
    refund = next(n for n, row in enumerate(text.split("\n")) if "refund_items" in row)
    assert f"--> events.json:{refund + 2}:" in ran.out
    frame = ran.out.split("\n")
    caret = next(row for row in frame if row.strip().endswith("^"))
    above = frame[frame.index(caret) - 1]
    assert above[caret.index("^")] == "{"


def test_json_lines_are_read_and_the_line_is_named(run, written):
    ran = run("check", written(as_lines(FORGOTTEN), "events.jsonl"))
    assert ran.code == 1
    assert "--> events.jsonl:3:" in ran.out


def test_one_event_alone_is_read(run, written):
    ran = run("check", written(json.dumps(bodies("P{d:1}")[0], indent=1)))
    assert ran.code == 0
    assert "1 event of 1 order" in ran.out


def test_standard_input_is_read_for_a_dash(run, monkeypatch):
    stdin = io.TextIOWrapper(io.BytesIO(as_lines(FORGOTTEN).encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    ran = run("check", "-")
    assert ran.code == 1
    assert "<stdin>:3:" in ran.out


def test_several_files_are_one_history(run, written):
    first = written(as_lines("P{d:1, p:1>d} F{d:1}"), "a.jsonl")
    second = written(as_lines("R{d:1}"), "b.jsonl")
    ran = run("check", first, second)
    assert "--> b.jsonl:1:" in ran.out
    assert "unknown-order" not in ran.out


def test_rules_about_headers_are_not_judged_on_recorded_events(run, written):
    ran = run("check", written(as_lines(HAPPY)), "--fail-on", "advice")
    assert ran.code == 0


def test_the_json_report_holds_findings_with_places(run, written):
    ran = run("check", written(as_lines(FORGOTTEN), "e.jsonl"), "--output-format", "json")
    report = json.loads(ran.out)
    assert report["passed"] is False
    assert report["counts"] == {"violation": 1, "warning": 0, "advice": 0}
    (finding,) = report["findings"]
    assert (finding["rule"], finding["file"], finding["line"], finding["event"]) == (
        "refund-missing-protection",
        "e.jsonl",
        3,
        3,
    )
    assert [event["status"] for event in report["events"]] == [200, 200, 200]


def test_resolved_findings_are_shown_and_do_not_fail(run, written):
    ran = run("check", written(as_lines(f"{FORGOTTEN} R{{p:1}}@6")))
    assert ran.code == 0
    assert "refund-missing-protection (documented) (resolved)" in ran.out


def test_reject_refuses_what_flag_records(run, written):
    ran = run(
        "check", written(as_lines(FORGOTTEN)), "--enforcement", "reject", "--output-format", "json"
    )
    assert json.loads(ran.out)["events"][2]["status"] == 400


@pytest.mark.parametrize(
    ("fail_on", "code"), [("advice", 1), ("warning", 0), ("violation", 0), ("never", 0)]
)
def test_fail_on_sets_what_fails(run, written, fail_on, code):
    assert run("check", written(as_lines("P{d:1} R{d:1}")), "--fail-on", fail_on).code == code


def test_quiet_prints_only_what_fails_and_the_sum(run, written):
    out = run("check", written(as_lines(f"{FORGOTTEN} C{{d}}")), "-q", "--fail-on", "violation").out
    assert "refund-missing-protection" in out
    assert "cancel-quantity-missing" not in out


def test_verbose_says_why_the_rule_exists(run, written):
    out = run("check", written(as_lines(FORGOTTEN)), "-v").out
    why = RULES["refund-missing-protection"].why
    assert " ".join(why.split()[:5]) in out


def test_a_report_is_written_beside_the_output(run, written, tmp_path):
    ran = run("check", written(as_lines(FORGOTTEN)), "--report", "json:out.json")
    assert "FAILED" in ran.out
    assert json.loads((tmp_path / "out.json").read_text())["passed"] is False


@pytest.mark.parametrize("report", ["json", "xml:out", "json:", ":x"])
def test_a_wrong_report_option_is_a_usage_error(run, written, report):
    assert run("check", written("[]"), "--report", report).code == 2


def test_a_report_that_cannot_be_written_is_a_usage_error(run, written):
    name = written(as_lines(HAPPY))
    ran = run("check", name, "--report", f"json:{name}/folder/x.json")
    assert ran.code == 2
    assert f"--report json:{name}/folder/x.json: " in ran.err
    assert ran.out == ""  # it is known before the run


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ":1: the file is empty"),
        (b"[1, 2", ":1: this is not JSON"),
        (b"hello", ":1: this is not JSON"),
        (b'{"payload": 1}\n{"b": \n', ":3: this is not JSON: expecting value (column 1)"),
        (b'{"payload": 1}\n\xff\n', ":2: this is not UTF-8"),
        (b"\x00\x01\x02", ":1: this is not JSON"),
        (b"[NaN]", "NaN is not a JSON number"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_unreadable_input_is_exit_2_with_file_and_line(run, tmp_path, content, message):
    (tmp_path / "bad.json").write_bytes(content)
    ran = run("check", "bad.json")
    assert ran.code == 2
    assert "bad.json" in ran.err
    assert message in ran.err


def test_a_missing_file_and_a_directory_are_exit_2(run, tmp_path):
    assert "no.json: No such file" in run("check", "no.json").err
    (tmp_path / "folder").mkdir()
    assert "no file of events in this folder" in run("check", "folder").err


def test_a_byte_order_mark_at_the_start_of_a_file_is_no_fault(run, tmp_path):
    (tmp_path / "bom.json").write_bytes(b"\xef\xbb\xbf" + as_lines(HAPPY).encode())
    assert run("check", "bom.json").code == 0


@pytest.mark.parametrize("document", [1, "text", None, [], [[]], {}, [{"type": []}]])
def test_json_that_is_not_an_event_is_exit_2(run, written, document):
    assert run("check", written(json.dumps(document))).code == 2


@pytest.mark.parametrize("document", [{"payload": 3}, {"type": "order_x"}, {"body": None}])
def test_what_is_meant_as_an_event_is_judged_however_wrong_it_is(run, written, document):
    assert run("check", written(json.dumps(document))).code == 1


def test_hostile_text_reaches_the_terminal_without_control_characters(run, written):
    body = bodies("P{d:1}")[0]
    body["payload"]["order_id"] = "ord\x1b[31m\u202e\n"
    body["payload"]["line_items"][0]["product_title"] = "\x1b]0;title\x07"
    events = [body, {**bodies("R{zz:1}")[0]}]
    events[1]["payload"]["order_id"] = body["payload"]["order_id"]
    out = run("check", written(json.dumps(events, ensure_ascii=False))).out
    assert "\x1b" not in out
    assert "\u202e" not in out


@pytest.mark.parametrize(
    "output", [("--report", "jsonl:events.jsonl"), ("--coverage", "events.jsonl")]
)
def test_a_report_onto_the_recording_is_refused_and_loses_nothing(run, tmp_path, output):
    recording = tmp_path / "events.jsonl"
    recording.write_text(as_lines("P{d:1}"))
    before = recording.read_bytes()
    ran = run("check", "events.jsonl", *output)
    assert (ran.code, "this is the input itself; name another file" in ran.err) == (2, True)
    assert recording.read_bytes() == before
