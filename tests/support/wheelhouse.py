"""Wheels of what this environment has, so that pip need not fetch them again.

What is installed is packed as it lies there, without what installers add. A registry is asked by
the image's build and by `make versions`.
"""

import os
import re
import sys
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

CONSTRAINTS = Path(__file__).parents[2] / "constraints.txt"
ROOTS = ("hakuna-mock", "editables", "hatchling", "pytest", "pytest-xdist", "requests")
"""What documents install, and what builds our own wheel."""

_OF_INSTALLERS = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}


def fetched_from(folder: Path) -> dict[str, str]:
    """Fill the folder; the variables by which pip takes packages from it, and from nowhere else
    if what is here is what is pinned. They name the Python of this process, too, for wheels are
    made for one.
    """
    wheels, programs = folder / "wheels", folder / "bin"
    wheels.mkdir()
    programs.mkdir()
    (programs / "python3").symlink_to(Path(sys.executable).resolve())
    needed = [item for item in _needed(ROOTS) if item.name != "hakuna-mock"]
    for item in needed:
        _pack(item, wheels)
    variables = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_FIND_LINKS": str(wheels),
        "PIP_NO_COMPILE": "1",  # what is imported is compiled then, and it is a small part
    }
    lines = re.findall(r"(?m)^([\w.-]+)==(\S+)", CONSTRAINTS.read_text("utf-8"))
    pinned = {_normal(name): version for name, version in lines}
    if all(pinned.get(_normal(item.name), item.version) == item.version for item in needed):
        return {**variables, "PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1"}
    return variables


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _needed(names: tuple[str, ...]) -> list[Distribution]:
    """These distributions and what they require here, each once."""
    found: dict[str, Distribution] = {}
    asked = list(names)
    while asked:
        name = _normal(asked.pop())
        if name in found:
            continue
        found[name] = distribution(name)
        required = [Requirement(line) for line in found[name].requires or ()]
        asked += [
            item.name for item in required if not item.marker or item.marker.evaluate({"extra": ""})
        ]
    return list(found.values())


def _pack(item: Distribution, to: Path) -> None:
    tags = re.findall(r"(?m)^Tag: (\S+)", item.read_text("WHEEL") or "")
    if not tags or item.files is None:
        raise AssertionError(f"{item.name} was not installed from a wheel")
    name = re.sub(r"[-_.]+", "_", item.name)
    parts = zip(*(tag.split("-") for tag in tags), strict=True)
    tag = "-".join(".".join(sorted(set(part))) for part in parts)
    record = []
    with zipfile.ZipFile(to / f"{name}-{item.version}-{tag}.whl", "w") as wheel:
        for file in item.files:
            if file.parts[0] == ".." or file.suffix == ".pyc" or file.name in _OF_INSTALLERS:
                continue
            wheel.write(item.locate_file(file), file.as_posix())
            record.append(f"{file.as_posix()},,\n")
        (info,) = {file.parts[0] for file in item.files if file.name == "WHEEL"}
        wheel.writestr(f"{info}/RECORD", "".join([*record, f"{info}/RECORD,,\n"]))
