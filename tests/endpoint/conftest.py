"""What the events endpoint does, in process and over a real socket: each test runs with both."""

import pytest
from transports import InProcess, OverHttp, over_http

TRANSPORTS = ("in process", "over HTTP")


@pytest.fixture(scope="module")
def target():
    with over_http() as target:
        yield target


@pytest.fixture(params=TRANSPORTS)
def endpoint(request):
    """The endpoint by either way, with worlds that no other test has used."""
    if request.param == "in process":
        return InProcess()
    return OverHttp(request.getfixturevalue("target"))


@pytest.fixture
def strict(endpoint):
    """The endpoint where violations are refused, for either client."""
    for key in (endpoint.key, endpoint.other_key):
        endpoint.settings(key, enforcement="reject")
    return endpoint
