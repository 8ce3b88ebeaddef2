"""A SQLite file as the state: what it refuses to open, a full disk, killed servers."""

import asyncio
import json
import os
import pwd
import resource
import signal
import sqlite3
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest
from server_mock import KEY, event
from server_processes import COMMAND, failed, running
from stores import Keeper, shown

from contracts.scenarios.rule_examples import usual_headers
from mock_server import Settings, create_app
from mock_server.http.judging import judge_and_store
from mock_server.http.request_body import ReadBody
from mock_server.server_state import SERVER
from mock_server.settings import SettingsError, read_settings
from mock_server.start_error import StartError
from mock_server.store.log.database import DatabaseError
from mock_server.store.log.sqlite import open_sqlite
from mock_server.store.opening import open_store
from mock_server.store.protocol import StoreUnavailableError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


def made(path):
    """A state file with nothing in it, closed."""
    open_sqlite(path).close()
    return path


def change(path, statement: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()


@contextmanager
def as_nobody(*owned):
    """Root may write everything: go on as somebody else, who owns these."""
    if os.getuid() != 0:
        yield
        return
    user = pwd.getpwnam("nobody")
    above = {
        parent: parent.stat().st_mode for parent in owned[-1].parents if parent.stat().st_uid == 0
    }
    for item in owned:
        os.chown(item, user.pw_uid, user.pw_gid)
    for item, mode in above.items():
        item.chmod(mode | 0o055)
    os.setresuid(user.pw_uid, user.pw_uid, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)
        for item, mode in above.items():
            item.chmod(mode)


class TestRefusals:
    """Each says why and what to do, and leaves the file as it was."""

    def refused(self, path) -> str:
        before = path.read_bytes() if path.is_file() else None
        settings = Settings(state=str(path))
        with pytest.raises(StartError) as caught:
            open_store(settings.state, settings.policy, settings.bounds)
        assert (path.read_bytes() if path.is_file() else None) == before
        return str(caught.value)

    def test_a_later_release_has_migrated_it(self, path):
        change(made(path), "UPDATE hakuna_mock_version SET version_num = '9999'")
        assert "later release" in self.refused(path)

    def test_a_later_release_writes_other_effects(self, path):
        change(made(path), "UPDATE hakuna_mock_head SET effects_version = 99")
        assert "later release" in self.refused(path)

    def test_a_database_of_somebody_else(self, path):
        change(path, "CREATE TABLE guests (name TEXT)")
        assert "not a state file of hakuna-mock" in self.refused(path)

    @pytest.mark.parametrize("content", [b"hello", b"SQLite format 3\0" + bytes(200), b"{}" * 900])
    def test_a_file_of_another_kind(self, path, content):
        path.write_bytes(content)
        assert "not a state file of hakuna-mock" in self.refused(path)

    def test_pages_that_were_overwritten(self, path):
        made(path)
        content = bytearray(path.read_bytes())
        content[4096:] = b"\x55" * (len(content) - 4096)
        path.write_bytes(content)
        assert "damaged" in self.refused(path)

    def test_a_row_that_was_changed(self, path):
        change(made(path), 'INSERT INTO hakuna_mock_log VALUES (1, NULL, \'[{"is": "Nothing"}]\')')
        change(path, "UPDATE hakuna_mock_head SET position = 1")
        assert "position 1 is damaged" in self.refused(path)

    def test_a_row_that_is_missing(self, path):
        change(made(path), "UPDATE hakuna_mock_head SET position = 7")
        assert "ends at position 0, its head says 7" in self.refused(path)

    def test_a_folder(self, tmp_path):
        assert "directory" in self.refused(tmp_path)

    def test_a_folder_that_is_not_there(self, tmp_path):
        assert "there is no folder" in self.refused(tmp_path / "nowhere" / "state.db")

    @pytest.mark.parametrize("what", ["the file", "its folder"])
    def test_what_this_user_may_not_write(self, path, what):
        made(path)
        folder = path.parent
        path.chmod(0o400 if what == "the file" else 0o600)
        folder.chmod(0o500 if what == "its folder" else 0o700)
        with as_nobody(path, folder):
            message = self.refused(path)
        folder.chmod(0o700)
        assert "cannot be written by this user" in message

    def test_a_second_process(self, path, tmp_path):
        first = open_sqlite(path)
        done = failed((*COMMAND, "--port", "0"), tmp_path, state=str(path))
        first.close()
        assert done.returncode == 2
        assert "another process uses it" in done.stderr

    @pytest.mark.parametrize("state", ["mysql://host/db", "sqlite:///x.db", "postgresql://host"])
    def test_what_is_no_target(self, monkeypatch, state):
        monkeypatch.setenv("HAKUNA_MOCK_STATE", state)
        with pytest.raises(SettingsError, match="HAKUNA_MOCK_STATE"):
            read_settings()


def post(url: str, body, number: int) -> tuple[int, dict]:
    headers = usual_headers(number, KEY)
    asked = urllib.request.Request(
        url + "/sandbox/events", json.dumps(body).encode(), headers, method="POST"
    )
    return answered(asked)


def get(url: str, path: str) -> tuple[int, dict]:
    return answered(f"{url}/_mock/v1{path}")


def answered(asked) -> tuple[int, dict]:
    try:
        with urllib.request.urlopen(asked, timeout=20) as reply:
            return reply.status, json.loads(reply.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def wait_until(condition) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def test_a_full_disk_stores_nothing_and_goes_on_when_there_is_room(path, tmp_path):
    with running(COMMAND, tmp_path, state=str(path)) as server:
        url = server.here["url"]
        assert post(url, event("P#1{d:1}"), 1)[0] == 200
        # No file of this process may grow beyond what is there: like a disk without room.
        size = max(item.stat().st_size for item in tmp_path.glob("state.db*"))
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        statuses = []
        for number in range(2, 200):  # a log that was just folded into its file has room for some
            statuses.append(post(url, event(f"P#{number}{{d:1}}"), number))
            # Where an event has no room any more, what the server tries it out with still may.
            of_health = get(url, "/health")
            if statuses[-1][0] != 200 and of_health[0] != 200:
                break
        status, body = statuses[-1]
        assert (status, body["error"]["error_code"]) == (503, "unavailable")
        assert "nothing was stored" in body["error"]["validation_errors"][0]
        refused = [number for number, (status, _) in enumerate(statuses, 2) if status == 503]
        assert (of_health[0], of_health[1]["status"]) == (503, "unavailable")
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        wait_until(lambda: get(url, "/health")[0] == 200)
        kept = {row["order_id"] for row in get(url, "/orders")[1]}
        sent = range(1, len(statuses) + 2)
        assert kept == {f"ord-{n}" for n in sent if n not in refused}
        assert post(url, event(f"P#{refused[0]}{{d:1}}"), refused[0])[0] == 200
        assert "can be written again" in server.printed


async def test_a_commit_that_fails_takes_everything_back(states):
    store = states.open(states.new("sqlite"))
    keeper = Keeper(store)
    await keeper.play("P{d:2}")
    before = shown(await store.read())
    append = store.database.append

    def full(*_):
        raise DatabaseError("database or disk is full")

    store.database.append = full
    with pytest.raises(StoreUnavailableError, match="disk is full"):
        await keeper.decide(event("F{d:1}"))
    store.database.append = append
    for _ in range(100):
        if store.problem is None:
            break
        await asyncio.sleep(0.05)
    assert shown(await store.read()) == before
    assert (await keeper.decide(event("F{d:1}"))).status == 200


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_what_was_acknowledged_is_there_after_the_server_ended(path, tmp_path, number):
    with running(COMMAND, tmp_path, state=str(path)) as server:
        ids = [post(server.here["url"], event(f"P#{n}{{d:1}}"), n)[1] for n in range(1, 6)]
        server.end(number)
    server.ready.unlink(missing_ok=True)
    with running(COMMAND, tmp_path, state=str(path)) as again:
        rows = get(again.here["url"], "/events")[1]
        assert [{"event_id": row["event_id"]} for row in rows] == ids
        replayed = post(again.here["url"], event("P#1{d:1}"), 1)
        assert replayed == (200, ids[0])
        assert get(again.here["url"], "/events?limit=1&after=5")[1] == []


def test_no_key_is_on_the_disk(path, tmp_path):
    with running(COMMAND, tmp_path, state=str(path)) as server:
        post(server.here["url"], event("P#1{d:1}"), 1)
    secret = KEY.removeprefix("sk_test_").encode()
    for file in tmp_path.glob("state.db*"):
        assert secret not in file.read_bytes(), file


async def test_a_seed_gives_no_id_twice_over_a_restart(path):
    ids = []
    for _ in range(2):
        app = create_app(Settings(state=str(path), seed=7))
        server = app[SERVER]
        for number in range(1, 4):
            headers = tuple(usual_headers(len(ids) + number, KEY).items())
            body = ReadBody(json.dumps(event(f"P#{len(ids) + number}{{d:1}}")).encode())
            judged = await judge_and_store(server, "POST", "/sandbox/events", headers, body)
            ids.append(judged.verdict.event_id)
        await server.store.close()
    assert len(set(ids)) == 6


def test_scenarios_are_loaded_into_a_new_state_only(path, tmp_path):
    counts = []
    for _ in range(2):
        (tmp_path / "ready.json").unlink(missing_ok=True)
        with running(COMMAND, tmp_path, "--load", "happy-return", state=str(path)) as server:
            counts.append(len(get(server.here["url"], "/events")[1]))
            server.end(signal.SIGTERM)
    assert counts == [3, 3]
    assert "--load is passed over" in server.printed


@pytest.mark.parametrize(
    ("state", "extra"), [("mock.db", "sqlite"), ("postgresql://host/db", "postgres")]
)
def test_without_its_libraries_the_extra_is_named(tmp_path, monkeypatch, state, extra):
    monkeypatch.chdir(tmp_path)
    for name in [module for module in sys.modules if module.startswith("mock_server.store.log")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(StartError, match=rf"pip install 'hakuna-mock\[{extra}\]'"):
        open_store(state, Settings().policy, Settings().bounds)
    assert list(tmp_path.iterdir()) == []
