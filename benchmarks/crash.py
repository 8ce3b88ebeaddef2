"""Kill what keeps the state, under load, again and again, and see whether anything is lost.

    python benchmarks/crash.py                       100 kills of each kind
    python benchmarks/crash.py --kills 5 --only sqlite

`sqlite`: `kill -9` of the server on its file. `replica`: `kill -9` of one of two servers on one
PostgreSQL. `database`: the immediate shutdown of that PostgreSQL, with two servers on it.

Clients place, ship and refund orders, each event under an idempotency key of its own. Whatever gets
no 200 is sent again, same key and same body, until it gets one. After each kill:

- lost: events that were acknowledged and are not in the list of events
- doubled: events that are there more than once, or ids that two events share
- half: orders that are not what their events make of them, and what `state check` finds besides
- changed: keys that were answered with two different event ids
"""

import argparse
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from postgres_cluster import Cluster, postgres_programs  # noqa: E402

from contracts.scenarios.rule_examples import usual_headers  # noqa: E402
from contracts.shorthand import bodies  # noqa: E402

CLIENTS = 8
KILLS_A_STATE = 10
"""After so many kills a new state is begun, for a long log takes longer to start over."""
SERVE = (sys.executable, "-m", "hakuna_mock", "serve", "--log-format", "quiet")
PATIENCE = 60.0
STEPS = ("P#{n}{{d:2, p:2>d}}", "F#{n}{{d:2}}", "R#{n}{{d:1, p:1}}@5")
KINDS = ("order_placed", "order_fulfillment_added", "order_refund_added")
CONTROL = "/_mock/v1"

Connections = dict[int, http.client.HTTPConnection]


@dataclass
class Row:
    """What came of all kills of one kind."""

    kind: str
    kills: int = 0
    acknowledged: int = 0
    unanswered: int = 0
    lost: int = 0
    doubled: int = 0
    half: int = 0
    changed: int = 0
    seconds: float = 0.0

    @property
    def faultless(self) -> bool:
        """Whether nothing went wrong that must not."""
        return not (self.lost or self.doubled or self.half or self.changed)


class Server:
    """A server process that is started again on the same port."""

    def __init__(self, state: str, folder: Path, name: str) -> None:
        self._command = [*SERVE, "--state", state]
        self._ready = folder / f"{name}.json"
        self._log = folder / f"{name}.log"
        self.port = 0
        self.start()

    def start(self) -> None:
        """Start it, and wait until it listens."""
        self._ready.unlink(missing_ok=True)
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with self._log.open("ab") as log:
            self.popen = subprocess.Popen(
                [*self._command, "--port", str(self.port), "--ready-file", str(self._ready)],
                stdout=subprocess.DEVNULL,
                stderr=log,
                env=environment,
            )
        deadline = time.monotonic() + PATIENCE
        while not self._ready.exists():
            if self.popen.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the server did not start: {self._log.read_text()[-2000:]}")
            time.sleep(0.02)
        self.port = int(json.loads(self._ready.read_text())["url"].rsplit(":", 1)[1])

    def kill(self) -> None:
        """End it at once."""
        self.popen.kill()
        self.popen.wait()

    def end(self) -> None:
        """End it politely."""
        if self.popen.poll() is None:
            self.popen.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.popen.wait(15)
        self.kill()


@dataclass
class Round:
    """What the clients sent and heard between two kills, under a key of its own."""

    ports: list[int]
    number: int
    key: str = ""
    answers: dict[tuple[int, int], set[str]] = field(default_factory=dict)
    unanswered: set[tuple[int, int]] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.key = f"sk_test_crash{self.number}"
        self.stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._client, args=(item,), daemon=True)
            for item in range(CLIENTS)
        ]

    def start(self) -> None:
        """Let the clients begin."""
        for thread in self._threads:
            thread.start()

    @property
    def heard(self) -> set[str]:
        """The ids that were answered so far."""
        return {item for ids in list(self.answers.values()) for item in ids}

    def finish(self) -> None:
        """Let each client come to the end of its order."""
        self.stopping.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        self.failed += [
            f"client {thread.name} hangs" for thread in self._threads if thread.is_alive()
        ]

    def _client(self, number: int) -> None:
        connections: Connections = {}
        order = number
        while not self.stopping.is_set():
            for step in range(len(STEPS)):
                self._send(connections, order, step)
            order += CLIENTS

    def _send(self, connections: Connections, order: int, step: int) -> None:
        body = json.dumps(bodies(STEPS[step].format(n=order))[0])
        headers = {
            **usual_headers(0, self.key),
            "Hakuna-Idempotency-Key": f"{self.number}-{order}-{step}",
        }
        deadline = time.monotonic() + PATIENCE
        turn = order + step
        while time.monotonic() < deadline:
            port = self.ports[turn % len(self.ports)]
            turn += 1
            try:
                connection = connections.setdefault(
                    port, http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                )
                connection.request("POST", "/sandbox/events", body, headers)
                reply = connection.getresponse()
                text = reply.read()
            except (OSError, http.client.HTTPException):
                connections.pop(port).close()
                self.unanswered.add((order, step))
                time.sleep(0.02)
                continue
            if reply.status == 200:
                self.answers.setdefault((order, step), set()).add(json.loads(text)["event_id"])
                return
            self.unanswered.add((order, step))
            if reply.status != 503:
                self.failed.append(f"{reply.status} {text[:200]!r}")
                return
            time.sleep(0.02)
        self.failed.append(f"no answer for order {order}, step {step}")

    def ask_again(self) -> None:
        """Send a part of what was accepted again, as a client that lost the reply does."""
        connections: Connections = {}
        for order, step in random.sample(sorted(self.answers), min(20, len(self.answers))):
            self._send(connections, order, step)


