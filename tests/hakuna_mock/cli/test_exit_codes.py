"""The command line under bad streams, Ctrl-C, odd locales, and secrets among its arguments."""

import json
import signal
import subprocess
import sys

import pytest

from contracts.shorthand import bodies
from hakuna_mock.cli.interruption import interruptible
from hakuna_mock.cli.messages import without_secrets
from hakuna_mock.inputs.reader import read_events

EVENT = json.dumps(bodies("P{d:1}")[0])


def test_a_report_that_cannot_be_written_does_not_cost_the_results(run, tmp_path):
    (tmp_path / "a.json").write_text(EVENT)
    ran = run("check", "a.json", "--report", "json:/dev/full")
    assert (ran.code, "passed: 1 event" in ran.out) == (2, True)
    assert "--report json:/dev/full: No space left" in ran.err


def command(line, **how):
    line = line.replace("hakuna-mock", f"{sys.executable} -m hakuna_mock")
    message = subprocess.PIPE
    with subprocess.Popen(["bash", "-c", line], stdout=message, stderr=message, **how) as started:
        out, err = started.communicate(timeout=60)
    return started.returncode, out.decode(), err.decode()


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("hakuna-mock check - <&-", 2, "standard input is closed"),
        ("hakuna-mock play 'P{d:1}' >&-", 0, ""),
        ("hakuna-mock play 'P{d:1}' 2>&-", 0, ""),
        ("hakuna-mock play nonsense 2>/dev/full", 2, ""),
        ("hakuna-mock play 'P{d:1}' >/dev/full", 2, "no space left"),
        ("hakuna-mock --help >/dev/full", 2, "no space left"),
        ("set -o pipefail; hakuna-mock play 'P{d:1,p:1>d} F{d:1} R{d:1}' | head -c 1", 1, ""),
        ("set -o pipefail; hakuna-mock schema openapi | head -c 1", 0, ""),
    ],
)
def test_streams_that_are_closed_full_or_gone_leave_no_traceback(line, code, message):
    left, _, err = command(line)
    assert (left, message in err) == (code, True)
    assert "Traceback" not in err
    assert "Exception" not in err


def test_ctrl_c_ends_the_reading_and_what_was_judged_is_reported(run, tmp_path, monkeypatch):
    (tmp_path / "a.json").write_text(f"[{EVENT}, {EVENT}, {EVENT}]")

    def pressed_while_reading(*asked):
        items = read_events(*asked)
        yield next(items)
        yield next(items)
        signal.raise_signal(signal.SIGINT)
        yield next(items)

    monkeypatch.setattr("hakuna_mock.inputs.reader.read_events", pressed_while_reading)
    ran = run("check", "a.json")
    assert (ran.code, "2 events of 1 order;" in ran.out) == (130, True)
    assert "interrupted; only the 2 events of 1 order before it were judged" in ran.err


def test_ctrl_c_while_an_event_is_judged_waits_for_its_end():
    seen = []
    with interruptible() as interruption:
        for number in interruption.stopping(iter(range(9))):
            if number == 3:
                signal.raise_signal(signal.SIGINT)
            seen.append(number)
    assert seen == [0, 1, 2, 3]


def test_ctrl_c_pressed_twice_does_not_wait():
    with interruptible() as interruption:
        next(interruption.stopping(iter(range(9))))
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


SECRET = "sk_live_" + "abcdefghijklmnop1234"


@pytest.mark.parametrize(
    "asked",
    [
        [SECRET],
        ["check", SECRET],
        ["check", "x", "--output-format", SECRET],
        ["check", "x", f"--{SECRET}"],
        ["check", "x", "--select", SECRET],
        ["play", SECRET],
        ["play", "P{d:1}", "--target", f"http://user:{SECRET}@127.0.0.1:1/{SECRET}?{SECRET}"],
        ["play", "P{d:1}", "--target", f"http://127.0.0.1:1/{SECRET}"],
        ["explain", SECRET],
        ["schema", SECRET],
        ["scenarios", SECRET],
        ["verify", "--target", SECRET],
        ["verify", "--target", f"http://user:pass-word@127.0.0.1:1/{SECRET}", "--dry-run"],
        ["verify", "--target", "http://user:pass-word@127.0.0.1:1/"],
        ["verify", SECRET, "--target", "http://127.0.0.1:1"],
        ["verify", "--key-env", SECRET, "--target", "http://127.0.0.1:1"],
        ["fuzz", "--seed", SECRET],
        ["convert", "P{d:1}", "--name", SECRET],
        ["coverage", SECRET],
        ["serve", "--load", SECRET],
        ["serve", "--config", SECRET],
        ["healthcheck", SECRET],
        ["healthcheck", "--url", f"http://user:pass-word@127.0.0.1:1/{SECRET}"],
    ],
)
def test_no_message_repeats_a_key_or_a_password_that_was_given(run, asked):
    ran = run(*asked)
    assert SECRET not in ran.out + ran.err
    assert "pass-word" not in ran.out + ran.err


def test_the_user_of_a_url_and_keys_are_masked_and_the_rest_stays():
    message = without_secrets(f"see http://me:secret@host/x, mail a@b, {SECRET}")
    assert message == "see http://…@host/x, mail a@b, sk_live_…1234"
