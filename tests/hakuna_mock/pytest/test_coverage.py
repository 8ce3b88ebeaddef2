"""`--hakuna-coverage` and `--hakuna-coverage-min`: what the tests of a run exercised together."""

import json
import re

import pytest
from asked_mock import Shop
from running_mock import running_mock

from contracts.worlds.coverage import merged, read_coverage
from fuzz.client.http_client import Target
from hakuna_mock.reports.coverage import percent

TWO = """
def test_sold(hakuna): hakuna.play("P{d:1, p:1>d} F{d:1}")
def test_called_off(hakuna): hakuna.play("P{d:1} X")
"""
EIGHT = """
import pytest

@pytest.mark.parametrize("number", range(8))
def test_order(hakuna, number): hakuna.play("P{d:1} X" if number % 2 else "P{d:1} F{d:1}")
"""
PLACED, SHIPPED, CANCELLED = "order_placed", "order_fulfillment_added", "order_cancelled"


@pytest.fixture
def written(pytester):
    """The counts that a run wrote for one dimension, those of 0 left out."""

    def read(dimension: str = "event_types", name: str = "out.json") -> dict[str, int]:
        document = json.loads((pytester.path / name).read_text("utf-8"))
        return {item: n for item, n in document[dimension]["items"].items() if n}

    return read


def test_the_flag_alone_shows_it_in_the_terminal(inner):
    ran = inner(TWO, "--hakuna-coverage")
    assert ran.ret == pytest.ExitCode.OK
    ran.stdout.fnmatch_lines(["*= hakuna coverage =*", "event types *3 of 5", "* passed in *"])
    ran.stdout.fnmatch_lines(["  order_refund_added, order_line_items_cancelled"])


def test_without_the_flags_nothing_is_said_and_nothing_is_asked(inner_process):
    ran = inner_process(
        "import sys\n" + TWO + "\ndef test_it(): assert 'hakuna_mock.pytest.coverage' not in "
        "sys.modules\n"
    )
    ran.assert_outcomes(passed=3)
    assert "coverage" not in ran.stdout.str()


def test_the_worlds_of_all_tests_are_added_up(inner, written):
    inner(TWO, "--hakuna-coverage=json:out.json").assert_outcomes(passed=2)
    assert written() == {PLACED: 2, SHIPPED: 1, CANCELLED: 1}


def test_several_outputs_may_be_asked_for(inner, pytester, written):
    ran = inner(
        TWO,
        "--hakuna-coverage=json:a/b/out.json",
        "--hakuna-coverage=html:out.html",
        "--hakuna-coverage=term",
    )
    ran.stdout.fnmatch_lines(["written: a/b/out.json", "written: out.html", "event types *"])
    page = (pytester.path / "out.html").read_text("utf-8")
    whole = json.loads((pytester.path / "a/b/out.json").read_text("utf-8"))
    assert f'<span class="verdict">{percent(whole):.1f} %</span>' in page
    assert "<code>order_refund_added</code></th>" in page
    assert "<script" not in page
    assert written(name="a/b/out.json")[PLACED] == 2


def test_a_file_can_be_merged_by_the_command(inner, pytester):
    inner(TWO, "--hakuna-coverage=json:out.json")
    document = json.loads((pytester.path / "out.json").read_text("utf-8"))
    twice = merged([read_coverage(document), read_coverage(document)]).to_json()
    assert twice["event_types"]["items"][PLACED] == 4


def test_files_lie_where_pytest_was_started(inner, written):
    inner(
        "def test_x(hakuna, monkeypatch, tmp_path):\n    monkeypatch.chdir(tmp_path)\n"
        '    hakuna.play("P{d:1}")\n',
        "--hakuna-coverage=json:out.json",
    )
    assert written() == {PLACED: 1}


def test_what_came_before_a_reset_counts(inner, written):
    inner(
        "def test_x(hakuna):\n    hakuna.play('P{d:1}')\n    hakuna.reset()\n"
        "    hakuna.play('P{d:1}')\n    assert len(hakuna.events()) == 1",
        "--hakuna-coverage=json:out.json",
    ).assert_outcomes(passed=1)
    assert written() == {PLACED: 2}


def test_failing_tests_and_requests_without_a_key_count(inner, written):
    inner(
        "import requests\n"
        "def test_wrong(hakuna): hakuna.play('P{d:1, p:1>d} F{d:1} R{d:1}')\n"
        "def test_stranger(hakuna): requests.post(hakuna.events_url, json={})\n",
        "--hakuna-coverage=json:out.json",
    ).assert_outcomes(failed=2)
    assert written()["order_refund_added"] == 1
    assert written("error_codes") == {"unauthorized": 1}
    assert {"refund-missing-protection", "auth-invalid"} <= set(written("rules_violated"))


def test_two_workers_are_added_up_and_fail_together_below_the_minimum(inner_process, written):
    ran = inner_process(
        EIGHT, "-n", "2", "--hakuna-coverage=json:out.json", "--hakuna-coverage-min=90"
    )
    ran.assert_outcomes(passed=8)
    assert written() == {PLACED: 8, SHIPPED: 4, CANCELLED: 4}
    assert ran.ret == pytest.ExitCode.TESTS_FAILED


def test_a_worker_that_dies_is_said_to_be_missing(inner_process):
    ran = inner_process(
        EIGHT + "\ndef test_fatal():\n    import os\n    os._exit(3)\n",
        "-n",
        "2",
        "--hakuna-coverage",
    )
    ran.stdout.fnmatch_lines(["not all is known: 1 part *worker gw* ended without handing it*"])


