"""Levels of rules for a whole project: `[tool.hakuna-mock.rules]`, `--rule`, HAKUNA_MOCK_RULES."""

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.findings.outside import OUTSIDE
from contracts.rules import RULES
from contracts.worlds.policy import Decision, Policy
from contracts.worlds.rule_levels import LEVELS, rule_levels
from mock_server.settings import OPTIONS, SettingsError, read_policy, read_settings
from mock_server.settings_schema import settings_schema

SOME = ("zip-format", "over-refund", "content-type", "timestamp-future")
LEVELS_OF_SOME = st.dictionaries(st.sampled_from(SOME), st.sampled_from(LEVELS))


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pairs(levels) -> tuple[str, ...]:
    return tuple(f"{rule}={level}" for rule, level in levels.items())


def config_of(folder, table) -> object:
    """A TOML file with this table; JSON values are TOML values where they are not objects."""
    path = folder / "own.toml"
    rules = table.pop("rules", None)
    rows = ["[tool.hakuna-mock]", *(f"{json.dumps(k)} = {json.dumps(v)}" for k, v in table.items())]
    if rules is not None:
        rows += ["[tool.hakuna-mock.rules]"]
        rows += [f"{json.dumps(k)} = {json.dumps(v)}" for k, v in rules.items()]
    path.write_text("\n".join(rows), "utf-8")
    return path


@given(LEVELS_OF_SOME, LEVELS_OF_SOME, LEVELS_OF_SOME)
def test_a_rule_has_the_level_of_the_strongest_place_that_names_it(
    tmp_path_factory, flags, variable, file
):
    config = config_of(tmp_path_factory.mktemp("config"), {"rules": file})
    environ = {"HAKUNA_MOCK_RULES": ",".join(pairs(variable))}
    policy = read_policy({"rules": pairs(flags)}, environ, config)
    assert rule_levels(policy) == {**file, **variable, **flags}


def test_python_gives_the_levels_as_a_mapping():
    policy = read_policy({"rules": {"zip-format": "off"}}, {})
    assert rule_levels(policy) == {"zip-format": "off"}


@pytest.mark.parametrize(
    ("level", "problem"),
    [
        ("zip-fromat=off", "zip-fromat: there is no such rule; did you mean zip-format"),
        ("zip-format=of", "zip-format: must be one of off, advice, warning, violation, refuse"),
        ("zip-format", "zip-format: write ID=LEVEL"),
        ("auth-invalid=accept", "auth-invalid: cannot be accept"),
    ],
)
def test_a_rule_or_level_that_does_not_exist_is_an_error_with_its_place(
    empty_folder, level, problem
):
    with pytest.raises(SettingsError, match=f"^--rule {problem}"):
        read_policy({"rules": (level,)}, {})
    with pytest.raises(SettingsError, match=f"^HAKUNA_MOCK_RULES {problem}"):
        read_policy({}, {"HAKUNA_MOCK_RULES": level})
    rule, _, level = level.partition("=")
    if level:
        config = config_of(empty_folder, {"rules": {rule: level}})
        with pytest.raises(SettingsError, match=rf"own.toml: \[tool.hakuna-mock.rules\] {problem}"):
            read_policy({}, {}, config)


TYPES = {"string": str, "integer": int, "boolean": bool, "array": list}
VALUES = st.one_of(
    st.booleans(),
    st.integers(-2, 2**31),
    st.sampled_from(
        ("", "x", "1KiB", "flag", "json", "both", "sk_test_" + "a", "plan-*", "*", "a*b", "é")
    ),
    st.lists(st.sampled_from(("x", "", "sk_test_" + "b", "plan-*", "*")), max_size=2),
)


def has_the_type_of_its_schema(name, value) -> bool:
    """Beside it the reader takes text for a number or switch, and one value for a list."""
    schema = settings_schema()["properties"].get(name, {})
    return type(value) is TYPES[schema.get("type", "string")]


@given(
    st.dictionaries(
        st.sampled_from(
            [*sorted({*OPTIONS} - {"rules", "clock", "contract"}), "max-body", "no_such"]
        ),
        VALUES,
        max_size=2,
    ),
    st.dictionaries(
        st.sampled_from((*SOME, "auth-invalid", "none")), st.sampled_from((*LEVELS, 1))
    ),
)
def test_the_schema_allows_what_the_reader_takes(tmp_path_factory, table, rules):
    document = {**table, "rules": rules}
    config = config_of(tmp_path_factory.mktemp("config"), dict(document))
    if jsonschema.Draft202012Validator(settings_schema()).is_valid(document):
        read_settings({}, {}, config)
    elif all(has_the_type_of_its_schema(*row) for row in table.items()):
        with pytest.raises(SettingsError):
            read_settings({}, {}, config)


def test_the_schema_names_every_option_and_rule_in_both_spellings():
    schema = settings_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    spellings = {name.replace("_", "-") for name in OPTIONS} | set(OPTIONS)
    assert set(schema["properties"]) == spellings
    assert set(schema["properties"]["rules"]["properties"]) == {*RULES, *OUTSIDE}


def test_decisions_and_severities_are_told_apart():
    policy = read_policy({"rules": ("zip-format=refuse", "over-refund=advice")}, {})
    assert policy == Policy(
        levels={"over-refund": "advice"}, decisions={"zip-format": Decision.REFUSE}
    )
