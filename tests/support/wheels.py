"""The wheel of this checkout, and an environment that has it and this one's dependencies."""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def build_wheel(to: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(to)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(to.glob("*.whl"))


def environment(wheel: Path, place: Path) -> Path:
    """Python of an environment where the wheel is unpacked; dependencies come from this one."""
    venv.create(place, symlinks=True)
    site = next((place / "lib").glob("python*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    python = place / "bin" / "python"
    command = place / "bin" / "hakuna-mock"
    command.write_text(
        f"#!{python}\nfrom hakuna_mock.cli.main import main\nmain()\n",
        "utf-8",
    )
    command.chmod(0o755)
    return python
