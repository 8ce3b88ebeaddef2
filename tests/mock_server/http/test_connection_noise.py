"""Random bytes, and good requests with random damage: an answer or a clean close, whatever comes.

One server takes all of it. What it stored must be exactly what it answered with 200.
"""

import json
import urllib.request

import pytest
from damaged_requests import damaged, noise
from hypothesis import event as note
from hypothesis import given, settings
from other_validator import jsonschema_validator
from running_mock import running_mock
from server_mock import event
from server_sockets import request, say_now

STATUSES = {200, 400, 401, 403, 404}


class Watched:
    """The server under noise, and what it has claimed to have stored."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.port = int(url.rsplit(":", 1)[1])
        self.claimed: set[str] = set()

    def told(self, path: str):
        with urllib.request.urlopen(f"{self.url}/_mock/v1{path}", timeout=10) as reply:
            return json.load(reply)

    def take(self, data: bytes) -> list[int]:
        """Send it, and hold the server to its word; the statuses it answered."""
        replies = say_now(self.port, data)
        for reply in replies:
            assert reply.status in STATUSES
            if reply.status == 200:
                self.claimed.add(reply.json["event_id"])
            elif reply.body and reply.status != 403:  # of /_mock, which chance may find
                assert jsonschema_validator("error").is_valid(reply.json)
        assert self.told("/health")["events"] == len(self.claimed)
        return [reply.status for reply in replies]


@pytest.fixture(scope="module")
def watched():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mock_server.http.connection.HEAD_SECONDS", 0.02)
        patch.setattr("mock_server.http.request_body.STALL_SECONDS", 0.02)
        patch.setattr("mock_server.app.LINGER_SECONDS", 0.02)
        with running_mock() as here:
            yield Watched(here.url)


@settings(max_examples=200)
@given(data=noise())
def test_noise_is_answered_or_left_and_stores_only_what_was_answered_with_200(watched, data):
    note(str(watched.take(data)))


@settings(max_examples=300)
@given(data=damaged())
def test_a_damaged_request_gets_one_of_four_statuses_and_stores_only_what_it_says(watched, data):
    note(str(watched.take(data)))


def test_after_all_that_the_world_is_in_order(watched):
    before = watched.told("/health")["events"]
    watched.take(request(json.dumps(event("P#sane{d:1}")).encode()))
    assert watched.told("/health")["events"] == before + 1
    assert watched.told("/orders/ord-sane")["status"] == "placed"
