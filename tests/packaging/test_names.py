"""A project's own folders `contracts/`, `fuzz/`, `mock_server/` (`make names` tries them all)."""

import ast
import importlib
import subprocess
import zipfile
from pathlib import Path

import hakuna_mock.contracts
import hakuna_mock.fuzz.strategies
import pytest
from modules import load

import contracts
import fuzz.strategies

ROOT = Path(__file__).parents[2]


names = load("names", ROOT / ".ci" / "names.py")
hatch_build = load("hatch_build", ROOT / "hatch_build.py")


def test_a_wheel_has_one_top_level_name(wheel):
    top = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in top if not name.endswith(".dist-info")} == {"hakuna_mock"}


def test_a_wheel_holds_every_file_of_the_rooms(wheel):
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("hakuna_mock/")}
    tracked = subprocess.run(
        ["git", "ls-files", *hatch_build.ROOMS, hatch_build.HOME, "-c", "-o", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    expected = {
        name if name.startswith("hakuna_mock/") else f"hakuna_mock/{name}"
        for name in tracked
        if (ROOT / name).is_file()
    }
    assert inside == expected | {"hakuna_mock/commit.txt"}


def test_nothing_in_a_wheel_imports_a_top_level_room(wheel):
    archive = zipfile.ZipFile(wheel)
    for name in archive.namelist():
        if name.endswith(".py"):
            for node in ast.walk(ast.parse(archive.read(name))):
                imported = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                imported += (
                    [item.name for item in node.names] if isinstance(node, ast.Import) else []
                )
                for item in imported:
                    assert item.split(".")[0] not in hatch_build.ROOMS, name


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from contracts import judge\n", "from hakuna_mock.contracts import judge\n"),
        ("import contracts.rules as r\n", "import hakuna_mock.contracts.rules as r\n"),
        (
            "if 1:\n    from fuzz.model import x\n",
            "if 1:\n    from hakuna_mock.fuzz.model import x\n",
        ),
        ("É = 1; from fuzz import x\n", "É = 1; from hakuna_mock.fuzz import x\n"),
        ("from contracts_of_hire import x\n", "from contracts_of_hire import x\n"),
        ("from .contracts import x\n", "from .contracts import x\n"),
        ("text = 'from contracts import x'\n", "text = 'from contracts import x'\n"),
    ],
)
def test_imports_of_rooms_are_rewritten_and_nothing_else(source, expected):
    assert hatch_build.rewritten(source, "x.py") == expected


@pytest.mark.parametrize("source", ["import contracts\n", "name = 'contracts.judging.judge'\n"])
def test_what_cannot_be_rewritten_ends_the_build_with_the_place(source):
    with pytest.raises(hatch_build.RewriteError, match=r"x\.py:1"):
        hatch_build.rewritten(source, "x.py")


def test_both_names_of_a_room_in_a_checkout_are_one_module():
    assert hakuna_mock.contracts is contracts
    assert hakuna_mock.fuzz.strategies is fuzz.strategies
    with pytest.raises(ModuleNotFoundError, match="nowhere"):
        importlib.import_module("hakuna_mock.contracts.nowhere")


@pytest.mark.parametrize(
    "case",
    [
        names.Case("contracts", "package", "before"),
        names.Case("fuzz", "package", "after"),
    ],
    ids=lambda case: f"{case.room}-{case.form}-{case.place}",
)
def test_a_shop_with_such_a_folder_keeps_working(installed, tmp_path, wheel, case):
    assert names.try_case(installed, wheel, case, tmp_path / "shop") == []
