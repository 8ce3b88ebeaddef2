"""Does hakuna-mock work with the oldest and the newest dependencies that pyproject.toml allows?

    python .ci/dependencies.py                          # both, with this Python
    python .ci/dependencies.py lowest --python python3.13 --python python3.14

Builds the wheel, installs it into a virtual environment of its own with pytest, once with the
lowest declared version of each dependency and once with what pip takes today, and runs tests/smoke
there, outside the repository. Prints one line for each environment; exit 1 where one does not work.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = ROOT / "pyproject.toml"
EXTRAS = ("metrics", "postgres", "sqlite", "yaml")
"""Optional parts that are installed and imported, too."""
LOWEST = re.compile(r"([A-Za-z0-9_.-]+)(?:\[[^]]*\])?>=([0-9.]+)")


def lowest() -> dict[str, str]:
    """The lowest declared version of each dependency of the base install and of `EXTRAS`."""
    project = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    declared = [*project["dependencies"], *(line for name in EXTRAS for line in extras[name])]
    found = {}
    for line in declared:
        match = LOWEST.match(line)
        if match is None:
            raise SystemExit(f"pyproject.toml: {line!r} declares no lowest version")
        found[match[1]] = match[2]
    return found


def _run(*command: object, cwd: Path) -> "subprocess.CompletedProcess[str]":
    environ = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [*map(str, command)], cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )


def _needed(done: "subprocess.CompletedProcess[str]", what: str) -> None:
    if done.returncode:
        raise SystemExit(f"{what} failed:\n{done.stdout}{done.stderr}")


def build(python: str, folder: Path) -> Path:
    """The wheel of this checkout."""
    pip = (python, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps")
    _needed(_run(*pip, "-w", folder, ROOT, cwd=folder), "building the wheel")
    return next(folder.glob("*.whl"))


def works(python: str, end: str, wheel: Path, folder: Path) -> bool:
    """Install into an environment of its own and run the smoke tests; says how it went."""
    place = folder / "venv"
    _needed(_run(python, "-m", "venv", "--clear", place, cwd=folder), f"{python} -m venv")
    inside = place / ("Scripts" if os.name == "nt" else "bin") / "python"
    expected = (
        [f"{name}=={version}" for name, version in lowest().items()] if end == "lowest" else []
    )
    pip = (inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    binary = ("--only-binary", ":all:")
    package = f"hakuna-mock[{','.join(EXTRAS)}] @ {wheel.as_uri()}"
    done = _run(*pip, *binary, package, "pytest>=8", *expected, cwd=folder)
    name = _run(inside, "-c", "import platform as p; print(p.python_version())", cwd=folder).stdout
    label = f"Python {name.strip():8} {end:7}"
    if done.returncode:
        print(f"{label} CANNOT BE INSTALLED\n{done.stdout}{_without_warnings(done.stderr)}")
        return False
    tests = folder / "smoke"
    shutil.copytree(ROOT / "tests" / "smoke", tests, dirs_exist_ok=True)
    options = ("-q", "-x", "-p", "no:cacheprovider", "--rootdir", tests, "-W", "error")
    done = _run(inside, "-m", "pytest", *options, tests, cwd=folder)
    frozen = _run(inside, "-m", "pip", "list", "--format", "freeze", cwd=folder).stdout
    names = {_normal(item) for item in lowest()}
    versions = [line for line in frozen.split() if _normal(line.partition("==")[0]) in names]
    verdict = done.stdout.strip().splitlines()[-1:] or ["no output"]
    print(f"{label} {verdict[0]}: {', '.join(versions).replace('==', ' ')}", flush=True)
    if done.returncode:
        print(done.stdout, done.stderr)
    return done.returncode == 0


def _normal(name: str) -> str:
    return name.lower().replace("_", "-")


def _without_warnings(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("WARNING"))


def main() -> int:
    """Try every Python with both ends of the ranges."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("end", nargs="?", choices=("lowest", "newest", "both"), default="both")
    parser.add_argument("--python", action="append", help="repeatable (default: this one)")
    options = parser.parse_args()
    ends = ("lowest", "newest") if options.end == "both" else (options.end,)
    pythons = options.python or [sys.executable]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheel = build(pythons[0], folder)
        results = [works(python, end, wheel, folder) for python in pythons for end in ends]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
