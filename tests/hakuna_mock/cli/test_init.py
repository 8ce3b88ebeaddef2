"""`hakuna-mock init`: files to begin with, which work, and never in place of somebody's own."""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from fresh_clone import ROOT, started
from inner_runs import of_a_process

from contracts.shorthand import bodies
from fuzz.client.http_client import Target
from hakuna_mock.starters.write import STARTERS
from mock_server.settings import OPTIONS, env_name

VIOLATION = (
    b'{"type": "order_cancelled",'
    b' "payload": {"order_id": "never-placed", "cancelled_at": "2024-03-01T09:00:00Z"}}'
)


def document(kind: str) -> dict:
    return yaml.safe_load(STARTERS[kind].text)


@pytest.mark.parametrize("kind", STARTERS)
def test_a_starter_is_written_and_the_next_steps_are_named(run, tmp_path, kind):
    ran = run("init", kind)
    item = STARTERS[kind]
    assert ran.code == 0
    assert ran.out.startswith(f"wrote {item.path}\n")
    assert len(ran.out.splitlines()) > 1
    assert (tmp_path / item.path).read_text("utf-8") == item.text


def test_without_a_name_it_is_the_test(run, tmp_path):
    assert run("init").code == 0
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [
        "test_hakuna_events.py"
    ]


def test_several_are_written_at_once(run, tmp_path):
    assert run("init", "compose", "actions", "compose").code == 0
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 2


@pytest.mark.parametrize("make", [Path.touch, Path.mkdir, lambda path: path.symlink_to("nowhere")])
def test_what_is_there_is_never_overwritten_and_then_nothing_is_written(run, tmp_path, make):
    make(tmp_path / "compose.hakuna.yaml")
    before = (tmp_path / "compose.hakuna.yaml").lstat()
    ran = run("init", "pytest", "compose")
    assert ran.code == 2
    assert "compose.hakuna.yaml is there already and was not touched" in ran.err
    assert "nothing was written" in ran.err
    assert (tmp_path / "compose.hakuna.yaml").lstat() == before
    assert not (tmp_path / "tests").exists()


def test_a_second_time_it_is_refused(run):
    assert run("init", "actions").code == 0
    assert run("init", "actions").code == 2


def test_a_folder_that_cannot_be_is_told_with_what_was_written_before(run, tmp_path):
    (tmp_path / ".github").write_text("a file")
    ran = run("init", "pytest", "actions")
    assert ran.code == 2
    assert ".github/workflows/hakuna-events.yml cannot be written: " in ran.err
    assert "written before it: tests/test_hakuna_events.py" in ran.err


def test_a_misspelt_name_is_told_the_right_one(run, tmp_path):
    ran = run("init", "pytest", "compos")
    assert (ran.code, list(tmp_path.iterdir())) == (2, [])
    assert "nothing to begin with called 'compos'; did you mean compose?" in ran.err


def test_the_test_passes_as_it_stands_and_fails_as_its_comment_says(pytester):
    # tests/acceptance runs it in an environment of its own, too.
    text = STARTERS["pytest"].text
    lines = text.split("\n")
    (marked,) = [number for number, line in enumerate(lines) if "# Delete the next line" in line]
    pytester.makepyfile(test_good=text)
    pytester.makepyfile(test_less="\n".join([*lines[: marked + 1], *lines[marked + 2 :]]))
    ran = pytester.runpytest_subprocess(*of_a_process("", ()))
    ran.assert_outcomes(passed=3, failed=1)
    ran.stdout.fnmatch_lines(["FAILED test_less.py::*"])
    ran.stdout.fnmatch_lines(["hakuna: refund-missing-protection", "  fix: * add plan, quantity 1"])


def test_the_service_is_told_what_the_server_reads():
    (service,) = document("compose")["services"].values()
    known = {env_name(option) for option in OPTIONS}
    assert set(service["environment"]) <= known
    assert service["ports"] == ["127.0.0.1:4258:4258"]
    # `depends_on` with `service_healthy` needs the image's own check.
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    assert "HEALTHCHECK" in dockerfile
    assert "EXPOSE 4258" in dockerfile


def test_the_service_is_reached_by_its_name_as_the_file_says():
    whole = document("compose")
    (name,) = whole["services"]
    assert whole["services"][name]["environment"]["HAKUNA_MOCK_ALLOW_HOST"] == name
    commented = re.sub("(?m)^  # ?", "", STARTERS["compose"].text.partition("# shop:\n")[2])
    shop = yaml.safe_load("shop:\n" + commented)["shop"]
    assert shop["environment"]["HAKUNA_URL"] == f"http://{name}:4258/sandbox/events"
    assert shop["depends_on"] == {name: {"condition": "service_healthy"}}


