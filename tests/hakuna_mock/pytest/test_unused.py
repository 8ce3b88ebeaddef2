"""Whoever has the plugin installed and does not use it pays nothing and notices nothing."""

import subprocess
import sys

from running_mock import running_mock

LOADED = """
import sys

ROOMS = {"contracts", "mock_server", "fuzz", "aiohttp", "click", "jsonschema", "jsonschema_rs"}


def loaded():
    return {name.partition(".")[0] for name in sys.modules} & ROOMS
"""


def test_the_module_imports_pytest_and_nothing_of_ours_but_its_package():
    code = (
        "import sys, pytest; before = set(sys.modules); import hakuna_mock.pytest.plugin\n"
        "print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    package = ["hakuna_mock", "hakuna_mock.checkout", "hakuna_mock.pytest"]
    assert done.stdout.strip() == str([*package, "hakuna_mock.pytest.plugin"])


def test_nothing_is_imported_or_started_until_a_fixture_is_asked_for(inner_process):
    ran = inner_process(
        LOADED
        + """
import threading

def test_without():
    assert loaded() == set()
    assert "hakuna-mock" not in {thread.name for thread in threading.enumerate()}

def test_with(hakuna):
    assert loaded() >= {"contracts", "mock_server", "fuzz"}
    assert "hakuna-mock" in {thread.name for thread in threading.enumerate()}
"""
    )
    ran.assert_outcomes(passed=2)


def test_a_target_needs_no_server_code(inner_process):
    with running_mock() as here:
        ran = inner_process(
            LOADED + "\ndef test_with(hakuna): assert not loaded() & {'mock_server', 'aiohttp'}\n",
            f"--hakuna-target={here.url}",
        )
    ran.assert_outcomes(passed=1)


def test_the_plugin_can_be_switched_off(inner_process):
    ran = inner_process("def test_without(): pass", "-p", "no:hakuna")
    ran.assert_outcomes(passed=1)
    assert "hakuna" not in pytest_help(inner_process)


def pytest_help(inner_process) -> str:
    return inner_process("", "--help", "-p", "no:hakuna").stdout.str()
