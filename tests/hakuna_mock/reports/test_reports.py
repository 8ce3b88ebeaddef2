import json
import re
from xml.etree import ElementTree as ET

import pytest

from contracts.shorthand import bodies

FORGOTTEN = "P{d:1, p:1>d} F{d:1} R{d:1}@5"
MENDED = f"{FORGOTTEN} R{{p:1}}@6"
HOSTILE = "\x00\x1b[31m<script>&amp;]]>\n::error::x|`\ud7ff\ufffe\u202e"


@pytest.fixture
def reported(run, tmp_path):
    def report(shorthand: str, kind: str, *args: str, title: str | None = None) -> str:
        events = bodies(shorthand)
        if title is not None:
            events[0]["payload"]["line_items"][0]["product_title"] = title
        (tmp_path / "e.jsonl").write_text("\n".join(json.dumps(event) for event in events), "utf-8")
        ran = run("check", "e.jsonl", "--output-format", kind, *args)
        assert ran.code in (0, 1)
        return ran.out

    return report


class TestJsonLines:
    def test_each_finding_is_a_line_with_its_place(self, reported):
        (row,) = map(json.loads, reported(FORGOTTEN, "jsonl").splitlines())
        assert (row["rule"], row["file"], row["line"]) == (
            "refund-missing-protection",
            "e.jsonl",
            3,
        )

    def test_a_clean_run_has_no_line(self, reported):
        assert reported("P{d:1}", "jsonl").strip() == ""


class TestJUnit:
    def test_each_event_is_a_case_and_what_fails_the_run_is_a_failure(self, reported):
        root = ET.fromstring(reported(FORGOTTEN, "junit"))
        suite = root.find("testsuite")
        assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "0")
        cases = suite.findall("testcase")
        assert [case.find("failure") is not None for case in cases] == [False, False, True]
        failure = cases[2].find("failure")
        assert failure.get("message") == "refund-missing-protection"
        assert "fix: add line-p, quantity 1" in failure.text
        assert "e.jsonl:3:" in failure.text

    def test_what_does_not_fail_stands_in_system_out(self, reported):
        root = ET.fromstring(reported(MENDED, "junit"))
        assert root.get("failures") == "0"
        message = "".join(out.text for out in root.iter("system-out"))
        assert "refund-missing-protection (documented, resolved)" in message

    def test_fail_on_moves_the_line(self, reported):
        root = ET.fromstring(reported("P{d:1} R{d:1}", "junit", "--fail-on", "advice"))
        assert root.get("failures") == "1"

    def test_hostile_text_is_text(self, reported):
        root = ET.fromstring(reported(FORGOTTEN, "junit", title=HOSTILE))
        assert "<script>" in "".join(item.text for item in root.iter("failure"))


class TestSarif:
    def test_findings_are_results_with_rules_levels_and_regions(self, reported):
        document = json.loads(reported(FORGOTTEN, "sarif"))
        assert document["version"] == "2.1.0"
        (run,) = document["runs"]
        (result,) = run["results"]
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"] == "refund-missing-protection"
        assert result["level"] == "error"
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "e.jsonl"
        assert place["region"]["startLine"] == 3

    def test_a_resolved_finding_is_suppressed_with_the_reason(self, reported):
        results = json.loads(reported(MENDED, "sarif"))["runs"][0]["results"]
        by_rule = {result["ruleId"]: result for result in results}
        assert by_rule["refund-missing-protection"]["suppressions"][0]["kind"] == "external"
        assert "suppressions" not in by_rule["pairing-split-across-events"]

    def test_a_fingerprint_is_the_same_in_every_run(self, reported):
        prints = {
            json.loads(reported(FORGOTTEN, "sarif"))["runs"][0]["results"][0][
                "partialFingerprints"
            ]["finding/v1"]
            for _ in range(2)
        }
        assert len(prints) == 1


class TestGitHub:
    def test_open_findings_become_annotations(self, reported):
        out = reported(FORGOTTEN, "github").strip()
        assert re.match(
            r"::error file=e\.jsonl,line=3,col=\d+,title=refund-missing-protection::", out
        )

    def test_resolved_ones_do_not(self, reported):
        assert "refund-missing-protection" not in reported(MENDED, "github")

    def test_hostile_text_cannot_start_a_command_of_its_own(self, reported):
        out = reported(FORGOTTEN, "github", title=HOSTILE).strip()
        assert len(re.findall(r"^::", out, re.MULTILINE)) == 1

    def test_the_jobs_page_gets_a_table_in_which_everything_is_text(
        self, reported, tmp_path, monkeypatch
    ):
        summary = tmp_path / "summary.md"
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
        reported(FORGOTTEN, "text", title=HOSTILE)
        text = summary.read_text("utf-8")
        assert text.startswith("### hakuna-mock failed: 3 events")
        assert "<script>" not in text
        row = text.splitlines()[-1]
        assert row.count("|") == 6

    def test_without_a_runner_nothing_is_written(self, reported, tmp_path, monkeypatch):
        monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
        reported(FORGOTTEN, "text")
        assert {path.name for path in tmp_path.iterdir()} == {"e.jsonl"}


@pytest.mark.parametrize("kind", ["text", "json", "jsonl", "junit", "sarif", "github", "html"])
def test_every_format_may_be_written_to_a_file(run, tmp_path, kind):
    ran = run("play", FORGOTTEN, "--report", f"{kind}:out.txt")
    assert ran.code == 1
    assert "refund-missing-protection" in (tmp_path / "out.txt").read_text("utf-8")
