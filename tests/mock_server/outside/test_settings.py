import signal
from dataclasses import fields
from pathlib import Path

import pytest
from server_processes import STARTS, running

from contracts.http.credentials import Auth
from contracts.worlds.policy import Enforcement
from mock_server.settings import (
    OPTIONS,
    Settings,
    SettingsError,
    env_name,
    read_settings,
    unknown_variables,
)

NOTHING: dict[str, str] = {}


@pytest.fixture(autouse=True)
def an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(flags=None, environ=NOTHING, config=None) -> Settings:
    return read_settings(flags, environ, config)


def toml(folder: Path, text: str, name: str = "pyproject.toml") -> Path:
    path = folder / name
    path.write_text(f"[tool.hakuna-mock]\n{text}\n", "utf-8")
    return path


def test_the_defaults_listen_on_loopback_and_flag():
    settings = told()
    assert (settings.host, settings.port) == ("127.0.0.1", 4258)
    assert settings.enforcement is Enforcement.FLAG
    assert settings.auth is Auth.BOTH
    assert settings.on_loopback


def test_every_field_is_an_option_with_help_and_a_variable():
    assert {field.name for field in fields(Settings)} == set(OPTIONS)
    for name, option in OPTIONS.items():
        assert option.help.endswith(".")
        assert env_name(name) == f"HAKUNA_MOCK_{name.upper()}"


def test_a_flag_beats_the_variable_beats_the_file_beats_the_default(an_empty_folder):
    toml(an_empty_folder, "port = 1\nhost = 'localhost'\nseed = 7")
    environ = {"HAKUNA_MOCK_PORT": "2", "HAKUNA_MOCK_SEED": "8"}
    settings = told({"port": "3"}, environ)
    assert (settings.port, settings.seed, settings.host) == (3, 8, "localhost")


def test_lists_are_repeated_flags_words_in_a_variable_or_toml_lists(an_empty_folder):
    assert told({"allow_host": ("a", "b")}).allow_host == ("a", "b")
    assert told(environ={"HAKUNA_MOCK_ALLOW_HOST": "a, b c"}).allow_host == ("a", "b", "c")
    toml(an_empty_folder, "allow-host = ['x', 'y']")
    assert told().allow_host == ("x", "y")


@pytest.mark.parametrize(
    ("text", "size"), [("1000", 1000), ("1KiB", 1024), ("2 MiB", 2 * 1024**2), ("1gib", 1024**3)]
)
def test_sizes_are_bytes_or_binary_units(text, size):
    assert told({"max_body": text}).max_body == size


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "x"),
        ("port", "-1"),
        ("port", "65536"),
        ("port", "١"),
        ("max_body", "1MB"),
        ("max_body", "0"),
        ("max_body", "9GiB"),
        ("journal_limit", "0"),
        ("seed", "1.5"),
        ("clock", "yesterday"),
        ("clock", "2026-01-01"),
        ("enforcement", "off"),
        ("auth", "none"),
        ("log_format", "xml"),
        ("host", ""),
        ("no_ui", "maybe"),
    ],
)
def test_a_bad_value_is_refused_with_the_place_where_it_was_set(an_empty_folder, name, value):
    if value:
        with pytest.raises(SettingsError, match=f"^--{name.replace('_', '-')} "):
            told({name: value})
        with pytest.raises(SettingsError, match=f"^{env_name(name)} "):
            told(environ={env_name(name): value})
    toml(an_empty_folder, f"{name} = {value!r}")
    with pytest.raises(SettingsError, match=r"^pyproject\.toml: \[tool\.hakuna-mock\] "):
        told()


def test_an_unknown_key_of_the_file_is_refused_with_the_nearest_name(an_empty_folder):
    toml(an_empty_folder, "prot = 1")
    with pytest.raises(SettingsError, match="prot is no setting; did you mean port"):
        told()


def test_a_file_that_is_named_must_be_readable_and_toml(an_empty_folder):
    with pytest.raises(SettingsError, match=r"no\.toml"):
        told(config=Path("no.toml"))
    (an_empty_folder / "bad.toml").write_text("[")
    with pytest.raises(SettingsError, match=r"bad\.toml"):
        told(config=Path("bad.toml"))
    assert told(config=toml(an_empty_folder, "port = 5", "mine.toml")).port == 5


def test_a_foreign_pyproject_is_no_concern_of_ours(an_empty_folder):
    (an_empty_folder / "pyproject.toml").write_text("[tool.other]\nport = 'x'\n")
    assert told().port == 4258


@pytest.mark.parametrize("key", ["pk_test_1", "sk_test_", "sk_test_a-b"])
def test_a_key_that_is_none_is_refused_and_no_key_is_ever_shown(key):
    with pytest.raises(SettingsError) as refused:
        told({"api_key": (key,)})
    assert key not in str(refused.value) or key == "sk_test_"
    secret = "sk_test_" + "averylongsecretkey"
    live = "sk_live_" + "averylongsecretkey"
    assert secret not in repr(told({"api_key": (secret,), "admin_token": "tok"}))
    with pytest.raises(SettingsError) as live_refused:
        told({"api_key": (live,)})
    assert live not in str(live_refused.value)


@pytest.mark.parametrize("text", ["1", "true", "YES"])
def test_a_switch_is_turned_on_by_its_variable(text):
    assert told(environ={"HAKUNA_MOCK_NO_UI": text}).no_ui is True


def test_a_variable_that_looks_like_a_setting_and_is_none_is_named_with_the_nearest():
    environ = {
        "HAKUNA_MOCK_PROT": "1",
        "HAKUNA_MOCK_MAX_WORLD": "1",
        "HAKUNA_MOCK_ZZZ": "1",
        "HAKUNA_MOCK_PORT": "1",
        "HAKUNA_MOCK_URL": "http://127.0.0.1:4258",
        "HAKUNA_KEY": "1",
        "OTHER": "1",
    }
    nothing = "is no setting of the server, so it does nothing"
    assert unknown_variables(environ) == [
        f"HAKUNA_MOCK_MAX_WORLD {nothing}; did you mean HAKUNA_MOCK_MAX_WORLDS?",
        f"HAKUNA_MOCK_PROT {nothing}; did you mean HAKUNA_MOCK_PORT?",
        f"HAKUNA_MOCK_ZZZ {nothing}",
    ]


@pytest.mark.parametrize("command", STARTS.values(), ids=STARTS)
def test_a_misspelt_variable_is_named_on_stderr_and_the_server_starts(an_empty_folder, command):
    with running(command, an_empty_folder, enforcment="reject", url="x") as here:
        assert here.end(signal.SIGTERM) == 0
        said = here.err.read_text()
    assert "HAKUNA_MOCK_ENFORCMENT is no setting" in said
    assert "did you mean HAKUNA_MOCK_ENFORCEMENT?" in said
    assert "reject" not in said
    assert "HAKUNA_MOCK_URL" not in said
