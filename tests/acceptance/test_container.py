import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHECK = Path(os.environ.get("DOCKER_BUILD_CHECK", ROOT.parent / "shared" / "docker-build-check"))
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "docker-build-check"
"""Where the stand-ins for base images stay for a week: making them is a third of the work."""

HEALTH = "http://127.0.0.1:4258/_mock/v1/health"
MAX_ADDED_MB = "100"  # 91 with the libraries of the durable stores, 60 without

ASKED_INSIDE = (
    "! python -c 'import pytest' 2>/dev/null && ! command -v pip | grep -q /opt/hakuna-mock",
    "hakuna-mock --version | grep -q '(CPython 3'",
    # The page's template and style have to be in the wheel.
    """hakuna-mock play 'P{d:1,p:1>d} F{d:1} R{d:1,p:1}' --report html:/tmp/page.html &&
grep -q '<!doctype html>' /tmp/page.html""",
    # The image is the whole tool: every command, with what it needs.
    "hakuna-mock convert 'P{d:1}' --to jsonl | hakuna-mock check -",
    "cd /tmp && hakuna-mock fuzz --max-examples 3 --seed 1",
    "hakuna-mock verify --target http://127.0.0.1:4258 --admin-token chosen --suite smoke",
    "mkdir /tmp/p && cd /tmp/p && hakuna-mock init compose && test -s compose.hakuna.yaml",
    # A bill of materials that a scanner reads.
    """python -c '
import json
bill = json.load(open("/opt/hakuna-mock/share/sbom.cdx.json"))
assert bill["bomFormat"] == "CycloneDX"
names = {part["name"].lower().replace("_", "-") for part in bill["components"]}
assert {"aiohttp", "hypothesis", "prometheus-client"} <= names
'""",
    # A probe of Kubernetes calls by address, without a token.
    """python -c '
import urllib.request
url = "http://127.0.0.1:4258/_mock/v1/health"
request = urllib.request.Request(url, headers={"Host": "10.0.0.7:4258"})
assert urllib.request.urlopen(request).status == 200
'""",
    # Off loopback /_mock wants the token, and only the health check goes without it.
    """python -c '
import json, urllib.request, urllib.error
base = "http://127.0.0.1:4258"
try:
    urllib.request.urlopen(base + "/_mock/v1/verdict")
    raise SystemExit("open without a token")
except urllib.error.HTTPError as error:
    assert error.code == 403, error.code
body = {"type": "order_cancelled",
        "payload": {"order_id": "o", "cancelled_at": "2024-03-01T09:00:00Z"}}
key = {"Authorization": "Bearer sk_test_container", "Content-Type": "application/json"}
request = urllib.request.Request(base + "/sandbox/events", json.dumps(body).encode(), key)
assert json.load(urllib.request.urlopen(request))["event_id"].startswith("evt-")
token = {"Hakuna-Mock-Admin": "chosen"}
request = urllib.request.Request(base + "/_mock/v1/events/latest", headers=token)
assert json.load(urllib.request.urlopen(request))["order_id"] == "o"
'""",
)


@pytest.mark.container
def test_the_image_builds_runs_hardened_answers_and_stops():
    if not CHECK.is_file():
        if os.environ.get("CI"):
            pytest.fail(f"CI has no {CHECK.name}")
        pytest.skip("docker-build-check is not on this machine; name it in DOCKER_BUILD_CHECK")
    if os.geteuid() != 0 and not os.environ.get("CI"):
        pytest.skip("docker-build-check needs root")
    command = [str(CHECK), "--hardened", "-C", str(ROOT), "--max-added-mb", MAX_ADDED_MB]
    command += ["--env", "HAKUNA_MOCK_ADMIN_TOKEN=chosen", "--cache-dir", str(CACHE)]
    for asked in ASKED_INSIDE:
        command += ["--exec", asked]
    done = subprocess.run([*command, HEALTH], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASS" in done.stdout + done.stderr


def test_the_image_is_made_of_what_a_release_holds():
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert ignored[0] == "*"
    for name in ("contracts", "mock_server", "fuzz", "hakuna_mock", "constraints.txt"):
        assert f"!{name}" in ignored