@pytest.fixture
def workflow(tmp_path):
    """Run the steps of the workflow, `docker` being our server: exit codes and outputs."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
    tools = tmp_path / "tools"
    tools.mkdir()
    started = tmp_path / "pids"
    docker = tools / "docker"
    docker.write_text(
        f'#!/bin/sh\n[ "$1" = run ] || exit 0\n'
        f"export HAKUNA_MOCK_HOST=0.0.0.0 HAKUNA_MOCK_PORT={port}\n"
        f"{sys.executable} -m mock_server >/dev/null 2>&1 &\n"
        f"echo $! >>{started}\n"
    )
    docker.chmod(0o755)
    (job,) = document("actions")["jobs"].values()

    def steps(name: str, **environ: str) -> subprocess.CompletedProcess:
        (step,) = [item for item in job["steps"] if item.get("name") == name]
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", step["run"].replace("4258", port)],
            env={**os.environ, **job["env"], "PATH": f"{tools}:{os.environ['PATH']}", **environ},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    yield steps, f"http://127.0.0.1:{port}", job["env"]
    for pid in started.read_text().split() if started.exists() else ():
        os.kill(int(pid), 15)


def test_the_workflow_starts_the_mock_and_ends_with_its_verdict(workflow):
    step, url, environ = workflow
    done = step("Start hakuna-mock")
    assert done.returncode == 0, done.stderr
    verdict = "What does hakuna-mock say of the events?"
    silent = step(verdict)
    assert (silent.returncode, "nothing was received" in silent.stdout) == (22, True)
    target = Target(url)
    key = {"Authorization": f"Bearer {environ['HAKUNA_API_KEY']}"}
    target.post_event(json.dumps(bodies("P{d:1}")[0]).encode(), key)
    assert step(verdict).returncode == 0
    target.post_event(VIOLATION, key)
    target.close()
    failed = step(verdict)
    assert failed.returncode == 22
    assert "violation unknown-order (inferred): order never-placed" in failed.stdout


def test_the_workflow_says_when_the_repository_is_not_named(workflow):
    step, _, _ = workflow
    name = "Is the repository of hakuna-mock named?"
    assert step(name, REPOSITORY="shop/hakuna-mock").returncode == 0
    done = step(name, REPOSITORY="")
    assert done.returncode == 1
    assert "::error::set the repository variable HAKUNA_MOCK_REPOSITORY" in done.stdout


def test_the_workflow_does_nothing_in_the_name_of_the_repository():
    whole = document("actions")
    assert whole["permissions"] == {"contents": "read"}
    (job,) = whole["jobs"].values()
    assert {item["uses"] for item in job["steps"] if "uses" in item} == {"actions/checkout@v4"}


def documents(kind: str) -> list[dict]:
    return list(yaml.safe_load_all(STARTERS[kind].text))


def test_the_pods_of_the_cluster_are_probed_where_the_server_answers_without_a_token():
    secret, deployment, service = documents("kubernetes")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"] == {"path": "/_mock/v1/health", "port": "http"}
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert labels == deployment["spec"]["selector"]["matchLabels"] == service["spec"]["selector"]
    named = {item["name"] for item in container["env"]}
    assert named <= {env_name(option) for option in OPTIONS}
    (token,) = [item for item in container["env"] if "valueFrom" in item]
    key = token["valueFrom"]["secretKeyRef"]
    assert (key["name"], key["key"] in secret["stringData"]) == (secret["metadata"]["name"], True)
    (port,) = service["spec"]["ports"]
    assert port["targetPort"] == container["ports"][0]["name"]
    assert container["securityContext"]["readOnlyRootFilesystem"]


def test_the_settings_of_the_pod_are_settings_that_a_server_starts_with(tmp_path):
    _, deployment, _ = documents("kubernetes")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    environ = {item["name"]: item.get("value", "token") for item in container["env"]}
    with started(
        [sys.executable, "-m", "hakuna_mock", "serve", "--port=0", f"--ready-file={tmp_path}/r"],
        tmp_path / "r",
        tmp_path,
        HAKUNA_MOCK_HOST="0.0.0.0",
        PYTHONPATH=str(ROOT),
        **environ,
    ) as here:
        # The kubelet calls by address.
        target = Target(here["url"])
        reply = target.ask("GET", "/_mock/v1/health", None, {"Host": "10.1.2.3:4258"})
        target.close()
    assert reply.status == 200


def test_the_job_of_gitlab_asks_for_the_verdict_last():
    (job,) = documents("gitlab")[0].values()
    assert {name for name in job["variables"] if name.startswith("HAKUNA_MOCK")} <= {
        env_name(option) for option in OPTIONS
    }
    assert job["services"][0]["alias"] == job["variables"]["HAKUNA_MOCK_ALLOW_HOST"]
    assert "/_mock/v1/verdict" in job["script"][-1]
    for line in (*job["before_script"], *job["script"]):
        subprocess.run(["bash", "-n", "-c", line], check=True)


def test_the_shells_of_the_pipeline_are_shell_and_its_braces_close():
    text = STARTERS["jenkins"].text
    code = re.sub(r"'''(?:.|\n)*?'''|'[^'\n]*'|\"[^\"\n]*\"|//.*", "", text)
    assert code.count("{") == code.count("}")
    scripts = re.findall(r"sh '''((?:.|\n)*?)'''", text) + re.findall(r"sh '([^'\n]+)'", text)
    assert len(scripts) == 4
    for script in scripts:
        subprocess.run(["bash", "-n", "-c", script], check=True)


def test_in_a_container_a_closed_folder_is_told_with_the_option_that_opens_it(
    run, tmp_path, monkeypatch
):
    def closed(self, *_arguments, **_named):
        raise PermissionError(13, "Permission denied", str(self))

    mark = tmp_path / "containerenv"
    mark.touch()
    monkeypatch.setattr("hakuna_mock.starters.write._CONTAINER_MARKS", (str(mark),))
    monkeypatch.setattr(Path, "mkdir", closed)
    ran = run("init", "compose")
    assert ran.code == 2
    assert 'run the container as yourself: --user "$(id -u):$(id -g)"' in ran.err
