"""Flag beats variable beats file beats default, and a bad value is told with its place."""

import signal
from dataclasses import fields

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from server_mock import KEY, LIVE_KEY
from server_processes import STARTS, running

from contracts.http.credentials import Auth
from contracts.timing.rfc3339 import parse_instant
from contracts.worlds.policy import Enforcement
from mock_server.ignored_variables import variable_notices
from mock_server.settings import (
    OPTIONS,
    Settings,
    SettingsError,
    env_name,
    read_settings,
)

GOOD = {
    "host": ("localhost", "0.0.0.0"),
    "port": ("0", "65535"),
    "ready_file": ("ready.json", "/tmp/x"),
    "enforcement": ("flag", "reject"),
    "auth": ("both", "authorization", "bearer-header"),
    "api_key": ("sk_test_" + "a", "sk_test_" + "b_1"),
    "seed": ("0", "-5", "123456789012345678"),
    "clock": ("2026-01-01T00:00:00Z", "2026-01-01t00:00:00.5+01:00"),
    "max_body": ("1", "1KiB", "2 mib"),
    "max_memory": ("128MiB", "2 gib", "536870912"),
    "journal_limit": ("1", "999999"),
    "allow_host": ("mock.internal", "x"),
    "admin_token": ("t", "a b"),
    "log_format": ("pretty", "json", "quiet"),
    "loop": ("asyncio", "uvloop", "auto"),
    "no_ui": ("true", "1"),
    "load": ("refund-forgotten", "x.json"),
    "protection_products": ("plan-1", "plan-*"),
    "timestamp_tolerance": ("0", "86400"),
    "state": ("x.sqlite",),
}
BAD = {
    "port": ("x", "-1", "65536", "1.5", "١", " 1", "99999999999999999999"),
    "enforcement": ("off", "Reject", "REJECT", "flag,reject"),
    "auth": ("none", "x-api-key", "Both"),
    "api_key": ("abc", "pk_test_" + "abc", "sk_test_", "sk_test_" + "a-b", LIVE_KEY),
    "seed": ("1.5", "x", "1e3", "9" * 19),
    "clock": ("now", "2026-01-01", "2026-01-01T00:00:00", "1767225600", "2026-02-30T00:00:00Z"),
    "max_body": ("0", "1MB", "1.5MiB", "-1", "2GiB", "MiB", "1 1"),
    "max_memory": ("0", "127MiB", "2000GiB", "512"),
    "journal_limit": ("0", "-1", "x", "1.0"),
    "log_format": ("xml", "JSON", "text"),
    "no_ui": ("maybe", "2", "on-ish"),
    "protection_products": ("*", "a*b", "*a"),
    "timestamp_tolerance": ("-1", "86401", "0.5"),
}
DISTINCT = ("port", "seed", "journal_limit", "max_body")


def bad_values():
    return [(name, value) for name, values in BAD.items() for value in values]


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(flags=None, environ=None, config=None, only=OPTIONS) -> Settings:
    return read_settings(flags or {}, environ or {}, config, only)


def toml(folder, text, name="pyproject.toml"):
    path = folder / name
    path.write_text(f"[tool.hakuna-mock]\n{text}\n", "utf-8")
    return path


def flag_value(name, value):
    return (value,) if OPTIONS[name].many else value


def test_the_defaults_are_those_of_the_design():
    default = told()
    assert default == Settings()
    assert (default.host, default.port, default.on_loopback) == ("127.0.0.1", 4258, True)
    assert default.enforcement is Enforcement.FLAG
    assert default.auth is Auth.BOTH
    assert (default.max_body, default.journal_limit) == (1024**2, 10_000)
    assert (default.api_key, default.allow_host, default.admin_token) == ((), (), None)
    assert (default.seed, default.clock, default.ready_file) == (None, None, None)
    assert (default.log_format, default.no_ui) == ("pretty", False)


def test_a_number_is_as_good_as_its_text():
    """For callers in Python: 0 is a port like any other, and no missing flag."""
    assert told({"port": 0}).port == 0
    assert told({"port": 5000, "no_ui": True}) == told({"port": "5000", "no_ui": "true"})


def test_every_field_is_an_option_with_its_own_variable():
    assert {field.name for field in fields(Settings)} == set(OPTIONS)
    assert {env_name(name) for name in OPTIONS} == {
        f"HAKUNA_MOCK_{name.upper()}" for name in OPTIONS
    }


