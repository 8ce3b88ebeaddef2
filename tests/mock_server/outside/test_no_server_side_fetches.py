"""The server answers, it never asks: no address in a payload or header is fetched or looked up.

An audit hook in the server's process tells of every attempt; beside it a trap listens at the
address that stands in everything that is sent: for event loops that Python cannot watch.
"""

import itertools
import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from server_mock import KEY, event
from server_processes import MODULE, running

from contracts.scenarios.rule_examples import usual_headers
from fuzz.client.http_client import Target
from mock_server.control import ROUTES as CALLS
from mock_server.inspector import ROUTES as PAGES

HOOK = """
import sys
SEEN = ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname",
        "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "urllib.Request",
        "ftplib.connect", "smtplib.connect")
sys.addaudithook(lambda name, args: name in SEEN and print("OUTGOING", name, args, flush=True))
"""
SERVE = HOOK + "from mock_server.__main__ import main; sys.exit(main())"
NUMBERS = itertools.count(1)
COMMANDS = {"watched": (sys.executable, "-c", SERVE), "uvloop": MODULE}


@pytest.fixture
def trap() -> Iterator[socket.socket]:
    """A listener that nobody must reach."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


def baits(url: str) -> Iterator[bytes]:
    """Events in which every text is an address, and other documents that name it."""
    for shorthand in ("P{d:1, p:1>d}", "F{d:1}", "R{d:1}", "C{d}", "X"):
        body = event(shorthand)
        yield json.dumps(body).encode()
        yield re.sub(
            rb'": "(?!order_|20)[^"]*"', b'": "%b"' % url.encode(), json.dumps(body).encode()
        )
    yield json.dumps({"$ref": url, "$schema": url, "$id": url, "url": url}).encode()
    yield f'<!DOCTYPE x [<!ENTITY e SYSTEM "{url}">]><x>&e;</x>'.encode()


def headers(url: str) -> dict[str, str]:
    names = (
        "Referer",
        "X-Forwarded-Host",
        "Link",
        "Callback",
        "X-Original-URL",
        "Location",
        "From",
    )
    return {**usual_headers(next(NUMBERS), KEY), **dict.fromkeys(names, url)}


@pytest.mark.parametrize("name", COMMANDS)
def test_no_route_makes_the_server_open_a_connection(tmp_path, trap, name):
    command, loop = COMMANDS[name], "uvloop" if name == "uvloop" else "asyncio"
    url = f"http://127.0.0.1:{trap.getsockname()[1]}/fetched"
    with running(command, tmp_path, load="happy-return", loop=loop) as server:
        target = Target(server.here["url"])
        for bait in baits(url):
            target.ask("POST", "/sandbox/events", bait, headers(url))
            target.ask("POST", "/_mock/v1/check", bait, {})
            target.ask("POST", "/_mock/playground", b"do=send&body=" + bait, {})
        assert target.ask("GET", "/_mock/v1/health").json()["events"] > 8
        for prefix, routes in (("/_mock/v1", CALLS), ("/_mock", PAGES)):
            for method, path, _ in routes:
                if path == "/stream":
                    continue  # never ends
                for word in ("x", "latest", "ord-1", "order_placed", url.replace("/", "%2F")):
                    asked = prefix + re.sub(r"\{\w+(?::\[\^/\]\+)?\}", word, path)
                    target.ask(method, asked, json.dumps({"url": url}).encode(), {"Link": url})
                    target.ask(
                        method, f"{asked}?url={url}&key={KEY}", None, {"Accept": "text/html"}
                    )
        target.close()
        with pytest.raises(BlockingIOError):
            trap.accept()
        assert server.end(signal.SIGTERM) == 0
        assert "OUTGOING" not in server.printed


def test_the_hook_would_tell(trap):
    """The test above can fail."""
    port = trap.getsockname()[1]
    script = HOOK + f"import socket; socket.create_connection(('127.0.0.1', {port}))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "OUTGOING socket.connect" in done.stdout
    trap.accept()[0].close()
