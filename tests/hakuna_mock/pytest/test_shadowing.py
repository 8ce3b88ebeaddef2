"""A project with a package of its own under one of our general names, first on sys.path."""

import os
import sys

import pytest
from running_mock import running_mock

SHOP = """
import {name}

def test_with(hakuna): hakuna.play("P{{d:1}}")
def test_with_too(hakuna_server): pass
def test_without(): assert {name}.MINE == "mine"
"""


def shadow(pytester, name: str, form: str) -> str:
    """A package or a module of that name in the project; where it is."""
    if form == "package":
        pytester.mkpydir(name).joinpath("__init__.py").write_text("MINE = 'mine'\n")
        return f"{name}/__init__.py"
    pytester.makepyfile(**{name: "MINE = 'mine'"})
    return f"{name}.py"


@pytest.mark.parametrize(
    ("name", "form", "says_target"),
    [
        ("mock_server", "package", True),
        ("contracts", "package", False),
        ("fuzz", "module", False),
    ],
)
def test_a_foreign_package_is_named_with_the_ways_out_that_work_and_other_tests_run_on(
    inner_process, pytester, name, form, says_target
):
    place = shadow(pytester, name, form)
    # The project's folder must stand before ours also where our repository is installed in place.
    pytester.makeconftest(f"import sys; sys.path.insert(0, {str(pytester.path)!r})")
    ran = inner_process(SHOP.format(name=name))
    ran.assert_outcomes(passed=1, errors=2)
    ran.stdout.fnmatch_lines(
        [
            "hakuna-mock runs from a checkout here, and names of its packages are taken:",
            f"  {name} is imported from *{place}",
            "Ways out:",
        ]
    )
    text = ran.stdout.str()
    assert "Traceback" not in text
    assert ("add\n    --hakuna-target" in text) == says_target
    assert ("--hakuna-target alone does not help" in text) != says_target
    with running_mock() as here:
        told = inner_process(SHOP.format(name=name), f"--hakuna-target={here.url}")
    if says_target:
        told.assert_outcomes(passed=3)
    else:
        told.assert_outcomes(passed=1, errors=2)


def test_a_folder_that_is_no_package_shadows_nothing(inner_process, pytester):
    pytester.mkdir("contracts").joinpath("lease.txt").write_text("two years")
    ran = inner_process("def test_with(hakuna): hakuna.play('P{d:1}')")
    ran.assert_outcomes(passed=1)


def test_a_folder_of_tests_has_the_ways_out_that_are_named(inner_process, pytester):
    folder = pytester.path / "tests" / "contracts"
    folder.mkdir(parents=True)
    (folder / "test_lease.py").write_text("def test_lease(hakuna): hakuna.play('P{d:1}')")
    (folder / "__init__.py").write_text("")
    inner_process("").assert_outcomes(errors=1)
    (folder.parent / "__init__.py").write_text("")
    inner_process("").assert_outcomes(passed=1)
    (folder.parent / "__init__.py").unlink()
    (folder / "__init__.py").unlink()
    inner_process("").assert_outcomes(passed=1)


@pytest.mark.parametrize("name", ["contracts", "mock_server", "fuzz"])
def test_command_and_script_say_so_without_a_traceback(pytester, monkeypatch, name):
    place = shadow(pytester, name, "package")
    monkeypatch.setenv("PYTHONPATH", str(pytester.path), prepend=os.pathsep)
    ran = pytester.run(sys.executable, "-m", "hakuna_mock", "play", "P{d:1}")
    assert ran.ret == 2
    ran.stderr.fnmatch_lines([f"  {name} is imported from *{place}"])
    assert "Traceback" not in ran.stderr.str()
    started = "from hakuna_mock import running\ntry: running()\nexcept ImportError as e: print(e)"
    ran = pytester.run(sys.executable, "-c", started)
    ran.stdout.fnmatch_lines([f"  {name} is imported from *{place}", "*install the wheel instead*"])
