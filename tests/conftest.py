import gc
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from watchdog import Watchdog

# Hundreds of tests start Python anew, which would compile all of it each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# CI runs the slowest properties small; `HYPOTHESIS_PROFILE=deep` runs them at length.
settings.register_profile("dev", deadline=None, max_examples=100)
settings.register_profile(
    "ci", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("deep", deadline=None, max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))

_WATCHDOG = Watchdog()

LONG = (
    "acceptance/test_container.py",
    "acceptance/test_tutorial.py",
    "house/test_new_rule.py",
    "acceptance/test_readme.py",
    "fuzz/engine/test_seeded_bugs.py",
    "mock_server/inspector/test_pages_in_chromium.py",
    "mock_server/store/test_crashes.py",
    "fuzz/engine/test_campaign.py",
    "mock_server/torture/test_trailers.py",
    "mock_server/test_serving.py",
    "mock_server/inspector/test_live.py",
    "mock_server/http/test_connection_timing.py",
    "hakuna_mock/cli/test_fuzz_command.py",
)
"""Files that take longest: at the end, one worker would run them alone."""


def pytest_xdist_auto_num_workers():
    """Half as many workers again as cores, for many tests wait: for a process, silence, a page."""
    return (3 * (os.cpu_count() or 1) + 1) // 2


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection():
    """Ten thousand tests are made and stay: the collector need not look at them, now or later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items):
    """Files that take long begin first."""
    here = Path(__file__).parent
    places = {here / name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path, len(LONG)))


@pytest.fixture(scope="session", autouse=True)
def _watchdog_on_guard():
    with _WATCHDOG.on_guard():
        yield


@pytest.fixture(autouse=True)
def _nobody_keeps_the_loop():
    """A handler that answers nobody else for 100 ms fails the test that asked it."""
    _WATCHDOG.forget()
    yield
    assert not _WATCHDOG.barked, f"kept the event loop: {'; '.join(_WATCHDOG.barked)}"