def test_on_a_target_the_worlds_of_others_do_not_count_for_one_process_or_two_workers(
    inner, inner_process, written
):
    with running_mock() as here:
        target = Target(here.url)
        assert Shop(target, "sk_test_other").post(b"{}").status == 400
        target.close()
        for run, *workers in ((inner,), (inner_process, "-n", "2")):
            ran = run(
                EIGHT,
                f"--hakuna-target={here.url}",
                "--hakuna-coverage=json:out.json",
                "--hakuna-coverage-min=10",
                *workers,
            )
            assert written() == {PLACED: 8, SHIPPED: 4, CANCELLED: 4}
            assert written("error_codes") == {}
            assert ran.ret == pytest.ExitCode.OK
            ran.stdout.fnmatch_lines(["* % of the contract was exercised, *asks for 10"])


def test_less_than_the_minimum_fails_the_run_and_says_by_how_much(inner):
    ran = inner(TWO, "--hakuna-coverage-min=90")
    ran.assert_outcomes(passed=2)
    assert ran.ret == pytest.ExitCode.TESTS_FAILED
    message = r"hakuna: \d+\.\d % of the contract was exercised, --hakuna-coverage-min asks for 90"
    assert re.search(message, ran.stdout.str())
    assert "event types" not in ran.stdout.str()


def test_enough_is_said_and_passes(inner):
    ran = inner(TWO, "--hakuna-coverage-min=10")
    assert ran.ret == pytest.ExitCode.OK
    ran.stdout.fnmatch_lines(["* % of the contract was exercised, *asks for 10"])


def test_a_run_that_asks_nobody_has_exercised_nothing(inner):
    ran = inner("def test_x(): pass", "--hakuna-coverage", "--hakuna-coverage-min=1")
    assert ran.ret == pytest.ExitCode.TESTS_FAILED
    ran.stdout.fnmatch_lines(
        ["no test used the fixture hakuna: nothing was exercised", "hakuna: 0.0 % of *"]
    )


def test_collecting_judges_nothing(inner):
    ran = inner(TWO, "--collect-only", "--hakuna-coverage-min=90", "--hakuna-coverage")
    assert ran.ret == pytest.ExitCode.OK
    assert "hakuna coverage" not in ran.stdout.str()


def test_other_ends_of_a_run_keep_their_exit_codes(inner):
    ran = inner("", "--hakuna-coverage-min=90")
    assert ran.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    ran = inner("raise KeyError", "--hakuna-coverage-min=90")
    assert ran.ret == pytest.ExitCode.INTERRUPTED


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("--hakuna-coverage=xml:a", "--hakuna-coverage xml:a: must be term, json:PATH or *"),
        ("--hakuna-coverage=json", "--hakuna-coverage json: must be term, json:PATH or *"),
        ("--hakuna-coverage=html:", "--hakuna-coverage html:: must be term, json:PATH or *"),
        ("--hakuna-coverage=term:a", "--hakuna-coverage term:a: must be term, json:PATH or *"),
        ("--hakuna-coverage=", "--hakuna-coverage : must be term, json:PATH or html:PATH"),
        ("--hakuna-coverage=json:.", "--hakuna-coverage json:.: . is a folder; name a file"),
        ("--hakuna-coverage-min=101", "--hakuna-coverage-min 101.0: must be a number from 0 to*"),
        ("--hakuna-coverage-min=nan", "--hakuna-coverage-min nan: must be a number from 0 to*"),
        ("--hakuna-coverage-min=much", "*argument --hakuna-coverage-min: invalid float*'much'"),
    ],
)
def test_a_wrong_value_is_a_usage_error(inner, flag, message):
    ran = inner(TWO, flag)
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines([f"*{message}"])


def test_a_folder_behind_the_bare_flag_is_explained(inner, pytester):
    pytester.mkdir("checks")
    ran = inner(TWO, "--hakuna-coverage", "checks")
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines(["*write --hakuna-coverage=term in front of a file or folder"])


def test_a_file_that_cannot_be_written_fails_the_run_in_words(inner, pytester):
    (pytester.path / "taken").write_text("")
    ran = inner(TWO, "--hakuna-coverage=json:taken/out.json")
    assert ran.ret == pytest.ExitCode.TESTS_FAILED
    ran.stdout.fnmatch_lines(["hakuna: --hakuna-coverage json:taken/out.json cannot be written: *"])


def test_a_foreign_package_of_our_name_is_named_instead(inner_process, pytester):
    pytester.makepyfile(contracts="MINE = 1")
    pytester.makeconftest(f"import sys; sys.path.insert(0, {str(pytester.path)!r})")
    ran = inner_process("import contracts\ndef test_x(): pass", "--hakuna-coverage")
    ran.assert_outcomes(passed=1)
    assert ran.ret == pytest.ExitCode.TESTS_FAILED
    ran.stdout.fnmatch_lines(["hakuna: there is no coverage. *", "  contracts is imported from *"])
    assert "Traceback" not in ran.stdout.str()


def test_a_server_whose_coverage_is_none_is_said_to_have_none(inner):
    ran = inner(
        "def test_x(hakuna, monkeypatch):\n    hakuna.play('P{d:1}')\n"
        "    hakuna._server.get = lambda path, key=None: {} if path == '/coverage' else "
        "type(hakuna._server).get(hakuna._server, path, key)\n",
        "--hakuna-coverage",
    )
    ran.assert_outcomes(passed=1)
    ran.stdout.fnmatch_lines(["not all is known: 2 parts * coverage cannot be read: *"])
