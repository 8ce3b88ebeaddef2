from pathlib import Path

import pytest
from runtimes import PACKAGES, needed

CI = (Path(__file__).parents[2] / ".ci" / "run").read_text("utf-8")


@pytest.fixture
def bare(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("program", PACKAGES)
def test_without_a_runtime_its_tests_are_skipped_and_say_how_to_get_it(program):
    with pytest.raises(pytest.skip.Exception, match=f"apt-get install {PACKAGES[program]}"):
        needed(program)


@pytest.mark.usefixtures("bare")
def test_in_ci_they_fail(monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="apt-get install nodejs"):
        needed("node")


@pytest.mark.parametrize(
    "package", sorted({item for all_ in PACKAGES.values() for item in all_.split()})
)
def test_ci_installs_it(package):
    assert package in CI.split()
