"""Shell completion: the script runs in a real shell, and the words come from what there is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hakuna_mock.cli.commands.completion import PROGRAM, SHELLS, VARIABLE
from hakuna_mock.cli.main import COMMANDS


@pytest.fixture
def completed(run, monkeypatch):
    """What the program offers for the last word."""

    def offered(*words: str, shell: str = "bash") -> list[str]:
        monkeypatch.setenv(VARIABLE, f"{shell}_complete")
        monkeypatch.setenv("COMP_WORDS", " ".join((PROGRAM, *words)))
        monkeypatch.setenv("COMP_CWORD", str(len(words)))
        return [line.partition(",")[2] for line in run().out.splitlines()]

    return offered


def test_commands_are_completed(completed):
    assert set(COMMANDS) <= set(completed(""))
    assert completed("exp") == ["explain"]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("explain", "refund-missing"), "refund-missing-protection"),
        (("explain", "reply-st"), "reply-status"),
        (("play", "unknown-order"), "unknown-order-violates"),
        (("init", "kub"), "kubernetes"),
        (("check", "--select", "zip"), "zip-format"),
        (("serve", "--ope"), "--open"),
        (("serve", "--enforcement", "re"), "reject"),
        (("proxy", "--log-format", ""), "quiet"),
        (("serve", "--load", "forgotten"), "forgotten-plan"),
        (("check", "--rule", "zip"), "zip-format=off"),
        (("check", "--rule", "zip-format=a"), "zip-format=advice"),
        (("fuzz", "--rule", "over-"), "over-refund="),
        (("completion", "fi"), "fish"),
    ],
)
def test_names_are_completed(completed, words, offered):
    assert offered in completed(*words)


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_a_script_that_it_understands(run, tmp_path, shell):
    ran = run("completion", shell)
    assert ran.code == 0
    assert VARIABLE in ran.out
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell} here")
    script = tmp_path / "completion"
    script.write_text(ran.out, "utf-8")
    done = subprocess.run([program, "-n", str(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_in_bash_a_word_is_completed_as_if_tab_was_pressed(run, tmp_path):
    here = tmp_path / "bin"
    here.mkdir()
    command = here / PROGRAM
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m hakuna_mock "$@"\n')
    command.chmod(0o755)
    script = tmp_path / "completion"
    script.write_text(run("completion", "bash").out, "utf-8")
    presses = (
        f"source {script}\n"
        f"COMP_WORDS=({PROGRAM} exp) COMP_CWORD=1\n"
        f"_hakuna_mock_completion {PROGRAM}\n"
        'echo "${COMPREPLY[@]}"\n'
    )
    path = f"{here}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", presses],
        env={**os.environ, "PATH": path},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "explain"
