"""What a new user has: an empty folder, and an environment with hakuna-mock, pytest, requests.

`from fresh_project import environment` in a test module; the environment is made once for it.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fresh_clone import ROOT, copy_tracked_files

CARRIED = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
"""Variables of ours that a new user has, too; pip's are carried as well."""


class Environment:
    """A virtual environment; `run` is a shell line in it, in a project's folder."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"

    def run(self, line: str, project: Path, **environ: str) -> subprocess.CompletedProcess:
        ours = {
            name: value
            for name, value in os.environ.items()
            if name in CARRIED or name.startswith("PIP_")
        }
        ours["PATH"] = f"{self.bin}:{ours['PATH']}"
        return subprocess.run(
            ["bash", "-c", line],
            cwd=project,
            env={**ours, "COLUMNS": "80", **environ},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("environment")
    source = folder / "source"
    copy_tracked_files(source)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check"]
    wanted = [str(source), "pytest", "pytest-xdist", "requests"]
    constraints = ["-c", str(ROOT / "constraints.txt")]
    subprocess.run([*pip, *constraints, *wanted], check=True, capture_output=True)
    return Environment(folder)
