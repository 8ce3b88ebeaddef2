"""The pytest plugin: fixtures `hakuna_server`, `hakuna`, `hakuna_env`, the marker, the verdict.

Until a test uses a fixture, nothing but pytest is imported and nothing is started.
"""

import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from hakuna_mock.pytest.coverage import RunCoverage
    from hakuna_mock.pytest.tested_world import TestedWorld
    from hakuna_mock.pytest.world import Hakuna
    from hakuna_mock.servers.control_client import HakunaServer

FAIL_ON = ("violation", "warning", "advice", "never")
MARKER = "hakuna(allow=[rule, ...]): findings of these rules do not fail the test"

_COVERAGE: "pytest.StashKey[RunCoverage]" = pytest.StashKey()
_SERVER: "pytest.StashKey[HakunaServer]" = pytest.StashKey()
_TESTED: "pytest.StashKey[TestedWorld]" = pytest.StashKey()
_UNKNOWN: "pytest.StashKey[TestedWorld]" = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The flags and the ini options."""
    group = parser.getgroup("hakuna", "hakuna-mock")
    group.addoption(
        "--hakuna-target",
        metavar="URL",
        help="Base URL of a running hakuna-mock to use instead of an own one.",
    )
    group.addoption(
        "--hakuna-fail-on",
        choices=FAIL_ON,
        help="Fail tests with an open finding of this severity or worse (default: the ini option "
        "hakuna_fail_on).",
    )
    group.addoption(
        "--hakuna-record",
        metavar="DIR",
        help="Write what each failing test sent as a scenario file, for hakuna-mock play.",
    )
    group.addoption(
        "--hakuna-coverage",
        nargs="?",
        action="append",
        const="term",
        metavar="term|json:PATH|html:PATH",
        help="Show what the tests exercised of the contract, or write it to a file; may be given "
        "several times.",
    )
    group.addoption(
        "--hakuna-coverage-min",
        type=float,
        metavar="PERCENT",
        help="Fail the run if less than this was exercised of the contract.",
    )
    parser.addini(
        "hakuna_fail_on",
        "Fail tests with an open finding of this severity or worse: violation, warning, advice or "
        "never.",
        default="warning",
    )
    parser.addini(
        "hakuna_env",
        "Environment variables that the fixture hakuna_env sets, one NAME = value a line; values: "
        "url, sandbox_url, events_url, api_key.",
        type="linelist",
        default=[],
    )


def pytest_configure(config: pytest.Config) -> None:
    """The marker; wrong options end the run before the first test."""
    config.addinivalue_line("markers", MARKER)
    fail_on = config.getini("hakuna_fail_on")
    if fail_on not in FAIL_ON:
        raise pytest.UsageError(f"hakuna_fail_on = {fail_on}: must be one of {', '.join(FAIL_ON)}")
    target = config.getoption("hakuna_target")
    if target is not None and not _is_base_url(target):
        raise pytest.UsageError(
            f"--hakuna-target {target}: must be a base URL such as http://127.0.0.1:4258"
        )
    folder = config.getoption("hakuna_record")
    if folder is not None and Path(folder).exists() and not Path(folder).is_dir():
        raise pytest.UsageError(f"--hakuna-record {folder}: is a file; name a folder")
    min_share = config.getoption("hakuna_coverage_min")
    if config.getoption("hakuna_coverage") or min_share is not None:
        from hakuna_mock.pytest.coverage import NAME, RunCoverage

        coverage = RunCoverage(config)
        config.stash[_COVERAGE] = coverage
        config.pluginmanager.register(coverage, NAME)


def _is_base_url(text: str) -> bool:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


@pytest.fixture(scope="session")
def hakuna_server(pytestconfig: pytest.Config) -> Iterator["HakunaServer"]:
    """A running hakuna-mock: an own one in a thread on any free port, or `--hakuna-target`."""
    from hakuna_mock.shadowing import explanation

    target = pytestconfig.getoption("hakuna_target")
    problem = explanation(target)
    if problem:
        pytest.fail(problem, pytrace=False)
    from hakuna_mock.pytest.runtime import left_over, own_or_target

    coverage = pytestconfig.stash.get(_COVERAGE, None)
    with own_or_target(target, pytestconfig.rootpath) as server:
        if coverage:
            coverage.observe(server)
        pytestconfig.stash[_SERVER] = server
        yield server
        del pytestconfig.stash[_SERVER]
        if coverage:
            coverage.add_rest(server)
        problem = left_over(server, _fail_on(pytestconfig))
        if problem:
            pytest.fail(problem, pytrace=False)


@pytest.fixture
def hakuna(request: pytest.FixtureRequest, hakuna_server: "HakunaServer") -> Iterator["Hakuna"]:
    """A world of this test's own: `events_url`, `api_key`, and what was sent there."""
    tested = _begin(request.node, hakuna_server)
    yield tested.world
    del request.node.stash[_TESTED]
    tested.end()


