"""`--hakuna-record DIR`: what a failing test sent, to be played again."""

import json

import pytest
from cli_runs import run as run_cli

from contracts.scenarios.format import read_scenario
from contracts.scenarios.runner import compare, compare_end, dry_run
from hakuna_mock.pytest.record import name_of

run = run_cli
NOW = 1_800_000_000_000_000_000
FORGOTTEN = 'hakuna.play("P{d:1, p:1>d} F{d:1} R{d:1}")'


def recordings(pytester) -> list[dict]:
    return [json.loads(path.read_text("utf-8")) for path in sorted(pytester.path.glob("out/*"))]


@pytest.fixture
def recorded(inner, pytester):
    """The only recording of a test with this body."""

    def record(body: str) -> dict:
        inner(
            f"import json\nfrom contracts.shorthand import bodies\ndef test_x(hakuna):\n    {body}",
            "--hakuna-record=out",
        )
        (document,) = recordings(pytester)
        return document

    return record


def test_a_fault_that_the_test_armed_stands_at_the_request_that_met_it(recorded):
    document = recorded('hakuna.fault("unavailable"); hakuna.play("P{d:1} F{d:1}"); assert False')
    placed, shipped = document["steps"]
    assert placed["headers"]["Hakuna-Mock-Fault"] == "unavailable"
    assert placed["expect"]["status"] == 503
    assert "Hakuna-Mock-Fault" not in shipped["headers"]


def test_each_failing_test_is_recorded_and_no_other(inner, pytester):
    ran = inner(
        f"""
        import pytest

        def test_good(hakuna): hakuna.play("P{{d:1}}")

        @pytest.mark.parametrize("way", ["a/b", "a b"])
        def test_violation(hakuna, way): {FORGOTTEN}

        def test_own_error(hakuna):
            hakuna.play("P{{d:1}}")
            assert False

        @pytest.mark.xfail
        def test_known(hakuna): {FORGOTTEN}

        def test_nothing_sent(hakuna): assert False
        def test_without(): assert False
        """,
        "--hakuna-record=out",
    )
    ran.assert_outcomes(passed=1, failed=5, xfailed=1)
    assert {document["title"] for document in recordings(pytester)} == {
        "test_shop.py::test_violation[a/b]",
        "test_shop.py::test_violation[a b]",
        "test_shop.py::test_own_error",
    }
    ran.stdout.fnmatch_lines(
        ["*- hakuna recording -*", "out/*.json", "repeat it with: hakuna-mock*"]
    )


def test_without_the_flag_nothing_is_written(inner, pytester):
    inner(f"def test_x(hakuna): {FORGOTTEN}")
    assert list(pytester.path.glob("**/*.json")) == []


def test_a_recording_is_replayed_by_play_with_the_same_findings(run, inner, pytester):
    inner(f"def test_x(hakuna): {FORGOTTEN}", "--hakuna-record=out")
    (path,) = pytester.path.glob("out/*.json")
    ran = run("play", str(path))
    assert ran.code == 1
    assert "violation refund-missing-protection" in ran.out
    assert "\npassed" not in ran.out


def test_the_expectations_are_what_the_judge_says(recorded):
    document = recorded(FORGOTTEN)
    assert [step["expect"] for step in document["steps"]] == [
        {"status": 200, "findings": []},
        {"status": 200, "findings": []},
        {"status": 200, "findings": ["refund-missing-protection"]},
    ]
    assert document["expect"] == {"open_findings": ["refund-missing-protection"]}
    scenario = read_scenario(document)
    played = dry_run(scenario, NOW)
    for asked, actual in played.requests:
        assert list(compare(asked.step, asked.expect, actual)) == []
    assert list(compare_end(scenario, played.open_findings, played.orders)) == []


