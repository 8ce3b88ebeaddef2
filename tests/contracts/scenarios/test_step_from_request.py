"""A request as a step: what differs from a good client's headers, and never a secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.http.credentials import read_credentials
from contracts.http.request import Request
from contracts.scenarios.format import Scenario, requests_of
from contracts.scenarios.rule_examples import usual_headers
from contracts.scenarios.step_from_request import changed_headers, step_from_request
from contracts.worlds.policy import Policy

KEY = "sk_test_" + "secretsecret"


def test_a_good_clients_request_differs_in_nothing_but_its_idempotency_key():
    assert changed_headers(usual_headers(7, KEY).items()) == {
        "Hakuna-Idempotency-Key": "00000000-0000-4000-8000-000000000007"
    }


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"authorization": f"Bearer {KEY}"}, {}),
        ({"Authorization": KEY}, {"Authorization": "{key}"}),
        ({"Bearer": KEY}, {"Bearer": "{key}", "Authorization": None}),
        ({"Authorization": "Basic dXNlcjpwYXNz"}, {"Authorization": "Basic (removed)"}),
        ({"Authorization": f"Bearer {KEY}, Bearer sk_test_b"},
         {"Authorization": "Bearer {key}, Bearer {key}_other"}),
        ({"Authorization": f"Bearer {KEY}", "X-Api-Key": "hush"}, {"X-API-KEY": "(removed)"}),
        ({"Authorization": f"Bearer {KEY}", "Cookie": "session=hush"}, {}),
    ],
)  # fmt: skip
def test_credentials_are_named_and_never_kept(sent, kept):
    others = {n: v for n, v in usual_headers(7).items() if n != "Authorization"}
    changed = changed_headers({**others, **sent}.items())
    del changed["Hakuna-Idempotency-Key"]
    assert changed == kept


TOKENS = st.sampled_from(
    ["Bearer", "bearer", "Basic", KEY, "sk_test_", "sk_test_a-b", "pk_test_1", "dXNlcg==", ""]
)


@given(
    authorization=st.lists(TOKENS, max_size=3).map(" ".join),
    bearer=st.none() | st.lists(TOKENS, max_size=2).map(", ".join),
)
def test_what_was_refused_is_refused_again_for_the_same_reason(authorization, bearer):
    sent = {**usual_headers(1), "Authorization": authorization}
    sent |= {} if bearer is None else {"Bearer": bearer}
    step = step_from_request(sent.items(), b"{}")
    (again,) = requests_of(Scenario("again", (step,)), {"main": "sk_test_again"})

    def outcome(headers):
        request = Request("POST", "/sandbox/events", tuple(headers.items()), b"{}", 0, "e", "r")
        found = read_credentials(request, Policy())
        return found.problem, found.conflict, found.from_bearer_header

    assert outcome(again.headers) == outcome(sent)
