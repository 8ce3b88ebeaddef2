"""Each report for programs, read by a program that was not written for it."""

import json

import pytest
from junitparser import JUnitXml
from sarif_kit.validate import validation_errors

from contracts.rules import RULES
from contracts.scenarios.catalogue import shipped
from contracts.shorthand import bodies

HOSTILE = "\x00\x1b[31m<script>&amp;]]>\n::error::x|`\ud7ff\ufffe\u202e%0A\"'" + "y" * 5000


@pytest.fixture
def hostile(tmp_path):
    """A folder with a file of a difficult name, whose events are difficult, too."""
    events = bodies("P{d:1, p:1>d} F{d:1} R{d:1}@5 R{p:1}@6 R{zz:1} X")
    events[0]["payload"]["line_items"][0]["product_title"] = HOSTILE
    for event in events:
        event["payload"]["order_id"] = HOSTILE
    events.append({"type": HOSTILE, HOSTILE: []})
    folder = tmp_path / "a b"
    folder.mkdir()
    lines = "\n".join(json.dumps(item) for item in events)
    (folder / 'e#1 100% <ü>&".jsonl').write_text(lines, "utf-8")
    return str(folder)


def plays():
    """Every shipped scenario: each rule passes in one and fires in another."""
    return sorted(shipped())


class TestJUnit:
    @pytest.mark.parametrize("fail_on", ["advice", "warning", "never"])
    def test_junitparser_counts_what_the_json_report_counts(self, run, hostile, tmp_path, fail_on):
        ran = run("check", hostile, "--fail-on", fail_on, "--report", "junit:j.xml")
        rows = json.loads(run("check", hostile, "--output-format", "json").out)
        ranks = ["violation", "warning", "advice"]
        failing = {
            row["event"]
            for row in rows["findings"]
            if row["state"] == "open"
            and fail_on in ranks
            and ranks.index(row["severity"]) <= ranks.index(fail_on)
        }
        read = JUnitXml.fromfile(str(tmp_path / "j.xml"))
        cases = [case for suite in read for case in suite]
        failed = [case for case in cases if not case.is_passed]
        assert (len(cases), len(failed)) == (read.tests, read.failures)
        assert (len(cases), len(failed)) == (rows["judged"]["events"], len(failing))
        assert ran.code == bool(failing)
        assert all(case.result[0].type in RULES for case in failed)

    @pytest.mark.parametrize("name", plays())
    def test_every_shipped_scenario_is_read_again(self, run, tmp_path, name):
        ran = run("play", name, "--report", "junit:j.xml")
        read = JUnitXml.fromfile(str(tmp_path / "j.xml"))
        assert sum(suite.tests for suite in read) == read.tests > 0
        assert bool(read.failures) == bool(ran.code)


class TestSarif:
    def test_hostile_input_makes_a_log_that_the_published_schema_accepts(self, run, hostile):
        log = json.loads(run("check", hostile, "--output-format", "sarif").out)
        assert validation_errors(log) == []
        (uri,) = {
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            for result in log["runs"][0]["results"]
        }
        assert "#" not in uri
        assert " " not in uri

    @pytest.mark.parametrize("name", plays())
    def test_every_shipped_scenario_makes_a_valid_log(self, run, tmp_path, name):
        run("play", name, "--report", "sarif:s.sarif")
        assert validation_errors(json.loads((tmp_path / "s.sarif").read_text("utf-8"))) == []

    def test_the_schema_would_notice(self, run):
        log = json.loads(run("play", "P{d:1} R{zz:1}", "--output-format", "sarif").out)
        log["runs"][0]["results"][0]["level"] = "terrible"
        assert validation_errors(log)