@pytest.mark.parametrize("name", [option for option in OPTIONS if option in GOOD])
def test_each_option_is_the_same_as_flag_as_variable_and_in_the_file(name, empty_folder):
    for value in GOOD[name]:
        by_flag = told({name: flag_value(name, value)})
        by_variable = told(environ={env_name(name): value})
        if OPTIONS[name].many or " " not in value:
            assert by_variable == by_flag
        toml(empty_folder, f'{name.replace("_", "-")} = "{value}"')
        assert told() == by_flag
        (empty_folder / "pyproject.toml").unlink()
        assert getattr(by_flag, name) is not None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(DISTINCT), st.sets(st.sampled_from("FEC"))))
def test_the_strongest_place_wins_for_each_option_by_itself(empty_folder, places):
    """F flag, E environment, C config file; each place has a number of its own."""
    numbers = {"F": 11, "E": 22, "C": 33}
    flags = {name: str(numbers["F"]) for name, where in places.items() if "F" in where}
    environ = {env_name(name): str(numbers["E"]) for name, where in places.items() if "E" in where}
    rows = [f"{name} = {numbers['C']}" for name, where in places.items() if "C" in where]
    toml(empty_folder, "\n".join(rows))
    result = told(flags, environ)
    for name in DISTINCT:
        where = places.get(name, ())
        strongest = next((numbers[item] for item in "FEC" if item in where), None)
        expected = getattr(Settings(), name) if strongest is None else strongest
        assert getattr(result, name) == expected


@pytest.mark.parametrize(("name", "value"), bad_values())
def test_a_bad_flag_is_named(name, value):
    with pytest.raises(SettingsError) as refused:
        told({name: flag_value(name, value)})
    assert str(refused.value).startswith(f"{OPTIONS[name].flag} ")


@pytest.mark.parametrize(
    ("name", "value"), [row for row in bad_values() if not OPTIONS[row[0]].many]
)
def test_a_bad_variable_is_named(name, value):
    with pytest.raises(SettingsError) as refused:
        told(environ={env_name(name): value})
    assert str(refused.value).startswith(f"{env_name(name)} ")


@pytest.mark.parametrize(("name", "value"), bad_values())
def test_a_bad_line_of_the_file_is_named_with_its_file(empty_folder, name, value):
    key = name.replace("_", "-")
    toml(empty_folder, f'{key} = "{value}"')
    with pytest.raises(SettingsError) as refused:
        told()
    assert str(refused.value).startswith(f"pyproject.toml: [tool.hakuna-mock] {key} ")


@pytest.mark.parametrize(
    "raw", ["port = true", "port = []", "port = 1.5", "seed = {}", "port = ['1', '2']"]
)
def test_a_value_of_another_kind_in_the_file_is_refused(empty_folder, raw):
    toml(empty_folder, raw)
    with pytest.raises(SettingsError, match=r"^pyproject\.toml: \[tool\.hakuna-mock\] "):
        told()


def test_an_unknown_key_of_the_file_gets_a_hint(empty_folder):
    toml(empty_folder, "enforcment = 'reject'")
    with pytest.raises(SettingsError, match="did you mean enforcement"):
        told()


def test_the_file_may_be_named_and_must_then_be_readable(empty_folder):
    other = toml(empty_folder, "port = 7", "other.toml")
    assert told(config=other).port == 7
    for name, content in {"none.toml": None, "bad.toml": b"[", "latin.toml": b"a = '\xff'"}.items():
        if content is not None:
            (empty_folder / name).write_bytes(content)
        with pytest.raises(SettingsError, match=name):
            told(config=empty_folder / name)


def test_a_pyproject_that_is_not_about_us_is_none_of_our_business(empty_folder):
    for content in ("[project]\nname = 'shop'\n", "[tool.other]\nport = 1\n"):
        (empty_folder / "pyproject.toml").write_text(content)
        assert told() == Settings()


@pytest.mark.parametrize("content", ["tool = 1", "[[tool]]\na = 1"])
def test_a_strange_pyproject_does_not_crash(empty_folder, content):
    (empty_folder / "pyproject.toml").write_text(content)
    assert told() == Settings()


def test_a_time_may_be_written_as_toml_writes_times(empty_folder):
    toml(empty_folder, "clock = 2026-01-01T12:00:00Z")
    assert told().clock == parse_instant("2026-01-01T12:00:00Z")


def test_the_clock_is_nanoseconds_since_1970():
    assert told({"clock": "1970-01-01T00:00:01.5Z"}).clock == 1_500_000_000


