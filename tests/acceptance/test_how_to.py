"""What guides and explanations show is run: terminals word for word, files as what they are."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from console import CHANGING, Terminal, same, terminals
from fresh_clone import ROOT
from running_mock import running_mock
from runtimes import needed

from hakuna_mock.starters.write import STARTERS
from mock_server.settings import OPTIONS, env_name

PAGES = {
    path.name: path.read_text("utf-8")
    for folder in ("how-to", "explanation")
    for path in sorted((ROOT / "docs" / folder).glob("*.md"))
}
SHOWING = [name for name, text in PAGES.items() if terminals(text)]


@pytest.mark.parametrize("page", SHOWING)
def test_a_guide_does_what_it_shows(page, tmp_path):
    if "| jq" in PAGES[page]:
        needed("jq")
    folder = tmp_path / "shop"
    folder.mkdir()
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    with running_mock() as here:
        terminal = Terminal(folder, {**os.environ, "PATH": path, "COLUMNS": "80"})
        try:
            for shown in [item for block in terminals(PAGES[page]) for item in block]:
                port = here.url.rpartition(":")[2]
                command = shown.command.replace("http://127.0.0.1:4258", here.url)
                _, printed = terminal.run(command.replace("--port 4258", f"--port {port}"))
                printed = printed.replace(f"127.0.0.1:{port}", "127.0.0.1:4258")
                assert same(shown.printed, printed), f"$ {shown.command}\n{printed}"
        finally:
            terminal.close()


@pytest.mark.parametrize("page", PAGES)
def test_the_variables_that_a_guide_names_are_settings(page):
    # HAKUNA_MOCK_URL is what the examples read, and the others stand in what `init` writes.
    ours = {"HAKUNA_MOCK_URL", "HAKUNA_MOCK_SOURCE", "HAKUNA_MOCK_REPOSITORY"}
    named = set(re.findall(r"HAKUNA_MOCK_[A-Z_]+", PAGES[page]))
    assert named <= ours | {env_name(option) for option in OPTIONS}


def test_the_service_container_of_the_guide_is_a_workflow_like_the_one_that_init_writes():
    texts = re.findall(r"```yaml\n(.*?)```", PAGES["github-actions.md"], re.DOTALL)
    (text,) = [item for item in texts if "services:" in item]
    (job,) = yaml.safe_load(text)["jobs"].values()
    (written,) = yaml.safe_load(STARTERS["actions"].text)["jobs"].values()
    (service,) = job["services"].values()
    assert service["ports"] == ["127.0.0.1:4258:4258"]
    for name in ("HAKUNA_URL", "HAKUNA_API_KEY"):
        assert job["env"][name] == written["env"][name]
    for mine, theirs in zip(job["steps"][-2:], written["steps"][-2:], strict=True):
        assert (mine["name"], mine.get("if")) == (theirs["name"], theirs.get("if"))
    assert (
        job["steps"][-1]["run"].split("$HAKUNA")[0].split('"Hakuna-Mock-Admin')[0]
        == (written["steps"][-1]["run"].split('"Hakuna-Mock-Admin')[0])
    )


def test_the_service_of_the_compose_guide_is_the_one_in_the_comment_of_the_file():
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGES["compose.md"], re.DOTALL)
    commented = re.sub(r"(?m)^  # ?", "", STARTERS["compose"].text.partition("# shop:\n")[2])
    assert yaml.safe_load(text)["services"]["shop"] == yaml.safe_load(f"shop:\n{commented}")["shop"]


def test_the_shell_of_the_ci_guide_is_shell():
    for block in re.findall(r"```sh\n(.*?)```", "".join(PAGES.values()), re.DOTALL):
        subprocess.run(["bash", "-n", "-c", block], check=True)


def test_a_shown_terminal_is_compared_line_by_line():
    assert same("a\nb\n", "a\nb\n\n")
    assert same("…\nb", "x\ny\nb\n")
    assert same("a\n…", "a\nx\n")
    assert not same("a\nb", "a\nx\nb")
    assert not same("…\nb", "x\ny")
    assert same("evt-" + 36 * "a", "evt-" + 36 * "0")
    assert CHANGING.sub("", "2 passed in 0.47s") == "2 passed "
    (block,) = terminals("```console\n$ a \\\n> b\nc\n$ d\n```\n")
    assert [(item.command, item.printed) for item in block] == [("a \\\nb", "c\n"), ("d", "")]
