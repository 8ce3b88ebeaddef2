"""The ready file is there while the server listens, and touches nothing but itself."""

import json
import os
import socket

import pytest

from mock_server.ready_file import ready_file
from mock_server.start_error import StartError


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_appears_whole_and_goes_with_the_server(tmp_path):
    path = tmp_path / "ready"
    with ready_file(path) as publish:
        assert not path.exists()
        publish("content")
        assert path.read_text() == "content"
        assert path.stat().st_mode & 0o777 == 0o644
        assert names(tmp_path) == ["ready"]
    assert names(tmp_path) == []


def test_a_start_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError), ready_file(tmp_path / "ready"):
        raise RuntimeError
    assert names(tmp_path) == []


def test_links_are_replaced_and_not_followed(tmp_path):
    target = tmp_path / "target"
    target.write_text("mine")
    for name in ("ready", "ready.part"):
        (tmp_path / name).symlink_to(target)
    with ready_file(tmp_path / "ready") as publish:
        publish("content")
        assert not (tmp_path / "ready").is_symlink()
    assert target.read_text() == "mine"
    assert names(tmp_path) == ["ready.part", "target"]


def test_what_another_server_put_there_meanwhile_stays(tmp_path):
    path = tmp_path / "ready"
    with ready_file(path) as publish:
        publish("content")
        path.write_text("another's")
    assert path.read_text() == "another's"


def test_a_file_of_a_server_that_runs_stays_until_this_one_listens(tmp_path):
    path = tmp_path / "ready"
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        path.write_text(json.dumps({"url": url, "pid": os.getppid()}))
        with ready_file(path):
            assert path.exists()
        path.write_text(json.dumps({"url": url, "pid": os.getpid()}))
        with ready_file(path):
            assert not path.exists(), "in a container every server has the number 1"


@pytest.mark.parametrize("content", ["junk", "[]", '{"url": 5, "pid": 1}', '{"url": "http://:x"}'])
def test_anything_else_is_removed_at_once(tmp_path, content):
    (tmp_path / "ready").write_text(content)
    with ready_file(tmp_path / "ready"):
        assert not (tmp_path / "ready").exists()


@pytest.mark.parametrize("name", ["missing/ready", ".", "/", "", "a\0b"])
def test_a_place_that_cannot_be_written_is_an_error_before_the_start(tmp_path, name):
    with pytest.raises(StartError, match="cannot write --ready-file"), ready_file(tmp_path / name):
        pass