@pytest.mark.parametrize(
    ("headers", "written"),
    [
        ({}, {}),
        ({"Hakuna-Version": None}, {"Hakuna-Version": None}),
        ({"Hakuna-Version": "v1.2"}, {"Hakuna-Version": "v1.2"}),
        ({"Content-Type": "text/plain"}, {"Content-Type": "text/plain"}),
        ({"Authorization": None}, {"Authorization": None}),
        ({"Authorization": "Bearer nonsense"}, {"Authorization": "Bearer (removed)"}),
        (
            {"Authorization": "Bearer sk_live_" + "abcdefghijklmnop"},
            {"Authorization": "Bearer sk_live_(removed)"},
        ),
        (
            {"Bearer": "sk_test_somebodyelse123"},
            {"Bearer": "{key}_other"},
        ),
        ({"X-Shop": "not the contract's business"}, {}),
    ],
)
def test_headers_are_kept_where_they_matter_and_never_a_key(recorded, headers, written):
    document = recorded(
        f"hakuna.send(bodies('X')[0], headers={headers!r}); hakuna.expect_finding('zip-format')"
    )
    (step,) = document["steps"]
    kept = {**step["headers"]}
    assert len(kept.pop("Hakuna-Idempotency-Key")) == 36
    assert kept == written
    text = json.dumps(document)
    assert "abcdefghijklmnop" not in text
    assert "sk_test_" not in text


def test_the_page_literal_bearer_header_is_kept(recorded):
    document = recorded(
        "hakuna.send(bodies('X')[0], headers={'Authorization': None, 'Bearer': hakuna.api_key})"
    )
    headers = document["steps"][0]["headers"]
    assert headers["Authorization"] is None
    assert headers["Bearer"] == "{key}"


def test_retries_keep_their_key_and_odd_bodies_their_text(recorded):
    document = recorded(
        """key = {"Hakuna-Idempotency-Key": "retry-1"}
    hakuna.send(bodies("X")[0], headers=key)
    hakuna.send(bodies("X")[0], headers=key)
    hakuna.send('{"type": 1, "type": 2}')
    hakuna.send('no json')
    hakuna.send('[1.0, 1e3]')"""
    )
    first, second, *others = document["steps"]
    assert first["headers"] == second["headers"] == {"Hakuna-Idempotency-Key": "retry-1"}
    assert [step.get("raw") or step["body"] for step in others] == [
        '{"type": 1, "type": 2}',
        "no json",
        [1.0, 1000.0],
    ]
    assert "idempotency-key-reused" not in json.dumps(document)


def test_requests_to_other_paths_are_recorded_with_their_path(recorded):
    document = recorded(
        "hakuna.play('X')\n"
        "    import requests\n"
        "    requests.post(hakuna.url + '/events', headers=hakuna.headers, json={})"
    )
    assert [step.get("path") for step in document["steps"]] == [None, "/events"]
    assert document["steps"][1]["expect"]["status"] == 404


def test_the_folder_lies_where_pytest_was_started(inner, pytester):
    inner(
        f"""
        def test_x(hakuna, monkeypatch, tmp_path):
            monkeypatch.chdir(tmp_path)
            {FORGOTTEN}
        """,
        "--hakuna-record=out",
    )
    assert len(recordings(pytester)) == 1


def test_a_folder_that_cannot_be_written_is_said_and_fails_no_more(inner, pytester):
    (pytester.path / "file").write_text("")
    ran = inner(f"def test_x(hakuna): {FORGOTTEN}", "--hakuna-record=file/below")
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["*- hakuna recording -*", "cannot write to *file/below: *"])
    ran = inner("def test_x(hakuna): pass", "--hakuna-record=file")
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines(["*--hakuna-record file: is a file; name a folder"])


@pytest.mark.parametrize("title", ["test_a.py::test[\ud800]", "x" * 500, "ä/ö::ü", "::", "Ünï"])
def test_any_test_id_makes_a_name_that_a_scenario_may_have(title):
    name = name_of(title)
    document = {"name": name, "steps": [{"shorthand": "X"}]}
    assert read_scenario(document).name == name
    assert len(name) < 100


def test_workers_record_side_by_side(inner_process, pytester):
    ran = inner_process(
        f"""
        import pytest

        @pytest.mark.parametrize("number", range(8))
        def test_x(hakuna, number): {FORGOTTEN}
        """,
        "-n",
        "2",
        "--hakuna-record=out",
    )
    ran.assert_outcomes(failed=8)
    assert len(recordings(pytester)) == 8
