"""Every command of the tutorial, word for word, as a reader would type it."""

import os
import re
import socket

import pytest
from console import Terminal, same, terminals
from fresh_clone import ROOT, copy_tracked_files

TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
FAILING = ("python -m pytest -q", "curl --silent --show-error --fail", "hakuna-mock play")
"""These commands may end with something else than 0: then the text says why."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder above a checkout."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "hakuna-mock").mkdir()
    copy_tracked_files(folder / "hakuna-mock")
    return folder


@pytest.fixture(scope="module")
def port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return str(taken.getsockname()[1])


def environ(port: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    for name in ("CI", "BUILD_NUMBER", "VIRTUAL_ENV", "HAKUNA_MOCK_ADMIN_TOKEN"):
        kept.pop(name, None)
    return {
        **kept,
        "COLUMNS": "80",
        "PIP_CONSTRAINT": str(ROOT / "constraints.txt"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_COMPILE": "1",  # what is imported is compiled then, and it is a small part
        # The only difference: port 4258 may be taken on a machine that runs tests.
        "HAKUNA_MOCK_PORT": port,
    }


@pytest.fixture(scope="module")
def read(folder, port):
    """The commands of the tutorial, each of which did what the tutorial shows."""
    reader = Terminal(folder, environ(port))
    second = Terminal(folder, environ(port))
    ran = []
    try:
        for block in terminals(TUTORIAL):
            serving = block[-1].command == "hakuna-mock serve"
            for shown in block[: -1 if serving else None]:
                command = shown.command.replace(":4258", f":{port}")
                code, printed = (second if serving else reader).run(command)
                printed = printed.replace(f":{port}", ":4258")
                ran.append(shown.command)
                if not shown.command.startswith("pip "):  # a registry may have its own to say
                    assert same(shown.printed, printed), f"$ {shown.command}\n{printed}"
                assert code == 0 or shown.command.startswith(FAILING), printed
            if serving:
                second.say("exec hakuna-mock serve")
                printed = second.read_until("try it:").replace(f":{port}", ":4258")
                assert same(block[-1].printed, printed), printed
    finally:
        reader.close()
        second.close(stop=True)
    return ran


def test_the_tutorial_does_what_it_shows(read):
    shown = [item.command for block in terminals(TUTORIAL) for item in block]
    assert [*read, "hakuna-mock serve"] == sorted(
        shown, key=lambda item: item == "hakuna-mock serve"
    )


@pytest.mark.usefixtures("read")
def test_the_six_lines_of_the_readme_fail_in_the_readers_project_as_it_says(folder, port):
    (text,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    shop = folder / "shop"
    (shop / "test_readme.py").write_text(text, "utf-8")
    reader = Terminal(shop, environ(port))
    try:
        assert reader.run(". .venv/bin/activate")[0] == 0
        assert reader.run("pip install --quiet requests pytest-xdist")[0] == 0
        code, printed = reader.run("python -m pytest -q -n 2 test_readme.py")
    finally:
        reader.close()
    assert code == 1
    assert "hakuna: unknown-order" in printed
    assert "1 failed" in printed


def test_what_the_tutorial_promises_is_shown():
    assert "violation refund-missing-protection (documented)" in TUTORIAL
    assert "fix:    add plan, quantity 1" in TUTORIAL
    assert "error: 409" in TUTORIAL
