"""Files as people really have them: cut off, in other encodings, endless, in odd places."""

import gzip
import json
import os
import subprocess
import sys
from base64 import b64encode

import pytest

from contracts.shorthand import bodies

EVENT = json.dumps(bodies("P{d:1}")[0])
TWICE = '{"type": "order_placed", "type": "order_cancelled", "payload": {"order_id": "1"}}'


def archive(**request):
    whole = {"method": "POST", "url": "http://x/sandbox/events", **request}
    return json.dumps({"log": {"entries": [{"request": whole}]}})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("one.json", TWICE),
        ("many.json", f"[{TWICE}]"),
        ("lines.jsonl", f"{TWICE}\n"),
        ("recording.json", json.dumps({"body": 0}).replace("0", TWICE)),
    ],
)
def test_a_key_that_stands_twice_is_found_in_every_form_of_file(run, tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert "json-duplicate-key" in run("check", name).out


def changed(**fields):
    event = json.loads(EVENT)
    event["payload"] |= fields
    return json.dumps(event)


@pytest.mark.parametrize(
    "text",
    [
        TWICE,
        changed(line_items=[]),
        changed(line_items=[{}] * 10_001),
        changed(order_currency="EUR", note="x"),
        changed(note=2**200),
        EVENT.replace('"quantity": 1', '"quantity": 1.0'),
    ],
    ids=["twice", "no lines", "too many lines", "unknown field", "long integer", "float"],
)
def test_an_event_is_judged_alike_on_a_line_and_in_a_list(run, tmp_path, text):
    (tmp_path / "line.jsonl").write_text(f"{text}\n")
    (tmp_path / "list.json").write_text(f"[{text}]")
    line, listed = (
        [
            (item["rule"], item["pointer"], item["message"])
            for item in json.loads(run("check", name, "--output-format", "json").out)["findings"]
        ]
        for name in ("line.jsonl", "list.json")
    )
    assert line == listed


def test_a_compressed_body_in_an_archive_is_judged_as_the_server_would(run, tmp_path):
    packed = {"text": b64encode(gzip.compress(EVENT.encode())).decode(), "encoding": "base64"}
    headers = [{"name": "Content-Encoding", "value": "gzip"}]
    (tmp_path / "a.har").write_text(archive(postData=packed, headers=headers))
    assert "body-invalid" not in run("check", "a.har").out


def test_a_compressed_body_that_is_cut_off_says_where_it_stands(run, tmp_path):
    packed = {"text": b64encode(gzip.compress(EVENT.encode())[:40]).decode(), "encoding": "base64"}
    headers = [{"name": "content-encoding", "value": "GZIP"}]
    (tmp_path / "a.har").write_text(archive(postData=packed, headers=headers))
    ran = run("check", "a.har")
    assert (ran.code, "a.har:1: log.entries[0] is compressed" in ran.err) == (2, True)


def test_a_url_that_is_none_is_passed_over(run, tmp_path):
    (tmp_path / "a.har").write_text(archive(url="http://[bad/sandbox/events"))
    ran = run("check", "a.har")
    assert (ran.code, "1 of 1 requests are not events" in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (EVENT.encode("utf-16"), "a.json:1: this is UTF-16 and not UTF-8 text"),
        ('{"x": "Müller"}'.encode("latin-1"), "not UTF-8 text (byte 0xfc at offset 8)"),
        (b'{"x": ' + b"9" * 5000 + b"}", "an integer of 5000 digits"),
        (rb'[{"body": "\ud800"}]', "a.json:1: /0: the recorded text holds a lone surrogate"),
        (b'[{},\n{"body": 1, "headers": 2}]', "a.json:2: /1: headers of a recording"),
    ],
)
def test_what_cannot_be_read_says_where_and_why(run, tmp_path, data, message):
    (tmp_path / "a.json").write_bytes(data)
    ran = run("check", "a.json")
    assert (ran.code, message in ran.err) == (2, True)


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
@pytest.mark.parametrize("command", [("check",), ("convert",), ("state", "import", "new.db")])
def test_text_as_windows_writes_it_is_named_as_that(run, tmp_path, name, command):
    (tmp_path / name).write_bytes(EVENT.encode("utf-16"))
    ran = run(*command, name)
    assert (ran.code, f"{name}:1: this is UTF-16 and not UTF-8 text" in ran.err) == (2, True)


@pytest.mark.parametrize("command", ["coverage", "drift"])
def test_documents_of_ours_say_what_is_wrong_with_their_text(run, tmp_path, command):
    (tmp_path / "a.json").write_bytes("{}".encode("utf-16"))
    assert "a.json: this is UTF-16 and not UTF-8 text" in run(command, "a.json").err
    (tmp_path / "a.json").write_bytes(b"\n")
    assert "a.json: the file is empty" in run(command, "a.json").err


def test_events_in_utf_16_are_not_passed_over_in_a_folder(run, tmp_path):
    folder = tmp_path / "all"
    folder.mkdir()
    (folder / "good.json").write_text(EVENT)
    (folder / "windows.json").write_bytes(EVENT.encode("utf-16"))
    ran = run("check", "all", "--fail-on", "never")
    assert (ran.code, "windows.json:1: this is UTF-16" in ran.err) == (2, True)


def test_a_folder_is_read_without_its_pipes_devices_and_loops(run, tmp_path):
    folder = tmp_path / "all"
    (folder / "named.json").mkdir(parents=True)
    (folder / "event.json").write_text(EVENT)
    (folder / "again.json").symlink_to(".")
    (folder / "gone.json").symlink_to("nowhere")
    (folder / "zeros.json").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.json")
    ran = run("check", "all", "--fail-on", "never")
    assert (ran.code, "passed: 1 event of" in ran.out) == (0, True)
    assert "all/pipe.json: passed over, this is not a regular file" in ran.err


def test_names_that_are_too_long_are_refused_in_words(run):
    ran = run("check", "a" * 5000)
    assert (ran.code, "File name too long" in ran.err) == (2, True)


def test_a_play_may_be_longer_than_a_file_name(run):
    lines = ",".join(f"line{number}:1" for number in range(100))
    assert run("convert", f"P{{{lines}}}").code == 0


@pytest.mark.parametrize("data", [b"[" * 100_000, b"9" * 5000, b"\xff", b"NaN", b"[]", b""])
def test_a_file_that_is_no_coverage_is_refused_in_words(run, tmp_path, data):
    (tmp_path / "a.json").write_bytes(data)
    ran = run("coverage", "a.json")
    assert (ran.code, "Error: a.json" in ran.err) == (2, True)


def test_an_archive_without_events_makes_no_scenario(run, tmp_path):
    (tmp_path / "a.har").write_text(archive(method="GET"))
    ran = run("convert", "a.har")
    assert (ran.code, "there is no event in it" in ran.err) == (2, True)


@pytest.mark.parametrize("form", ["text", "json", "jsonl", "junit", "sarif", "github", "html"])
def test_a_report_has_the_same_bytes_where_the_locale_knows_few_letters(run, tmp_path, form):
    events = bodies("P{d:1, p:1>d} F{d:1} R{d:1}")
    events[0]["payload"]["customer"]["first_name"] = "Mäx 😀"
    (tmp_path / "e.json").write_text(json.dumps(events, ensure_ascii=False), "utf-8")
    told = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = ("check", "e.json", "--output-format", form)
    ran = subprocess.run(
        [sys.executable, "-m", "hakuna_mock", *command],
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, **told, "LC_ALL": "C"},
        check=False,
    )
    here = run(*command)
    assert (ran.returncode, here.code) == (1, 1), ran.stderr
    assert ran.stdout == here.out.encode()
