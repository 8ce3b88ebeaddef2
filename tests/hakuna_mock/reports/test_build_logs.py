"""What a build does with a report: its log, its summary, its limits, its paths."""

import json
import os
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from contracts.shorthand import bodies
from hakuna_mock.reports import sarif
from hakuna_mock.reports.formats import FORMATS

FORGOTTEN = "P{d:1, p:1>d} F{d:1} R{d:1}@5"
EVIL = "\n::error::owned\x1b[31m\u202e\x9b##[error]owned\r::set-output name=x::y"


@pytest.fixture
def events(tmp_path):
    def write(shorthand: str, name: str = "e.jsonl", order: str | None = None) -> str:
        rows = bodies(shorthand)
        for row in rows:
            row["payload"]["order_id"] = order or row["payload"]["order_id"]
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(map(json.dumps, rows)))
        return str(path)

    return write


@pytest.mark.parametrize("kind", [item for item in FORMATS if item != "html"])
def test_no_data_and_no_file_name_acts_on_the_log(run, events, kind):
    path = events(FORGOTTEN, f"a{EVIL.replace('/', '')}.jsonl", order=EVIL)
    ran = run("check", path, "no-such-file" + EVIL, "--output-format", kind, "-v")
    for line in [*ran.out.splitlines(), *ran.err.splitlines()]:
        ours = kind == "github" and line.startswith(("::error file=", "::warning file="))
        assert ours or not line.strip().startswith("::")
        assert ours or "##[" not in line
        assert line.replace("\t", "").isprintable()


class TestSummary:
    def test_one_that_cannot_be_written_is_a_notice(self, run, events, monkeypatch, tmp_path):
        path = events(FORGOTTEN)
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", f"{path}/summary.md")
        ran = run("check", path, "--report", "junit:junit.xml")
        assert ran.code == 1
        assert "no job summary was written" in ran.err
        assert (tmp_path / "junit.xml").exists()

    def test_it_stays_under_one_mebibyte_the_most_severe_first(
        self, run, events, monkeypatch, tmp_path
    ):
        path = events(" ".join(f"P#{n}{{d:1}} R#{n}{{d:1}}" for n in range(400)))
        with Path(path).open("a") as file:
            file.write("\n" + "\n".join(map(json.dumps, bodies(FORGOTTEN.replace("{", "#z{")))))
        monkeypatch.setattr("hakuna_mock.reports.github.MAX_SUMMARY_BYTES", 20_000)
        summary = tmp_path / "summary.md"
        summary.write_text("x" * 10_000)
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
        assert run("check", path).code == 1
        text = summary.read_text()
        assert len(text) < 20_000
        assert "refund&#45;" in text or "refund-missing-protection" in text
        assert "more findings, none of them more severe, left out for length." in text


def test_code_scanning_gets_as_many_results_as_it_takes(run, events, monkeypatch):
    monkeypatch.setattr(sarif, "MAX_RESULTS", 3)
    path = events("P{d:1} R{d:1} P#2{d:1} R#2{d:1} P#3{d:1} R#3{d:1} P#4{d:1,p:1>d} C#4{d:1}")
    (found,) = json.loads(run("check", path, "--output-format", "sarif").out)["runs"]
    assert [item["level"] for item in found["results"]] == ["error", "note", "note"]
    (note,) = found["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith("1 finding left out")
    assert sarif.MAX_RESULTS < 25_000


class TestPaths:
    def test_they_are_relative_to_the_checkout_and_normalised(
        self, run, events, monkeypatch, tmp_path
    ):
        path = events(FORGOTTEN, "shop/logs/e.jsonl")
        monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
        inside = tmp_path / "shop"
        monkeypatch.chdir(inside)
        for given in (path, "logs/../logs/./e.jsonl"):
            out = run("check", os.path.relpath(given, inside), "--output-format", "github").out
            assert out.startswith("::error file=shop/logs/e.jsonl,line=3,")
            (found,) = json.loads(run("check", given, "--output-format", "sarif").out)["runs"]
            place = found["results"][0]["locations"][0]["physicalLocation"]
            assert place["artifactLocation"]["uri"] == "shop/logs/e.jsonl"

    def test_what_is_not_a_file_has_no_path(self, run):
        out = run("play", FORGOTTEN, "--output-format", "github").out
        assert out.startswith("::error title=refund-missing-protection::")


class TestFiles:
    def test_the_folders_of_a_report_are_made(self, run, events, tmp_path):
        run("check", events(FORGOTTEN), "--report", "junit:a/b/c.xml", "--coverage", "d/e.json")
        assert (tmp_path / "a/b/c.xml").exists()
        assert (tmp_path / "d/e.json").exists()

    @pytest.mark.parametrize(
        "args",
        [
            ["check", "e.jsonl"],
            ["play", "P{d:1}"],
            ["verify", "--target", "http://127.0.0.1:1"],
            ["fuzz", "--target", "http://127.0.0.1:1"],
        ],
    )
    def test_one_that_cannot_be_written_is_known_before_the_run(self, run, events, args):
        events("P{d:1}")
        ran = run(*args, "--report", "json:e.jsonl/x.json")
        assert (ran.code, ran.out) == (2, "")
        assert "--report json:e.jsonl/x.json: " in ran.err

    def test_a_run_that_ends_early_leaves_no_empty_report(self, run, tmp_path):
        assert run("check", "no-such-file", "--report", "json:out.json").code == 2
        assert not (tmp_path / "out.json").exists()


def test_junit_counts_all_events_of_a_long_run(run, events, monkeypatch):
    monkeypatch.setattr("hakuna_mock.runs.check.MAX_CLEAN", 2)
    path = events(" ".join(f"P#{n}{{d:1}}" for n in range(9)))
    root = ET.fromstring(run("check", path, "--output-format", "junit").out)
    assert root.get("tests") == "9"
    assert "7 events without findings" in root.find("testsuite/system-out").text


def test_quiet_prints_what_minimize_found(run, events):
    ran = run("check", events(FORGOTTEN), "--minimize", "-q")
    assert "refund-missing-protection of order ord-1: 2 of 3 events suffice" in ran.out
