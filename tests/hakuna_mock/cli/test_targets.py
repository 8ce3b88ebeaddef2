"""The address of a server, as people give it."""

import pytest
from running_mock import running_mock


@pytest.mark.parametrize("path", ["", "/", "/sandbox", "/sandbox/events", "/sandbox/events/"])
@pytest.mark.parametrize(
    "args", [["play", "P{d:1}"], ["verify", "happy-return"], ["fuzz", "--max-examples", "1"]]
)
def test_the_address_of_the_endpoint_is_understood_as_that_of_its_server(run, args, path):
    with running_mock() as listening:
        ran = run(*args, "--target", f"{listening.url}{path}", "-q")
    assert (ran.code, "passed" in ran.out) == (0, True)


def test_fuzz_leaves_no_folder_of_hypothesis_behind(run, tmp_path):
    with running_mock() as listening:
        run("fuzz", "--max-examples", "2", "--target", listening.url)
    assert list(tmp_path.iterdir()) == []
