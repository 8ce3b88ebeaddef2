"""One project, one set of rule settings: check, play, verify and fuzz read them as serve does."""

import json

import pytest
from running_mock import running_mock

from mock_server.settings import Settings

REFUND_ALONE = "P{d:1, p:1>d} F{d:1} R{d:1}"
RULE = "refund-missing-protection"


def project(tmp_path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text, "utf-8")


def test_the_table_of_the_project_a_variable_and_a_flag_set_the_level_of_a_rule(
    run, tmp_path, monkeypatch
):
    assert run("play", REFUND_ALONE).code == 1
    project(tmp_path, f'[tool.hakuna-mock.rules]\n{RULE} = "advice"\n')
    assert run("play", REFUND_ALONE).code == 0
    monkeypatch.setenv("HAKUNA_MOCK_RULES", f"{RULE}=violation")
    assert run("play", REFUND_ALONE).code == 1
    assert run("play", REFUND_ALONE, "--rule", f"{RULE}=off").code == 0


def test_check_refuses_what_a_rule_is_told_to_refuse(run, tmp_path):
    converted = run("convert", REFUND_ALONE, "--to", "json").out
    (tmp_path / "events.json").write_text(converted, "utf-8")
    ran = run("check", "events.json", "--rule", f"{RULE}=refuse", "--output-format", "json")
    assert ran.code == 1
    assert [row["status"] for row in json.loads(ran.out)["events"]] == [200, 200, 400]


@pytest.mark.parametrize(
    "command",
    [("check", "-"), ("play", "P{d:1}"), ("verify", "--target", "http://127.0.0.1:1"), ("fuzz",)],
    ids=lambda command: command[0],
)
def test_a_project_file_that_cannot_be_used_ends_every_command(run, tmp_path, command):
    for text, message in (
        ("not = = toml", "pyproject.toml cannot be read"),
        ('[tool.hakuna-mock.rules]\nzip-fromat = "off"\n', "did you mean zip-format"),
    ):
        project(tmp_path, text)
        ran = run(*command)
        assert ran.code == 2
        assert message in ran.err


def test_a_variable_that_no_judge_needs_may_be_bad(run, monkeypatch):
    monkeypatch.setenv("HAKUNA_MOCK_PORT", "x")
    assert run("play", "P{d:1}").code == 0


def test_a_rule_that_always_refuses_is_not_silenced_without_a_word(run, tmp_path):
    (tmp_path / "bad.json").write_text('{"type": "order_placed"}', "utf-8")
    ran = run("check", "bad.json", "--rule", "body-invalid=off")
    assert "body-invalid is off: a request that breaks it is still refused" in ran.err


def test_verify_expects_what_the_settings_of_the_target_say(run):
    levels = (("over-refund", "refuse"), ("duplicate-event", "off"), ("zip-format", "violation"))
    with running_mock(Settings(port=0, rules=levels)) as here:
        ran = run("verify", "--target", here.url)
    assert ran.code == 0, ran.out


def test_the_fuzzer_s_model_follows_the_levels_of_its_own_server(run):
    ran = run(
        *("fuzz", "--max-examples", "15", "--seed", "5"),
        *("--rule", "over-refund=refuse", "--rule", "unknown-field=off"),
        *("--rule", "item-entry-repeated=violation", "--enforcement", "reject"),
    )
    assert ran.code == 0, ran.out
