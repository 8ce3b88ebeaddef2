"""The snippets of `docs/how-to/other-languages.md`, run where their language is installed."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from running_mock import running_mock

DOCUMENT = (Path(__file__).parents[2] / "docs" / "how-to" / "other-languages.md").read_text("utf-8")
LANGUAGES = {
    "java": ("Shop.java", ["java", "Shop.java"], "default-jdk-headless"),
    "ruby": ("shop.rb", ["ruby", "shop.rb"], "ruby"),
    "go": ("shop.go", ["go", "run", "shop.go"], "golang-go"),
}
EVENT = re.compile(r"evt-[0-9a-f-]{36}")


def snippet(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_snippet_publishes_an_event_and_ends_with_the_explanation(tmp_path, language):
    name, command, package = LANGUAGES[language]
    if shutil.which(command[0]) is None:
        pytest.skip(f"there is no {command[0]}: apt-get install {package}")
    if language == "java" and shutil.which("javac") is None:
        pytest.skip(f"there is no javac, which java needs for a source file: {package}")
    (tmp_path / name).write_text(snippet(language), "utf-8")
    with running_mock() as here:
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env={**os.environ, "HAKUNA_MOCK_URL": here.url, "GOCACHE": str(tmp_path / "cache")},
            capture_output=True,
            check=False,
            timeout=300,
        )
    out = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 1, out + done.stderr.decode("utf-8", "replace")
    (text,) = re.findall(r"^```text\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)
    reply, _, verdict = out.partition("\n")
    assert EVENT.search(reply)
    assert EVENT.sub("evt-", verdict) == EVENT.sub("evt-", text)


def test_every_language_has_a_heading_and_says_how_it_is_run():
    for language, (name, command, _) in LANGUAGES.items():
        assert f"## {language.capitalize()}\n" in DOCUMENT
        assert f"`{' '.join(command)}`" in DOCUMENT
        assert name in snippet(language).split("\n")[0]
