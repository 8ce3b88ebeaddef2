"""Does a project with folders `contracts/`, `fuzz/` or `mock_server/` of its own keep working?

    python .ci/names.py            # builds the wheel, installs it, prints the table
    python .ci/names.py --wheel W  # another wheel, such as that of an older release

A shop has a package of that name: a folder without or with `__init__.py`, before or after the
installed packages on `sys.path`, or installed as a distribution before or after hakuna-mock. In
each case the command, `python -m hakuna_mock`, `running()` and the pytest plugin must work without
a traceback, and the shop must import what is its own. Exit 1 where anything does not.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("contracts", "mock_server", "fuzz")
PLACES = ("before", "after")
FORMS = ("folder", "package")
DISTRIBUTIONS = ("installed before", "installed after")

OWN = "import {room}.leases as own; assert own.MINE == 'of {room}'\n"
RUNNING = "from hakuna_mock import running\nwith running() as hakuna: hakuna.play('P{d:1}')\n"
PLUGIN = "def test_shop(hakuna):\n    hakuna.play('P{{d:1}}')\n    {own}"


@dataclass(frozen=True)
class Case:
    """A shop with a package of this name."""

    room: str
    form: str
    place: str


def cases() -> list[Case]:
    """The whole matrix."""
    on_path = [Case(room, form, place) for room in ROOMS for form in FORMS for place in PLACES]
    return on_path + [
        Case(room, "distribution", place) for room in ROOMS for place in DISTRIBUTIONS
    ]


def shop(case: Case, to: Path) -> Path:
    """Write the package; the folder that holds it."""
    package = to / case.room
    package.mkdir(parents=True)
    (package / "leases.py").write_text(f"MINE = 'of {case.room}'\n", "utf-8")
    if case.form != "folder":
        (package / "__init__.py").write_text("", "utf-8")
    return to


def problems(python: Path, case: Case, folder: Path) -> Iterator[str]:
    """What does not work in this environment, in the order of the docstring."""
    environ = {name: text for name, text in os.environ.items() if "PYTHON" not in name}
    if case.place == "before":
        environ["PYTHONPATH"] = str(folder)
    own = OWN.format(room=case.room)
    test = folder / "test_shop.py"
    test.write_text(PLUGIN.format(own=own), "utf-8")
    play = ("play", "P{d:1}")
    pytest = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", folder, test)
    for name, command in (
        ("the shop's own import", (python, "-c", own)),
        ("hakuna-mock", (python.with_name("hakuna-mock"), *play)),
        ("python -m hakuna_mock", (python, "-m", "hakuna_mock", *play)),
        ("running()", (python, "-c", RUNNING + own)),
        ("the plugin", (python, *pytest)),
    ):
        done = subprocess.run(
            [*map(str, command)],
            cwd=folder,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        if done.returncode:
            last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
            yield f"{name} fails: {last[0][:110] if last else done.returncode}"


def distribution(case: Case, to: Path) -> Path:
    """A wheel of the shop's package, made by hand: two files and its metadata."""
    info = f"shop_{case.room}-1.0.dist-info"
    path = to / f"shop_{case.room}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{case.room}/__init__.py", "")
        wheel.writestr(f"{case.room}/leases.py", f"MINE = 'of {case.room}'\n")
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: shop-{case.room}\nVersion: 1.0\n"
        )
        wheel.writestr(
            f"{info}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr(f"{info}/RECORD", "")
    return path


def _pip(python: Path, *arguments: object) -> None:
    command = [python, "-m", "pip", "--disable-pip-version-check", "-q", *arguments]
    subprocess.run([*map(str, command)], check=True, capture_output=True, text=True)


def try_case(python: Path, wheel: Path, case: Case, folder: Path) -> list[str]:
    """Set the case up, look, and take it away again."""
    folder.mkdir(parents=True)
    site = next((python.parents[1] / "lib").glob("python*/site-packages"))
    line = site / "zz_shop.pth"
    if case.form != "distribution":
        where = shop(case, folder if case.place == "before" else folder / "src")
        if case.place == "after":
            line.write_text(f"{where}\n", "utf-8")
        found = list(problems(python, case, folder))
        line.unlink(missing_ok=True)
        return found
    theirs = distribution(case, folder)
    order = [theirs, wheel] if case.place == "installed before" else [wheel, theirs]
    for item in order:
        _pip(python, "install", "--no-deps", "--force-reinstall", item)
    found = list(problems(python, case, folder))
    if (site / case.room / "__init__.py").read_text("utf-8"):
        found.append("the shop's __init__.py was overwritten")
    _pip(python, "uninstall", "-y", f"shop-{case.room}")
    _pip(python, "install", "--no-deps", "--force-reinstall", wheel)
    return found


def main() -> int:
    """Print one line for each case."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--wheel", type=Path, help="default: one built from this checkout")
    options = parser.parse_args()
    broken = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.wheel is None:
            python = Path(sys.executable)
            _pip(python, "wheel", "--no-deps", "-w", folder, ROOT)
        wheel = options.wheel or next(folder.glob("*.whl"))
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
        inside = folder / "venv" / "bin" / "python"
        _pip(inside, "install", wheel.resolve(), "pytest>=8", "hypothesis>=6.160")
        for number, case in enumerate(cases()):
            found = try_case(inside, wheel.resolve(), case, folder / f"shop{number}")
            broken += bool(found)
            label = f"{case.room}/ as a {case.form}, {case.place}"
            print(f"{label:48} {found[0] if found else 'works'}", flush=True)
            for more in found[1:]:
                print(f"{'':48} {more}", flush=True)
    print(f"{len(cases())} cases, {broken} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
