"""Bugs of credentials and routes."""

import re
from dataclasses import replace

from contracts.http import credentials
from contracts.judging import replies
from mock_server import app
from mock_server.http import judging
from mock_server.http.delivery_player import deliver
from mock_server.http.request_body import read_body
from mock_server.server_state import SERVER
from seeded_bugs import around, around_judge, before_effects, bug, case, closing, judge
from seeded_bugs.seams import no_short_way


def _keys(pattern):
    credentials.SANDBOX_KEY = re.compile(pattern)


def _read(new):
    """Credentials are read otherwise, wherever they are."""
    for module in (judge, judging):
        around(module, "read_credentials", new)


@bug("credentials")
def key_with_anything_behind():
    """A key is matched from its start only: what follows it is not looked at."""
    _keys(r"sk_test_[A-Za-z0-9_]+.*")


@bug("credentials")
def key_of_only_its_prefix():
    """`sk_test_` alone is taken for a key."""
    _keys(r"sk_test_[A-Za-z0-9_]*")


@bug("credentials")
def publishable_key():
    """Publishable keys authenticate, too."""
    _keys(r"[sp]k_test_[A-Za-z0-9_]+")


def _live_looked_for_in(*names):
    def read(old, request, policy):
        found = old(request, policy)
        sent = " ".join(request.header(name) or "" for name in names)
        if not found.live or "sk_live_" in sent:
            return found
        hidden = [pair for pair in request.headers if "sk_live_" not in pair[1]]
        return old(replace(request, headers=tuple(hidden)), policy)

    _read(read)


@bug("credentials")
def live_key_beside_a_good_one():
    """A live key in the `Bearer` header is overlooked where `Authorization` is good."""
    _live_looked_for_in("Authorization", "X-API-KEY")


@bug("credentials")
def live_key_in_the_legacy_header():
    """A live key in `X-API-KEY` is overlooked."""
    _live_looked_for_in("Authorization", "Bearer")


def _headers_changed(change):
    _read(
        lambda old, request, policy: old(
            replace(request, headers=tuple(change(request.headers))), policy
        )
    )


@bug("credentials")
def scheme_in_its_exact_case():
    """`bearer` in lowercase is not a scheme."""
    _headers_changed(
        lambda headers: [
            (name, value.replace("bearer ", "Digest ").replace("BEARER ", "Digest "))
            for name, value in headers
        ]
    )


@bug("credentials")
def scheme_not_needed():
    """A bare key in `Authorization` is enough."""
    _headers_changed(
        lambda headers: [
            (
                name,
                f"Bearer {value}"
                if value.startswith("sk_test_") and name == "Authorization"
                else value,
            )
            for name, value in headers
        ]
    )


@bug("credentials")
def any_scheme():
    """`Basic KEY` is as good as `Bearer KEY`."""
    _headers_changed(
        lambda headers: [(name, value.replace("Basic ", "Bearer ")) for name, value in headers]
    )


@bug("credentials")
def bearer_header_decides():
    """Of two keys the one in the `Bearer` header is used."""

    def read(old, request, policy):
        found = old(request, policy)
        bearer = request.header("Bearer")
        return replace(found, key=bearer) if found.conflict else found

    _read(read)


@bug("credentials")
def falls_back_to_the_other_header():
    """An unusable `Authorization` is forgiven where the `Bearer` header is good."""

    def read(old, request, policy):
        found = old(request, policy)
        if found.key or found.live:
            return found
        rest = [pair for pair in request.headers if pair[0] != "Authorization"]
        return old(replace(request, headers=tuple(rest)), policy)

    _read(read)


@bug("credentials")
def legacy_header_accepted():
    """`X-API-KEY` still works."""
    _headers_changed(
        lambda headers: [
            ("Bearer" if name == "X-API-KEY" else name, value) for name, value in headers
        ]
    )


@bug("credentials")
def conflict_unnoticed():
    """Two different keys in one request raise no finding."""
    _read(lambda old, request, policy: replace(old(request, policy), conflict=False))


@bug("credentials")
def no_challenge():
    """A 401 comes without `WWW-Authenticate`."""
    before_effects(
        lambda _case, verdict: replace(
            verdict,
            headers=tuple(header for header in verdict.headers if header[0] != "WWW-Authenticate"),
        )
    )


@bug("credentials")
def key_before_route():
    """Without a key even an unknown path is a 401."""

    def route(old, found):
        return found if found.credentials.problem and not found.on_route else old(found)

    around_judge("check_route", route)


def _on_route(new):
    """Other requests are taken for posts to the endpoint."""
    case.Case.on_route = property(lambda self: new(self.request))


@bug("routes")
def trailing_slash():
    """`/sandbox/events/` is the endpoint, too."""
    _on_route(
        lambda request: request.method == "POST" and request.path.rstrip("/") == replies.ENDPOINT
    )


@bug("routes")
def any_method():
    """PUT and PATCH post events as well."""
    _on_route(
        lambda request: (
            request.method in ("POST", "PUT", "PATCH") and request.path == replies.ENDPOINT
        )
    )


@bug("routes")
def path_in_any_case():
    """The path is compared without its case."""
    _on_route(lambda request: request.method == "POST" and request.path.lower() == replies.ENDPOINT)


@bug("routes")
def production_path_served():
    """`/events` works like `/sandbox/events`."""
    _on_route(
        lambda request: request.method == "POST" and request.path in ("/events", replies.ENDPOINT)
    )


@bug("routes")
def query_is_path():
    """A query behind the endpoint's path is a 404."""

    async def answer(request):
        server = request.app[SERVER]
        body = await read_body(request, server.settings.max_body)
        headers = tuple(request.headers.items())
        judged = await judging.judge_and_store(
            server, request.method, request.path_qs, headers, body
        )
        return await deliver(request, judged.delivery, judged.verdict.key)

    app.answer = answer
    no_short_way()


@bug("credentials")
def key_in_a_refusal():
    """A refusal repeats the key that was sent."""
    closing.mask_keys = str
    old = credentials._wrong_scheme
    credentials._wrong_scheme = lambda value: f"{old(value)}: {value}"
