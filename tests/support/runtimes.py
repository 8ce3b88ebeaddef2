"""Programs of other languages, from Debian packages."""

import os
import shutil

import pytest

PACKAGES = {
    "node": "nodejs",
    "php": "php-cli php-curl",
    "phpunit": "phpunit php-curl",
    "http": "httpie",
    "jq": "jq",
    "nginx": "nginx-light",
}
"""What CI has, too (.ci/run): without one of these its tests fail there, else they are skipped."""


def needed(program: str) -> str:
    """The path of a program; without it the test is skipped, or fails in CI."""
    path = shutil.which(program)
    if path is None:
        message = f"there is no {program}: apt-get install {PACKAGES[program]}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path
