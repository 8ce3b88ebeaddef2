import pytest

MAPPING = """
[pytest]
asyncio_default_fixture_loop_scope = function
hakuna_env =
    SHOP_HAKUNA_URL = events_url
    SHOP_HAKUNA_BASE = sandbox_url
    SHOP_HAKUNA_KEY = api_key
    SHOP_HAKUNA_HOST = url
"""


def test_variables_are_set_for_the_test_and_gone_after_it(inner, pytester):
    pytester.makeini(MAPPING)
    ran = inner(
        """
        import os

        def shop_variables():
            return {n: v for n, v in os.environ.items() if n.startswith("SHOP_HAKUNA_")}

        def test_inside(hakuna, hakuna_env):
            assert shop_variables() == hakuna_env == {
                "SHOP_HAKUNA_URL": hakuna.events_url,
                "SHOP_HAKUNA_BASE": hakuna.events_url.removesuffix("/events"),
                "SHOP_HAKUNA_KEY": hakuna.api_key,
                "SHOP_HAKUNA_HOST": hakuna.url,
            }

        def test_outside():
            assert shop_variables() == {}
        """
    )
    ran.assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("URL = event_url", "hakuna_env: URL = event_url: the value must be one of*events_url?"),
        ("URL", "hakuna_env: 'URL' is not a line such as HAKUNA_URL = events_url"),
        ("= url", "hakuna_env: '= url' is not a line such as HAKUNA_URL = events_url"),
        ("", "hakuna_env: the fixture hakuna_env sets what this ini option maps, and it is empty*"),
    ],
)
def test_a_wrong_mapping_is_an_error_that_shows_a_right_one(inner, line, message):
    ran = inner("def test_shop(hakuna_env): pass", "-o", f"hakuna_env={line}")
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines([message])


def test_the_plugin_is_part_of_pytests_help(pytester):
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    ran = pytester.runpytest_inprocess("--help")
    ran.stdout.fnmatch_lines(
        ["hakuna-mock:", "*--hakuna-target=URL*", "*--hakuna-fail-on=*", "*--hakuna-record=DIR*"]
    )
    ran.stdout.fnmatch_lines(["*hakuna_fail_on (string)*", "*hakuna_env (linelist)*"])
    marked = pytester.runpytest_inprocess("--markers")
    marked.stdout.fnmatch_lines(["@pytest.mark.hakuna(allow=?rule, ...?): *"])
    fixtures = pytester.runpytest_inprocess("--fixtures")
    fixtures.stdout.fnmatch_lines_random(
        ["hakuna_server ?session scope?*", "hakuna -- *", "hakuna_env -- *"]
    )
