"""The plugin is tested by running pytest inside pytest."""

# What the inner runs import is loaded before, so that it stays: extension modules load only once,
# and http.cookiejar must not be another one for requests than for everybody else.
import httpx  # noqa: F401
import pytest
import requests  # noqa: F401

INNER = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")


@pytest.fixture
def inner(pytester):
    """Run the tests of a source text in this process: `inner(source, *arguments)`."""
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")

    def run(source: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(test_shop=source)
        return pytester.runpytest_inprocess(*INNER, *arguments)

    return run


@pytest.fixture
def inner_process(pytester):
    """The same in a process of its own."""

    def run(source: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(test_shop=source)
        return pytester.runpytest_subprocess(*INNER, *arguments)

    return run