def _begin(item: pytest.Item, server: "HakunaServer") -> "TestedWorld":
    from hakuna_mock.pytest.tested_world import TestedWorld

    tested = TestedWorld(item, server, _fail_on(item.config))
    item.stash[_TESTED] = tested
    return tested


def _fail_on(config: pytest.Config) -> str:
    return str(config.getoption("hakuna_fail_on") or config.getini("hakuna_fail_on"))


@pytest.fixture
def hakuna_env(
    pytestconfig: pytest.Config, hakuna: "Hakuna", monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Environment variables for the code under test, as the ini option `hakuna_env` maps them."""
    from hakuna_mock.pytest.runtime import variables_of

    variables = variables_of(pytestconfig.getini("hakuna_env"), hakuna)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """The verdict, in the test's own call phase: a violation is a failure of the test.

    The test's own error goes first; the findings are then shown beside it.
    """
    server = item.config.stash.get(_SERVER, None)
    if server is not None and server.own and _TESTED not in item.stash:
        if "hakuna_server" in getattr(item, "fixturenames", ()):
            # A world that the test does not know, for what is sent under keys of no fixture.
            item.stash[_UNKNOWN] = _begin(item, server)
        else:
            server.forget_latest()
    result = yield
    tested = item.stash.get(_TESTED, None)
    if tested is not None:
        # unittest keeps a test's own errors there instead of raising them.
        errors = getattr(item, "_excinfo", None)
        if not errors:
            tested.judge()
        elif _passed_unexpectedly(item, errors):
            _judge_expected_failure(item, tested, errors)
    return result


def _passed_unexpectedly(item: Any, errors: list[Any]) -> bool:
    """Whether `unittest.expectedFailure` missed its failure before the verdict was known."""
    return isinstance(errors[-1].value, pytest.fail.Exception) and any(
        getattr(marked, "__unittest_expecting_failure__", False) for marked in (item.obj, item.cls)
    )


def _judge_expected_failure(item: Any, tested: "TestedWorld", errors: list[Any]) -> None:
    """A finding is the failure that was expected."""
    try:
        tested.judge()
    except pytest.fail.Exception:
        errors.clear()
        item.addExpectedFailure(item.instance, sys.exc_info())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, Any]:
    """End the world that a test of `hakuna_server` does not know."""
    unknown = item.stash.get(_UNKNOWN, None)
    if unknown is not None:
        del item.stash[_UNKNOWN]
        if item.stash.get(_TESTED, None) is unknown:
            del item.stash[_TESTED]
        unknown.drop()
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Sections with the findings and the events of a failing test, and its recording."""
    report = yield
    tested = item.stash.get(_TESTED, None)
    if tested is not None and report.failed:
        folder = item.config.getoption("hakuna_record")
        # From where pytest was started: the test may have gone elsewhere.
        start = item.config.invocation_params.dir
        error = str(call.excinfo.value) if call.excinfo else ""
        report.sections += tested.sections(start / folder if folder else None, error)
    return report