def listed(port: int, path: str, key: str) -> Iterator[dict]:
    """All rows of a list of the control API."""
    after = "0"
    while after:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {key}"}
        connection.request("GET", f"{CONTROL}{path}?limit=1000&after={after}", headers=headers)
        reply = connection.getresponse()
        text = reply.read()
        connection.close()
        if reply.status != 200:
            raise SystemExit(f"{path}: {reply.status} {text[:300]!r}")
        yield from json.loads(text)
        after = reply.headers.get("Hakuna-Mock-Next", "")


def judged(row: Row, done: Round, heard_before: set[str]) -> None:
    """Hold what the servers tell against what the clients heard; what they heard before the kill
    was looked for once already, before anything was sent again.
    """
    if done.failed:
        raise SystemExit(f"{row.kind}: {done.failed[:3]}")
    for port in done.ports:
        events = list(listed(port, "/events", done.key))
        ids = Counter(event["event_id"] for event in events)
        heard = {item for ids in done.answers.values() for item in ids}
        row.lost += len((heard | heard_before) - set(ids))
        row.doubled += sum(times - 1 for times in ids.values())
        seen = Counter((event["order_id"], event["type"]) for event in events)
        row.doubled += sum(times - 1 for times in seen.values())
        expected = {f"ord-{order}" for order, _ in done.answers}
        for order in listed(port, "/orders", done.key):
            line = order["lines"][0]
            steps = sum((order["order_id"], kind) in seen for kind in KINDS)
            told = (line["ordered"], line["fulfilled"], line["refunded"])
            row.half += told != (2, 2 * (steps > 1), steps > 2)
            expected.discard(order["order_id"])
        row.half += len(expected)
    row.changed += sum(len(ids) > 1 for ids in done.answers.values())
    row.acknowledged += len(done.answers)
    row.unanswered += len(done.unanswered)


def run(kind: str, kills: int, tell: Callable[[str], None]) -> Row:
    """Kill so many times; what came of it."""
    row = Row(kind)
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hakuna-mock-crash-")))
        cluster = None
        if kind != "sqlite":
            programs = postgres_programs()
            if programs is None:
                raise SystemExit("there is no PostgreSQL: apt-get install postgresql")
            cluster = Cluster(programs)
            stack.callback(cluster.end)
        while row.kills < kills:
            state = cluster.database() if cluster else str(folder / f"state-{row.kills}.db")
            some = min(KILLS_A_STATE, kills - row.kills)
            _kill_again_and_again(row, state, cluster, folder, some)
            row.half += _contradictions(state)
            tell(f"{kind}: {row.kills} of {kills} kills, {row.acknowledged} acknowledged")
    row.seconds = round(time.monotonic() - began, 1)
    return row


def _kill_again_and_again(
    row: Row, state: str, cluster: Cluster | None, folder: Path, kills: int
) -> None:
    """Kill so many times over one state."""
    names = ("one",) if cluster is None else ("one", "two")
    with ExitStack() as stack:
        servers = [Server(state, folder, name) for name in names]
        for server in servers:
            stack.callback(server.end)
        for _ in range(kills):
            done = Round([server.port for server in servers], row.kills + 1)
            done.start()
            time.sleep(random.uniform(0.1, 0.4))
            if cluster is not None and row.kind == "database":
                cluster.stop("immediate")
                heard = done.heard
                cluster.start()
            else:
                killed = servers[row.kills % len(servers)]
                killed.kill()
                heard = done.heard
                killed.start()
            wait_for_health(servers)
            stored = {item["event_id"] for item in listed(servers[0].port, "/events", done.key)}
            row.lost += len(heard - stored)
            done.finish()
            done.ask_again()
            row.kills += 1
            judged(row, done, heard)


def _contradictions(state: str) -> int:
    """What `hakuna-mock state check` finds in a state that nobody uses any more."""
    command = [sys.executable, "-m", "hakuna_mock", "state", "check", state]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, "--output-format", "json"], env=environment, capture_output=True, check=False
    )
    if not done.stdout:
        raise SystemExit(f"state check: {done.stderr.decode()[-1000:]}")
    return len(json.loads(done.stdout)["problems"])


def wait_for_health(servers: list[Server]) -> None:
    """Wait until every server says that it is well."""
    deadline = time.monotonic() + PATIENCE
    for server in servers:
        while True:
            with suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
                connection.request("GET", f"{CONTROL}/health")
                status = connection.getresponse().status
                connection.close()
                if status == 200:
                    break
            if time.monotonic() > deadline:
                raise SystemExit("a server did not become well again")
            time.sleep(0.05)


def main() -> int:
    """Print the table; 1 where something was lost, doubled, half or changed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--only", choices=("sqlite", "replica", "database"))
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()

    def tell(text: str) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{text}\033[K")

    kinds = [told.only] if told.only else ["sqlite", "replica", "database"]
    names = list(asdict(Row("")))
    if not told.json:
        print("| " + " | ".join(names) + " |")
        print("|" + "---|" * len(names))
    rows = []
    for kind in kinds:
        rows.append(run(kind, told.kills, tell))
        if not told.json:
            values = [str(value) for value in asdict(rows[-1]).values()]
            print("| " + " | ".join(values) + " |", flush=True)
    if told.json:
        print(json.dumps([asdict(row) for row in rows]))
    return 0 if all(row.faultless for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
