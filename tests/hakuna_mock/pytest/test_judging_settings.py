"""The plugin's own server judges as the project says, and takes nothing else from its settings."""

SPLIT_RETURN = """
import pytest
from contracts.shorthand import bodies

@pytest.mark.hakuna(allow=["refund-missing-protection"])
def test_it(hakuna):
    statuses = [hakuna.send(body).status for body in bodies("P{d:1,p:1>d} F{d:1} R{d:1}")]
    assert statuses == [200, 200, expected]
    assert not hakuna.url.endswith(":1")
"""


def split_return(expected):
    return SPLIT_RETURN.replace("expected]", f"{expected}]")


def test_without_settings_it_flags(inner):
    inner(split_return(200)).assert_outcomes(passed=1)


def test_the_table_of_pyproject_says_how_events_are_judged(inner, pytester):
    pytester.makepyprojecttoml("[tool.hakuna-mock]\nenforcement = 'reject'\nport = 1\n")
    inner(split_return(400)).assert_outcomes(passed=1)


def test_so_do_the_variables_of_these_settings(inner, monkeypatch):
    monkeypatch.setenv("HAKUNA_MOCK_RULES", "refund-missing-protection=refuse")
    monkeypatch.setenv("HAKUNA_MOCK_PORT", "1")
    inner(split_return(400)).assert_outcomes(passed=1)


def test_wrong_settings_fail_the_tests_that_need_a_server(inner, pytester):
    pytester.makepyprojecttoml("[tool.hakuna-mock.rules]\n'zip-formats' = 'off'")
    ran = inner(split_return(200))
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["*hakuna_server: *[[]tool.hakuna-mock.rules[]]*zip-format*"])


def test_a_refusal_that_settings_silence_is_told(inner, pytester):
    pytester.makepyprojecttoml("[tool.hakuna-mock.rules]\n'body-invalid' = 'off'\n")
    ran = inner("def test_it(hakuna): hakuna.send({})")
    ran.stdout.fnmatch_lines(["*PytestWarning: *body-invalid*"])
