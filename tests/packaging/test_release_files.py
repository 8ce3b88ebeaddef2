"""What a release is made of: workflows, the action, hooks, notes, metadata."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
import yaml
from modules import load

from contracts import __version__
from hakuna_mock.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
WORKFLOWS = {
    path.name: yaml.safe_load(path.read_text("utf-8"))
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))
}
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))

release_notes = load("release_notes", ROOT / ".ci" / "release_notes.py")
hatch_build = load("hatch_build", ROOT / "hatch_build.py")


def steps(workflow: str):
    return [step for job in WORKFLOWS[workflow]["jobs"].values() for step in job.get("steps", ())]


def test_ci_runs_what_every_machine_runs():
    commands = " ".join(step.get("run", "") for step in steps("ci.yml"))
    assert "bash .ci/run" in commands
    for script in re.findall(r"\.ci/[a-z_.]+", commands):
        assert (ROOT / script).is_file(), script
    for target in re.findall(r"make ([a-z-]+)", commands):
        assert f"\n{target}:" in (ROOT / "Makefile").read_text("utf-8")


def test_ci_tries_every_python_that_is_promised_with_both_ends_of_the_ranges():
    matrix = WORKFLOWS["ci.yml"]["jobs"]["versions"]["strategy"]["matrix"]
    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert matrix["end"] == ["lowest", "newest"]
    systems = {*matrix["system"], *(item["system"] for item in matrix["include"])}
    assert systems == {"ubuntu-latest", "macos-latest", "windows-latest"}


def test_a_release_begins_with_the_owners_consent_and_every_job_needs_the_first():
    jobs = WORKFLOWS["release.yml"]["jobs"]
    assert jobs["check"]["if"] == "vars.RELEASES == 'on'"

    def needs(name: str) -> set[str]:
        named = jobs[name].get("needs", [])
        direct = {named} if isinstance(named, str) else set(named)
        return direct.union(*(needs(item) for item in direct))

    for name in jobs:
        assert name == "check" or "check" in needs(name), name
    assert jobs["pypi"]["environment"] == "pypi"
    assert jobs["pypi"]["permissions"] == {"id-token": "write"}
    assert "password" not in str(jobs["pypi"])


def test_no_workflow_puts_what_others_write_into_a_shell():
    for name in WORKFLOWS:
        for step in steps(name):
            assert "${{ github.event" not in step.get("run", ""), step
            assert "${{ inputs" not in step.get("run", ""), step
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", ""), step


def test_the_image_is_built_for_both_machines_with_provenance_and_its_build_arguments():
    (push,) = [
        step["with"] for step in steps("release.yml") if "build-push" in step.get("uses", "")
    ]
    assert push["platforms"] == "linux/amd64,linux/arm64"
    assert push["provenance"] == "mode=max"
    declared = set(re.findall(r"(\w+)=\"\"", (ROOT / "Dockerfile").read_text("utf-8")))
    assert {line.partition("=")[0] for line in push["build-args"].splitlines()} == declared


@pytest.mark.parametrize(
    ("version", "changelog", "code", "problem"),
    [
        ("0.2.0", "## 0.2.0 (2026-12-01)\n\n- a\n\n## 0.1.0\n\n- b\n", "0.2.0", None),
        ("0.2.0", "## 0.2.0 (unreleased)\n\n- a\n", "0.2.0", "unreleased"),
        ("0.2.0", "## 0.2.0\n\n- a\n", "0.1.0", "contracts/version.py has 0.1.0"),
        ("0.3.0", "## 0.2.0\n\n- a\n", "0.3.0", "no part `## 0.3.0`"),
    ],
)
def test_the_notes_are_the_changelogs_part_and_disagreement_is_an_error(
    version, changelog, code, problem
):
    code = f'__version__ = "{code}"\n'
    if problem is None:
        assert release_notes.notes(version, changelog, code) == "- a\n"
    else:
        with pytest.raises(ValueError, match=re.escape(problem)):
            release_notes.notes(version, changelog, code)


def test_the_changelog_of_this_repository_has_a_part_that_can_become_notes():
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8").replace(" — unreleased", "")
    changelog = re.sub(r"\(?unreleased\)?", "(2026-12-01)", changelog)
    code = (ROOT / "contracts" / "version.py").read_text("utf-8")
    assert len(release_notes.notes(__version__, changelog, code)) > 500


def test_hooks_name_a_command_and_match_recordings():
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    program, command = hook["entry"].split()
    assert program == "hakuna-mock"
    assert command in COMMANDS
    for name in ("events.jsonl", "a/b.har", "tests/recordings/x.json", "hakuna/one.json"):
        assert re.search(hook["files"], name), name
    for name in ("package.json", "tsconfig.json", "jsonl.py"):
        assert not re.search(hook["files"], name), name


def test_templates_are_forms_with_unique_fields():
    for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"):
        form = yaml.safe_load(path.read_text("utf-8"))
        if path.name == "config.yml":
            continue
        assert {"name", "description", "body"} <= set(form)
        ids = [part["id"] for part in form["body"] if part["type"] != "markdown"]
        assert len(ids) == len(set(ids))


def test_where_the_repository_is_known_the_wheel_has_addresses_and_links_that_work():
    urls = hatch_build.addresses("Some-Shop/hakuna-mock")
    assert urls["Source"] == "https://github.com/Some-Shop/hakuna-mock"
    assert urls["Documentation"] == "https://some-shop.github.io/hakuna-mock/"
    assert hatch_build.addresses("") == hatch_build.addresses("a/b; rm") == {}
    text = "[a](docs/a.md#b) ![c](docs/c.png) [d](https://x.example/) [e](#e)"
    assert hatch_build.with_full_links(text, "https://h/x") == (
        "[a](https://h/x/blob/main/docs/a.md#b) ![c](https://h/x/raw/main/docs/c.png) "
        "[d](https://x.example/) [e](#e)"
    )
    assert hatch_build.with_full_links(text, None) == text


def test_the_wheel_describes_itself(wheel):
    archive = zipfile.ZipFile(wheel)
    (name,) = [item for item in archive.namelist() if item.endswith("METADATA")]
    metadata = Parser().parsestr(archive.read(name).decode())
    assert metadata["Version"] == __version__
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload().startswith("# hakuna-mock")


class Runner:
    """Runs the action's steps: bash, the step's environment, GITHUB_ENV kept between them."""

    def __init__(self, folder: Path, inputs: dict[str, str]) -> None:
        self.folder = folder
        self.inputs = {name: item.get("default", "") for name, item in ACTION["inputs"].items()}
        self.inputs.update(inputs)
        self.env = {
            name: text
            for name, text in os.environ.items()
            if "HAKUNA" not in name and name != "PYTHONPATH"
        }
        self.env |= {"RUNNER_TEMP": str(folder), "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}

    def _value(self, text: str) -> str:
        text = re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda item: self.inputs[item[1]], text)
        return text.replace("${{ github.action_path }}", str(ROOT))

    def run(self, name: str) -> subprocess.CompletedProcess:
        (step,) = [item for item in ACTION["runs"]["steps"] if item["name"].startswith(name)]
        file = self.folder / "github_env"
        file.write_text("")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.folder,
            env={
                **self.env,
                **{key: self._value(text) for key, text in step.get("env", {}).items()},
                "GITHUB_ENV": str(file),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=120,
        )
        lines = file.read_text().splitlines()
        self.env |= dict(line.split("=", 1) for line in lines)
        return done


SHOP = (
    '{python} -c "import json, os, urllib.request as u; e = os.environ; '
    "h = {{'Authorization': 'Bearer ' + e['HAKUNA_API_KEY'], 'Content-Type': 'application/json'}}; "
    "u.urlopen(u.Request(e['HAKUNA_URL'], json.dumps({body}).encode(), h))\""
)
UNKNOWN = {
    "type": "order_cancelled",
    "payload": {"order_id": "o\n::1", "cancelled_at": "2024-03-01T09:00:00Z"},
}


@pytest.fixture
def runner(tmp_path, installed):
    """A runner where hakuna-mock is installed already."""

    def make(**inputs: str) -> Runner:
        made = Runner(tmp_path, {name.replace("_", "-"): text for name, text in inputs.items()})
        made.env["HAKUNA_MOCK_BIN"] = str(installed.parent)
        return made

    return make


def test_the_action_runs_the_tests_annotates_what_is_wrong_and_fails(runner, tmp_path):
    made = runner(
        run=SHOP.format(python=sys.executable, body=json.dumps(UNKNOWN).replace('"', "'"))
    )
    started = made.run("Start")
    assert started.returncode == 0, started.stdout
    try:
        tested = made.run("Run the tests")
        assert tested.returncode == 0, tested.stdout
        message = made.run("What does")
    finally:
        ended = made.run("End")
    assert message.returncode == 1
    (first, *_) = message.stdout.splitlines()
    assert first.startswith("::error title=unknown-order (order o")
    assert not any(line.startswith("::1") for line in message.stdout.splitlines())
    assert "FAILED" in message.stdout or "unknown-order" in message.stdout
    assert "### Hakuna events: failed" in (tmp_path / "summary.md").read_text()
    assert ended.returncode == 0


def test_the_action_passes_good_events_and_fails_where_nothing_came(runner):
    made = runner(run="true", min_events="0")
    made.run("Start")
    try:
        assert made.run("What does").returncode == 0
        made.inputs["min-events"] = "1"
        nothing = made.run("What does")
    finally:
        made.run("End")
    assert nothing.returncode == 1
    assert "nothing was received" in nothing.stdout


def test_a_server_that_does_not_start_is_an_annotation_with_the_reason(runner):
    made = runner(run="true", enforcement="strict")
    started = made.run("Start")
    assert started.returncode == 1
    assert "::error title=hakuna-mock did not start::" in started.stdout
    assert "enforcement" in started.stdout


@pytest.mark.skipif(not os.environ.get("HAKUNA_WHOLE"), reason="HAKUNA_WHOLE=1 installs with pip")
def test_the_action_installs_hakuna_mock(tmp_path):
    made = Runner(tmp_path, {"run": "true", "python": sys.executable})
    done = made.run("Install")
    assert done.returncode == 0, done.stdout
    assert shutil.which("hakuna-mock", path=made.env["HAKUNA_MOCK_BIN"])


def test_the_image_has_every_library_that_a_message_says_to_install():
    sources = [
        path
        for room in ("mock_server", "hakuna_mock", "fuzz")
        for path in (ROOT / room).rglob("*.py")
    ]
    named = set(
        re.findall(r"hakuna-mock\[(\w+)\]", "".join(path.read_text("utf-8") for path in sources))
    )
    [extras] = re.findall(r"'\.\[(.*)\]'", (ROOT / "Dockerfile").read_text("utf-8"))
    assert named | {"sqlite", "postgres"} <= set(extras.split(",")) | {"speed"}
