"""A run that judged nothing is not a success, and says what it passed over."""

import io
import json
import sys

import pytest

from contracts.shorthand import bodies

EVENT = json.dumps(bodies("P{d:1}")[0])


@pytest.fixture
def project(tmp_path):
    """A checkout with JSON of all kinds around two recordings."""
    for name, text in {
        "package.json": '{"name": "shop", "type": "module"}',
        "tsconfig.json": '{ // comments\n "compilerOptions": {} }',
        "rec/1.json": EVENT,
        "rec/2.jsonl": EVENT.replace("ord-1", "ord-2"),
        "node_modules/x/event.json": EVENT,
        ".cache/event.json": EVENT,
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_an_empty_list_is_exit_2(run, monkeypatch):
    for args, code in (([], 2), (["--allow-empty"], 0)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"[]")))
        ran = run("check", "-", *args)
        assert ran.code == code
        assert ("nothing was judged: no event in -" in ran.err) == (code == 2)


def test_an_archive_without_events_is_exit_2_and_says_what_it_holds(run, tmp_path):
    entries = [{"request": {"method": "GET", "url": "https://x/style.css"}}] * 3
    (tmp_path / "x.har").write_text(json.dumps({"log": {"entries": entries}}))
    ran = run("check", "x.har")
    assert ran.code == 2
    assert "x.har: 3 of 3 requests are not events" in ran.err


@pytest.mark.usefixtures("project")
def test_in_a_folder_other_json_is_passed_over_and_counted(run):
    ran = run("check", ".")
    assert ran.code == 0
    assert "2 events of 2 orders" in ran.out
    for passed in ("package.json:1: not an event", "tsconfig.json:1", ".cache", "node_modules"):
        assert passed in ran.err


@pytest.mark.usefixtures("project")
def test_other_json_that_was_named_is_exit_2(run):
    ran = run("check", "rec/1.json", "package.json")
    assert ran.code == 2
    assert "1 event of 1 order" in ran.out
    assert "package.json:1: not an event" in ran.err


def test_a_recording_that_was_cut_off_is_not_passed_over(run, project):
    (project / "rec/3.json").write_text(f"[{EVENT}, {EVENT[:80]}")
    ran = run("check", ".")
    assert ran.code == 2
    assert "rec/3.json:1: this is not JSON" in ran.err
