import os
import sys

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