@pytest.mark.parametrize(
    ("text", "size"),
    [("1", 1), ("10b", 10), ("1KiB", 1024), ("3 MiB", 3 * 1024**2), (" 1gib ", 1024**3)],
)
def test_sizes_have_binary_units(text, size):
    assert told({"max_body": text}).max_body == size


def test_what_is_kept_leaves_room_for_the_program_in_the_memory():
    assert told({"max_memory": "512MiB"}).bounds.memory == told().bounds.memory == 416 * 1024**2
    assert told({"max_memory": "128MiB"}).bounds.memory == 32 * 1024**2


@pytest.mark.parametrize("text", ["a,b", "a b", " a , b ", "a\nb"])
def test_several_values_in_one_variable_are_split_at_blanks_and_commas(text):
    assert told(environ={"HAKUNA_MOCK_ALLOW_HOST": text}).allow_host == ("a", "b")


def test_an_empty_variable_is_no_variable():
    empty = dict.fromkeys(map(env_name, OPTIONS), "")
    assert told(environ=empty) == Settings()


def test_a_switch_can_be_turned_off_by_a_stronger_place(empty_folder):
    toml(empty_folder, "no-ui = true")
    assert told().no_ui is True
    assert told(environ={"HAKUNA_MOCK_NO_UI": "0"}).no_ui is False


@pytest.mark.parametrize("key", [KEY + "-x", LIVE_KEY, "pk_test_" + "averylongsecret"])
def test_an_error_about_a_key_does_not_show_it(key):
    for place in ({"flags": {"api_key": (key,)}}, {"environ": {"HAKUNA_MOCK_API_KEY": key}}):
        with pytest.raises(SettingsError) as refused:
            told(**place)
        assert key not in str(refused.value)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False)],
)
def test_loopback_is_known_when_it_is_seen(host, loopback):
    assert Settings(host=host).on_loopback is loopback


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a = " + b"[" * 5000 + b"]" * 5000, "cannot be read: this is nested too deeply"),
        (b"not = = toml", "cannot be read: Invalid value"),
        (b"name = '\xff'", "cannot be read: this is not UTF-8 text"),
        ("a = 1".encode("utf-16"), "cannot be read: this is UTF-16 and not UTF-8 text"),
        (b"[tool]\nhakuna-mock = 1", r"\[tool.hakuna-mock\] is not a table"),
        (b"[tool.hakuna-mock]\nportt = 1", "portt is not a setting; did you mean port"),
        (b"[tool.hakuna-mock]\nrules = 'x'", "rules must be a table"),
    ],
)
def test_a_file_that_cannot_be_used_is_an_error_whether_it_was_named_or_not(
    empty_folder, content, message
):
    for name, config in (("pyproject.toml", None), ("own.toml", empty_folder / "own.toml")):
        (empty_folder / name).write_bytes(content)
        for only in (OPTIONS, ("port",)):
            with pytest.raises(SettingsError, match=message):
                told(config=config, only=only)
        (empty_folder / name).unlink()


def test_a_file_may_begin_with_the_mark_that_windows_writes(empty_folder):
    (empty_folder / "own.toml").write_bytes(b"\xef\xbb\xbf[tool.hakuna-mock]\r\nport = 5\r\n")
    assert told(config=empty_folder / "own.toml").port == 5


@pytest.mark.parametrize("content", ["port = 5", "[hakuna-mock]\nport = 5", "[tool.other]\na = 1"])
def test_a_file_that_was_named_and_sets_nothing_is_an_error(empty_folder, content):
    (empty_folder / "own.toml").write_text(content)
    with pytest.raises(SettingsError, match=r"own\.toml has no table \[tool\.hakuna-mock\]"):
        told(config=empty_folder / "own.toml")
    (empty_folder / "pyproject.toml").write_text(content)
    assert told() == told(config=empty_folder / "pyproject.toml") == Settings()


def test_a_flag_makes_a_bad_variable_harmless_but_not_a_bad_file(empty_folder):
    assert told({"port": "5"}, {"HAKUNA_MOCK_PORT": "x"}).port == 5
    toml(empty_folder, "port = 'x'")
    with pytest.raises(SettingsError, match=r"pyproject\.toml"):
        told({"port": "5"})


