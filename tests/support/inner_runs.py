"""The plugin is tested by running pytest inside pytest."""

import re

# What the inner runs import is loaded before, so that it stays: extension modules load only once,
# and http.cookiejar must not be another one for requests than for everybody else.
import httpx  # noqa: F401
import pytest
import requests  # noqa: F401

INNER = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
OTHERS = ("aiohttp", "anyio", "asyncio", "platformdirs")
"""Plugins that no inner test of a process needs, and that cost each a third of its start."""

WANTED = {"fakefs": "fs", "time_machine": "time_machine", "xdist": "-n", "xdist.looponfail": "-n"}
"""Plugins that are loaded where the source or the arguments have this word."""


def of_a_process(source: str, arguments: tuple[str, ...]) -> list[str]:
    """The arguments of a run that loads what it needs."""
    words = {*re.findall(r"\w+", source), *arguments}
    unused = [*OTHERS, *(name for name, word in WANTED.items() if word not in words)]
    return [*INNER, *(part for name in unused for part in ("-p", f"no:{name}")), *arguments]


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
        return pytester.runpytest_subprocess(*of_a_process(source, arguments))

    return run
