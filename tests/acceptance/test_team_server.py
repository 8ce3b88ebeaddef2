"""docs/how-to/team-server.md: two servers on one PostgreSQL behind the real nginx, as the example
sets them up.
"""

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress

import pytest
import yaml
from fresh_clone import ROOT
from postgres_cluster import free_port
from runtimes import needed
from server_mock import KEY, event
from server_processes import COMMAND, clean_environment, running
from stores import cluster_or_skip

from contracts.scenarios.rule_examples import usual_headers
from mock_server.settings import OPTIONS, env_name

EXAMPLE = ROOT / "examples" / "team-server"


@pytest.fixture(scope="module")
def cluster():
    made = cluster_or_skip()
    yield made
    made.end()


@pytest.fixture(scope="module")
def servers(cluster, tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("servers")
    state = cluster.database()
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    with (
        running(COMMAND, folders[0], state=state, log_format="quiet") as first,
        running(COMMAND, folders[1], state=state, log_format="quiet") as second,
    ):
        yield first, second


@pytest.fixture(scope="module")
def balancer(servers, tmp_path_factory):
    """The address of nginx, which runs the example's own configuration, but for its addresses."""
    tmp_path = tmp_path_factory.mktemp("nginx")
    program = needed("nginx")
    text = (EXAMPLE / "nginx.conf").read_text("utf-8")
    port = free_port()
    for number, server in enumerate(servers, start=1):
        assert f"server mock-{number}:4258 " in text
        text = text.replace(f"mock-{number}:4258", f"127.0.0.1:{server.port}")
    assert "listen 8080;" in text
    text = text.replace("listen 8080;", f"listen 127.0.0.1:{port};")
    folders = "\n".join(
        f"    {name}_temp_path {tmp_path}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    text = text.replace("http {", f"http {{\n{folders}", 1)
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/nginx.pid;\ndaemon off;\n{text}")
    (tmp_path / "nginx.log").touch()
    process = subprocess.Popen(
        [program, "-p", tmp_path, "-c", tmp_path / "nginx.conf", "-e", tmp_path / "nginx.log"]
    )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 20
    while True:
        with suppress(OSError):
            if asked(url, "/_mock/v1/health")[0] == 200:
                break
        assert process.poll() is None, (tmp_path / "nginx.log").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield url
    process.terminate()
    process.wait(20)


def asked(url: str, path: str, body=None, number: int = 1):
    data = None if body is None else json.dumps(body).encode()
    headers = usual_headers(number, KEY) if body is not None else {}
    request = urllib.request.Request(url + path, data, headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, json.loads(reply.read())
    except urllib.error.HTTPError as error:
        text = error.read()
        with suppress(ValueError):
            return error.code, json.loads(text)
        return error.code, text


def test_both_servers_serve_one_world(balancer, servers):
    kinds = ["P{d:4}", "F{d:1}", "F{d:2}", "R{d:1}@5"]
    for number, shorthand in enumerate(kinds, start=1):
        assert asked(balancer, "/sandbox/events", event(shorthand), number)[0] == 200
        rows = asked(balancer, "/_mock/v1/events")[1]
        assert len(rows) == number, "what was just accepted is there, whichever server is asked"
    direct = [asked(server.here["url"], "/_mock/v1/orders")[1] for server in servers]
    assert direct[0] == direct[1] == asked(balancer, "/_mock/v1/orders")[1]


def test_the_live_stream_comes_through(balancer):
    with urllib.request.urlopen(f"{balancer}/_mock/v1/stream", timeout=20) as stream:
        assert stream.readline() == b"retry: 1000\n"
        [stream.readline() for _ in range(3)]
        status, accepted = asked(balancer, "/sandbox/events", event("P#9{d:1}"), 9)
        assert status == 200
        lines = [stream.readline() for _ in range(3)]
    assert json.loads(lines[2].removeprefix(b"data: "))["event_id"] == accepted["event_id"]


def test_the_fuzzer_finds_nothing_through_the_balancer(balancer, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "hakuna_mock", "fuzz", "--target", balancer, "--max-examples", "3"],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_one_server_may_end(balancer, servers):
    servers[0].process.kill()
    servers[0].process.wait()
    statuses = [
        asked(balancer, "/sandbox/events", event(f"P#{n}{{d:1}}"), n)[0] for n in range(10, 16)
    ]
    assert statuses.count(200) >= 5, "at most the request that found it gone is refused"


class TestTheExample:
    def compose(self):
        return yaml.safe_load((EXAMPLE / "compose.yaml").read_text("utf-8"))

    def test_the_servers_of_nginx_are_those_of_compose(self):
        named = re.findall(r"server ([\w-]+):(\d+)", (EXAMPLE / "nginx.conf").read_text("utf-8"))
        services = self.compose()["services"]
        assert [port for _, port in named] == ["4258", "4258"]
        assert {name for name, _ in named} == {
            service for service in services if service.startswith("mock")
        }
        assert services["nginx"]["ports"] == ["127.0.0.1:4258:8080"]

    def test_its_variables_are_settings(self):
        environment = self.compose()["services"]["mock-1"]["environment"]
        ours = {name for name in environment if name.startswith("HAKUNA_MOCK_")}
        assert ours <= {env_name(option) for option in OPTIONS}

    def test_every_server_waits_for_the_database(self):
        services = self.compose()["services"]
        for name in ("mock-1", "mock-2"):
            assert services[name]["depends_on"]["postgres"]["condition"] == "service_healthy"
            assert "password" not in services[name]["environment"]["HAKUNA_MOCK_STATE"].lower()
