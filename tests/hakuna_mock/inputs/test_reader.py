import base64
import io
import json
import sys

import pytest

from contracts.scenarios.rule_examples import usual_headers
from contracts.shorthand import bodies

FORGOTTEN = "P{d:1, p:1>d} F{d:1} R{d:1}@5"


@pytest.fixture
def written(tmp_path):
    def write(name: str, content: object) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, "utf-8")
        return name

    return write


def lines(documents) -> str:
    return "\n".join(json.dumps(document) for document in documents)


def report(ran):
    return json.loads(ran.out)


def rules(ran) -> list[str]:
    return [finding["rule"] for finding in report(ran)["findings"]]


def har(*requests) -> dict:
    return {"log": {"version": "1.2", "entries": [{"request": request} for request in requests]}}


def posted(body: str, url: str = "https://x/sandbox/events", **data) -> dict:
    headers = [{"name": name, "value": value} for name, value in usual_headers(len(body)).items()]
    return {"method": "POST", "url": url, "headers": headers, "postData": {"text": body, **data}}


class TestFolders:
    def test_all_files_of_events_below_it_are_one_history_in_the_order_of_names(self, run, written):
        written("rec/1/a.jsonl", lines(bodies("P{d:1,p:1>d} F{d:1}")))
        written("rec/2.json", bodies("R{d:1}"))
        written("rec/notes.txt", "no events")
        ran = run("check", "rec", "--output-format", "json")
        assert rules(ran) == ["refund-missing-protection", "timestamp-regression"]
        assert report(ran)["findings"][0]["file"] == "rec/2.json"

    def test_a_folder_without_any_is_exit_2(self, run, tmp_path):
        (tmp_path / "empty").mkdir()
        assert run("check", "empty").code == 2


class TestRecordings:
    def test_headers_are_judged_where_they_were_recorded(self, run, written):
        name = written(
            "r.jsonl",
            lines({"headers": {"Bearer": "sk_test_x"}, "body": body} for body in bodies("P{d:1}")),
        )
        ran = run("check", name, "--output-format", "json")
        assert set(rules(ran)) == {
            "auth-bearer-header",
            "version-header-missing",
            "idempotency-key-missing",
            "content-type",
        }

    def test_findings_point_into_the_recorded_body(self, run, written):
        recorded = [{"body": body, "response": {"status": 200}} for body in bodies(FORGOTTEN)]
        ran = run(
            "check", written("r.json", json.dumps(recorded, indent=1)), "--output-format", "json"
        )
        (finding,) = report(ran)["findings"]
        text = json.dumps(recorded, indent=1).split("\n")
        assert text[finding["line"] - 1].strip() == "{"
        assert "line_item_id" in text[finding["line"]]

    def test_a_body_may_be_recorded_as_text(self, run, written):
        ran = run("check", written("r.json", {"body": '{"type": '}), "--output-format", "json")
        assert rules(ran) == ["body-invalid"]

    def test_headers_that_are_none_are_exit_2_with_the_line(self, run, written):
        name = written("r.jsonl", lines([{"body": 1}, {"body": 1, "headers": [1]}]))
        ran = run("check", name)
        assert ran.code == 2
        assert "r.jsonl:2: headers of a recording" in ran.err


class TestHar:
    def test_only_posts_to_the_endpoint_are_taken_and_the_rest_is_counted(self, run, written):
        events = [json.dumps(body) for body in bodies(FORGOTTEN)]
        other = {"method": "GET", "url": "https://x/style.css", "headers": []}
        archive = har(other, *[posted(event) for event in events], other)
        ran = run("check", written("x.har", archive), "--output-format", "json")
        assert rules(ran) == ["refund-missing-protection"]
        assert "2 of 5 requests are not events" in ran.err

    def test_base64_bodies_are_read(self, run, written):
        text = base64.b64encode(json.dumps(bodies("P{p:1>x}")[0]).encode()).decode()
        ran = run(
            "check",
            written("x.har", har(posted(text, encoding="base64"))),
            "--output-format",
            "json",
        )
        assert rules(ran) == ["protection-dangling-reference"]

    def test_a_broken_base64_body_is_exit_2(self, run, written):
        ran = run("check", written("x.har", har(posted("%%%", encoding="base64"))))
        assert ran.code == 2
        assert "log.entries[0]" in ran.err

    def test_what_is_no_archive_is_exit_2(self, run, written):
        assert run("check", written("x.json", {"log": {}})).code == 2
        assert run("check", written("y.json", []), "--input", "har").code == 2

    def test_odd_entries_are_passed_over(self, run, written):
        archive = {"log": {"entries": [None, {}, {"request": 1}, {"request": {"method": 3}}]}}
        ran = run("check", written("x.har", archive), "--allow-empty")
        assert ran.code == 0
        assert "4 of 4" in ran.err


class TestLines:
    def test_standard_input_is_read_line_by_line(self, run, monkeypatch):
        data = lines(bodies(FORGOTTEN)).encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        ran = run("check", "-", "--output-format", "json")
        assert report(ran)["judged"] == {"events": 3, "orders": 1}
        assert report(ran)["findings"][0]["line"] == 3

    def test_windows_line_ends_blank_lines_and_a_byte_order_mark_are_no_faults(self, run, tmp_path):
        text = "\ufeff" + "\r\n\r\n".join(json.dumps(body) for body in bodies("P{d:1} F{d:1}"))
        (tmp_path / "w.jsonl").write_bytes(text.encode())
        assert run("check", "w.jsonl").code == 0

    def test_of_a_long_run_clean_events_are_counted_but_not_kept(self, run, written, monkeypatch):
        monkeypatch.setattr("hakuna_mock.runs.check.MAX_CLEAN", 2)
        many = [body for n in range(9) for body in bodies(f"P#{n}{{d:1}}")]
        ran = run(
            "check",
            written("m.jsonl", lines([*many, *bodies("R#1{d:1}")])),
            "--output-format",
            "json",
        )
        assert report(ran)["judged"] == {"events": 10, "orders": 9}
        assert [event["number"] for event in report(ran)["events"]] == [1, 2, 10]


class TestSelection:
    def test_select_judges_only_the_named_rules(self, run, written):
        name = written("e.jsonl", lines(bodies(f"{FORGOTTEN} C{{d}}")))
        ran = run("check", name, "--select", "cancel-quantity-missing", "--output-format", "json")
        assert rules(ran) == ["cancel-quantity-missing"]

    def test_ignore_leaves_rules_out(self, run, written):
        name = written("e.jsonl", lines(bodies(FORGOTTEN)))
        assert run("check", name, "--ignore", "refund-missing-protection").code == 0

    def test_an_unknown_rule_is_exit_2_with_the_nearest_name(self, run, written):
        ran = run("check", written("e.json", []), "--ignore", "over-refnd")
        assert ran.code == 2
        assert "did you mean over-refund?" in ran.err