SERVICE_LINKS = {
    "HAKUNA_MOCK_PORT": "tcp://10.96.0.7:4258",
    "HAKUNA_MOCK_SERVICE_HOST": "10.96.0.7",
    "HAKUNA_MOCK_SERVICE_PORT": "4258",
    "HAKUNA_MOCK_SERVICE_PORT_HTTP": "4258",
    "HAKUNA_MOCK_PORT_4258_TCP": "tcp://10.96.0.7:4258",
    "HAKUNA_MOCK_PORT_4258_TCP_ADDR": "10.96.0.7",
    "HAKUNA_MOCK_PORT_4258_TCP_PORT": "4258",
    "HAKUNA_MOCK_PORT_4258_TCP_PROTO": "tcp",
}


def test_variables_of_a_kubernetes_service_named_hakuna_mock_are_ignored_with_one_notice():
    assert told(environ=SERVICE_LINKS) == Settings()
    (notice,) = variable_notices(SERVICE_LINKS)
    assert notice.startswith("HAKUNA_MOCK_PORT is ignored: it describes a Kubernetes service")


def test_a_variable_that_looks_like_a_setting_and_is_none_is_named_with_the_nearest():
    environ = {
        "HAKUNA_MOCK_PORTT": "1",
        "HAKUNA_MOCK_MAX_WORLD": "1",
        "HAKUNA_MOCK_RULE": "zip-format=off",
        "HAKUNA_MOCK_ZZZ": "1",
        "HAKUNA_MOCK_PORT": "1",
        "HAKUNA_MOCK_URL": "http://127.0.0.1:4258",
        "HAKUNA_KEY": "1",
        "OTHER": "1",
    }
    nothing = "is not a setting of the server, so it does nothing"
    assert variable_notices(environ) == [
        f"HAKUNA_MOCK_MAX_WORLD {nothing}; did you mean HAKUNA_MOCK_MAX_WORLDS?",
        f"HAKUNA_MOCK_PORTT {nothing}; did you mean HAKUNA_MOCK_PORT?",
        f"HAKUNA_MOCK_RULE {nothing}; did you mean HAKUNA_MOCK_RULES?",
        f"HAKUNA_MOCK_ZZZ {nothing}",
    ]


@pytest.mark.parametrize("command", STARTS.values(), ids=STARTS)
def test_a_misspelt_variable_is_named_on_stderr_and_the_server_starts(empty_folder, command):
    with running(command, empty_folder, enforcment="reject", url="x") as here:
        assert here.end(signal.SIGTERM) == 0
        printed = here.err.read_text()
    assert "HAKUNA_MOCK_ENFORCMENT is not a setting" in printed
    assert "did you mean HAKUNA_MOCK_ENFORCEMENT?" in printed
    assert "reject" not in printed
    assert "HAKUNA_MOCK_URL" not in printed


def test_keys_and_tokens_are_not_part_of_the_representation():
    secret = "sk_test_" + "averylongsecretkey"
    assert secret not in repr(told({"api_key": (secret,), "admin_token": secret}))


@pytest.mark.parametrize("token", ["a\nb", "ü", " a", "a\x00"])
def test_an_admin_token_that_no_header_can_hold_is_refused(token):
    with pytest.raises(SettingsError, match="--admin-token must be printable ASCII"):
        told({"admin_token": token})


@pytest.mark.parametrize("name", ["HAKUNA_MOCK_URL", "HAKUNA_MOCK_UPSTREAM"])
def test_a_variable_that_others_read_is_no_mistake(name):
    assert list(variable_notices({name: "http://127.0.0.1:4258"})) == []


def test_a_key_may_have_a_name():
    settings = read_settings({"api_key": ("checkout=sk_test_abc", "sk_test_def")}, {})
    assert settings.keys == ("sk_test_abc", "sk_test_def")
    assert list(settings.key_names.values()) == ["checkout"]
    assert settings.policy.api_keys == {"sk_test_abc", "sk_test_def"}


@pytest.mark.parametrize("value", ["=sk_test_abc", "x" * 41 + "=sk_test_abc", "a\nb=sk_test_abc"])
def test_a_name_of_a_key_that_nobody_could_read_is_refused_without_the_key(value):
    with pytest.raises(SettingsError, match="1 to 40 visible characters") as told:
        read_settings({"api_key": (value,)}, {})
    assert "sk_test_abc" not in str(told.value)


def test_a_named_live_key_is_refused_masked():
    with pytest.raises(SettingsError, match="is not a sandbox key") as told:
        read_settings({"api_key": ("checkout=sk_" + "live_Zx81Kq77Pm20Wv63",)}, {})
    assert "Zx81Kq77" not in str(told.value)
