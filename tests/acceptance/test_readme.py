import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fresh_clone import ROOT, copy_tracked_files, started

from contracts.shorthand import bodies

README = (ROOT / "README.md").read_text("utf-8")
BIN = Path(sys.executable).parent


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clone")
    copy_tracked_files(folder)
    return folder


@pytest.fixture(scope="module")
def served(clone):
    """`make serve` in the empty folder: it makes its own environment and starts."""
    ready = clone / "ready.json"
    command = ["make", "serve", f"ARGS=--port 0 --ready-file {ready}"]
    # What is imported is compiled then, which is a small part of what is installed.
    with started(command, ready, clone, PIP_NO_COMPILE="1") as here:
        yield here


def shell(command: str, clone: Path, served: dict) -> subprocess.CompletedProcess:
    local = command.replace("http://127.0.0.1:4258", served["url"])
    # The README speaks of the command as whoever installed it has it.
    path = f"{clone / '.venv' / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", local],
        cwd=clone,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_first_screen_says_what_it_is_for_and_shows_a_result():
    first_screen = README.split("## ")[0]
    assert "refund-missing-protection" in first_screen
    assert len(first_screen.splitlines()) < 45


def test_every_way_to_get_it_is_named_and_the_commands_of_a_clone_come_first():
    ways = README.split("## Get it")[1].split("\n## ")[0]
    for way in ("pip install", "pipx install", "uvx", "docker run", "make serve"):
        assert way in ways
    commands = [line.split("#")[0].strip() for line in blocks("sh")[0].strip().splitlines()]
    assert commands == ["make serve", "make test"]
    assert "**Limits.**" in ways


def test_make_serve_starts_from_nothing_and_says_where_it_listens(served):
    assert served["events_url"] == served["url"] + "/sandbox/events"


def test_the_result_that_the_readme_shows_is_what_its_command_prints(clone, served):
    command, _, expected = blocks("console")[0].partition("\n")
    done = shell(command.removeprefix("$ "), clone, served)
    assert done.returncode == 1, done.stderr
    # Nothing of it differs from run to run: a reader sees what the README shows.
    shown, printed = expected.rstrip().split("\n"), done.stdout.split("\n")
    for wanted, actual in zip(shown, printed, strict=False):
        start, _, rest = wanted.partition("…")
        assert actual.startswith(start)
        assert actual.endswith(rest)


def test_the_curl_of_the_readme_gets_an_id_and_the_named_finding(clone, served):
    curl = next(block for block in blocks("sh") if block.startswith("curl -i"))
    done = shell(curl, clone, served)
    assert "HTTP/1.1 200 OK" in done.stdout
    assert "Hakuna-Mock-Findings: unknown-order" in done.stdout
    assert re.search(r'\{"event_id": "evt-[0-9a-f-]{36}"\}', done.stdout)


def test_the_commands_of_the_readmes_table_work(clone, served):
    for command in re.findall(r"`(curl [^`]+)`", README):
        done = shell(command.replace("curl -f", "curl"), clone, served)
        assert done.returncode == 0, command
    failed = shell("curl -f http://127.0.0.1:4258/_mock/v1/verdict", clone, served)
    assert failed.returncode in (0, 22)


def test_the_fuzz_row_works_after_make_serve(clone, served):
    (command,) = re.findall(r"`(hakuna-mock fuzz [^`]+)`", README)
    done = shell(f"{command} --max-examples 2", clone, served)
    assert done.returncode == 0, done.stdout + done.stderr


def test_check_reads_the_file_that_the_readme_names(tmp_path):
    play = "P{d:1} F{d:1}"
    lines = "\n".join(json.dumps(body) for body in bodies(play))
    (tmp_path / "events.jsonl").write_text(lines)
    done = subprocess.run(
        [BIN / "hakuna-mock", "check", "events.jsonl"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0


def test_make_test_is_wired_to_the_whole_suite():
    # Running the suite inside itself would never end; what the command would run is read instead.
    done = subprocess.run(
        ["make", "--dry-run", "test"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "pytest" in done.stdout
    assert "-k" not in done.stdout
