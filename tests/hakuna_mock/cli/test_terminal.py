"""Links and the browser: what a terminal and a desktop get."""

import os
import signal
import subprocess
import sys
import time

import pytest

from hakuna_mock.cli.hyperlinks import shows_links
from hakuna_mock.reports.text import linked

LINK = "\x1b]8;;"


@pytest.mark.parametrize(
    "environ",
    [
        {"TERM_PROGRAM": "iTerm.app"},
        {"TERM_PROGRAM": "vscode"},
        {"VTE_VERSION": "7200"},
        {"KITTY_WINDOW_ID": "1"},
        {"WT_SESSION": "a-b"},
        {"FORCE_HYPERLINK": "1", "CI": "true"},
    ],
)
def test_terminals_that_know_links_are_recognised(environ):
    assert shows_links(environ)


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"TERM": "xterm-256color"},
        {"VTE_VERSION": "4601"},
        {"TERM_PROGRAM": "Apple_Terminal"},
        {"KITTY_WINDOW_ID": "1", "CI": "true"},
        {"KITTY_WINDOW_ID": "1", "FORCE_HYPERLINK": "0"},
        {"KITTY_WINDOW_ID": "1", "TERM": "dumb"},
    ],
)
def test_others_get_plain_text(environ):
    assert not shows_links(environ)


def test_an_address_becomes_a_link_to_itself_without_the_bracket_around_it():
    text = "The page (https://docs.example.com/a?b=c#d)."
    url = "https://docs.example.com/a?b=c#d"
    assert linked(text, links=True) == f"The page ({LINK}{url}\x1b\\{url}\x1b]8;;\x1b\\)."
    assert linked(text, links=False) == text


def test_sources_are_links_where_colours_are_and_never_in_files(run, tmp_path, monkeypatch):
    monkeypatch.setenv("FORCE_HYPERLINK", "1")
    play = ("play", "P{d:1, p:1>d} F{d:1} R{d:1}", "--report", f"sarif:{tmp_path}/r.sarif")
    assert LINK in run(*play, "--color=always").out
    assert LINK not in run(*play, "--color=never").out
    assert LINK not in run(*play, "--color=always", "--output-format=json").out
    assert "]8;;" not in (tmp_path / "r.sarif").read_text("utf-8")
    assert LINK in run("explain", "unknown-order", "--color=always").out


def test_an_address_in_an_event_is_not_made_a_link(run, monkeypatch):
    monkeypatch.setenv("FORCE_HYPERLINK", "1")
    out = run("play", "R{d:1}#https://evil.example/x", "--color=always").out
    assert "]8;;https://evil" not in out


@pytest.mark.parametrize(("browser", "says"), [("true", False), ("", True)])
def test_serve_opens_the_inspector_and_goes_on_where_there_is_no_browser(tmp_path, browser, says):
    opened = tmp_path / "opened"
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    script.chmod(0o755)
    ready = tmp_path / "ready.json"
    environ = {name: text for name, text in os.environ.items() if name not in ("DISPLAY", "PATH")}
    environ |= {"PATH": str(tmp_path), "BROWSER": str(script) if browser else "nowhere"}
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "hakuna_mock",
            "serve",
            "--open",
            "--port=0",
            f"--ready-file={ready}",
        ],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        while not ready.exists() or (browser and not (opened.exists() and opened.read_text())):
            assert process.poll() is None
            time.sleep(0.05)
        if not browser:
            time.sleep(0.3)
    finally:
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    if browser:
        assert opened.read_text().strip().endswith("/_mock/")
    assert ("no browser can be opened here; look at http://127.0.0.1:" in err) == says


def test_open_without_an_inspector_is_a_usage_error(run):
    ran = run("serve", "--open", "--no-ui", "--port=0")
    assert ran.code == 2
    assert "--no-ui" in ran.err
