"""Who is asking: both header forms, three modes, masks, and live keys that nobody gets to see."""

import json

import page
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutants import EVENTS, pointers, replaced
from plays import Shop, code, errors, every_text, header, played, rules_of
from strangers import LIVE_KEY

from contracts import Auth, Policy
from contracts.http.credentials import mask, mask_keys, read_credentials, without_live_keys

KEY = page.KEY
OTHER = "sk_test_" + "other"
SHORT = "sk_test_" + "a"


def sent(*headers: tuple[str, str], policy: Policy | None = None, **parts):
    shop = Shop(policy or Policy())
    return shop.send(page.PLACEMENT, headers=headers, **parts)


def credentials(*headers: tuple[str, str], policy: Policy | None = None):
    return read_credentials(Shop().request("", headers=headers), policy or Policy())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Authorization", f"Bearer {KEY}"),
        ("authorization", f"bearer {KEY}"),
        ("AUTHORIZATION", f"BEARER {KEY}"),
        ("Authorization", f"Bearer   {KEY}"),
        ("Authorization", f"  Bearer {KEY}\t"),
        ("Bearer", KEY),
        ("bearer", KEY),
        ("BEARER", f" {KEY} "),
    ],
)
def test_both_forms_carry_the_key_whatever_the_case_and_the_blanks_around(name, value):
    assert credentials((name, value)).key == KEY


@pytest.mark.parametrize("key", [SHORT, "sk_test_" + "A_b_9", "sk_test_" + "x" * 500])
def test_a_sandbox_key_is_its_prefix_and_one_or_more_letters_digits_or_underscores(key):
    assert credentials(("Bearer", key)).key == key


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ([], "no API key was sent"),
        ([("Bearer", "")], "no API key was sent"),
        ([("X-API-KEY", KEY)], "was sent as X-API-KEY"),
        ([("Authorization", "")], "the Authorization header is empty"),
        ([("Authorization", "Bearer")], "has no key after its scheme"),
        ([("Authorization", "Bearer ")], "has no key after its scheme"),
        ([("Authorization", KEY)], "without the word Bearer before it"),
        ([("Authorization", f"Basic {KEY}")], "does not start with the word Bearer"),
        ([("Authorization", f"Bearer:{KEY}")], "does not start with the word Bearer"),
        ([("Authorization", f"Bearer Bearer {KEY}")], "repeats the word Bearer"),
        (
            [("Authorization", f"Bearer {KEY}"), ("Authorization", f"Bearer {KEY}")],
            "more than once",
        ),
        ([("Authorization", "Bearer pk_test_" + "abc")], "publishable key"),
        ([("Authorization", "Bearer sk_test_")], "without a key after it"),
        ([("Authorization", "Bearer sk_test_" + "a-b")], "does not hold a sandbox key"),
        ([("Authorization", "Bearer SK_TEST_" + "ab")], "does not hold a sandbox key"),
        ([("Authorization", "Bearer sk_test_" + "ab\u0660")], "does not hold a sandbox key"),
        ([("Bearer", f"Bearer {KEY}")], "repeats the word Bearer"),
        ([("Bearer", "token")], "the Bearer header does not hold a sandbox key"),
    ],
)
def test_without_a_usable_key_the_answer_is_401_and_says_why(headers, words):
    verdict = sent(*headers)
    assert verdict.status == 401
    assert code(verdict) == "unauthorized"
    assert rules_of(verdict) == ["auth-invalid"]
    assert words in errors(verdict)[0]
    assert header(verdict, "WWW-Authenticate") == "Bearer"
    assert verdict.key is None


class TestTwoHeaders:
    def test_equal_keys_are_no_conflict(self):
        found = credentials(("Authorization", f"Bearer {KEY}"), ("Bearer", KEY))
        assert (found.key, found.conflict, found.from_bearer_header) == (KEY, False, False)

    @pytest.mark.parametrize("other", [OTHER, "nonsense"])
    def test_of_different_keys_authorization_decides_and_a_warning_says_so(self, other):
        verdict = sent(("Authorization", f"Bearer {KEY}"), ("Bearer", other))
        assert verdict.status == 200
        assert verdict.key == KEY
        assert "auth-credentials-conflict" in rules_of(verdict)

    @pytest.mark.parametrize("bad", ["", "Basic abc", f"Bearer {KEY}x-", KEY])
    def test_an_unusable_authorization_is_401_even_beside_a_good_bearer_header(self, bad):
        verdict = sent(("Authorization", bad), ("Bearer", KEY))
        assert verdict.status == 401
        (message,) = errors(verdict)
        assert "the Authorization header" in message
        assert "the Bearer header beside it is good" in message
        assert "send only one of the two headers" in message

    def test_two_bad_headers_are_explained_by_the_one_that_decides(self):
        (message,) = errors(sent(("Authorization", "Basic x"), ("Bearer", "y")))
        assert "beside it" not in message


class TestModes:
    @pytest.mark.parametrize(
        ("auth", "name", "status"),
        [
            (Auth.BOTH, "Authorization", 200),
            (Auth.BOTH, "Bearer", 200),
            (Auth.AUTHORIZATION, "Authorization", 200),
            (Auth.AUTHORIZATION, "Bearer", 401),
            (Auth.BEARER_HEADER, "Authorization", 401),
            (Auth.BEARER_HEADER, "Bearer", 200),
        ],
    )
    def test_each_mode_takes_its_own_headers(self, auth, name, status):
        value = KEY if name == "Bearer" else f"Bearer {KEY}"
        verdict = sent((name, value), policy=Policy(auth=auth))
        assert verdict.status == status
        if status == 401:
            assert f"only in the other header (--auth {auth})" in errors(verdict)[0]

    def test_a_header_that_the_mode_ignores_makes_no_conflict(self):
        both = (("Authorization", f"Bearer {KEY}"), ("Bearer", OTHER))
        only = credentials(*both, policy=Policy(auth=Auth.AUTHORIZATION))
        assert (only.key, only.conflict) == (KEY, False)
        other = credentials(*both, policy=Policy(auth=Auth.BEARER_HEADER))
        assert (other.key, other.conflict) == (OTHER, False)

    def test_where_only_the_bearer_header_is_taken_nobody_is_told_to_send_the_other_one(self):
        verdict = sent(("Bearer", KEY), policy=Policy(auth=Auth.BEARER_HEADER))
        assert not [finding.fix for finding in verdict.findings if "Authorization" in finding.fix]

    def test_an_unusable_authorization_does_not_matter_where_it_is_ignored(self):
        found = credentials(
            ("Authorization", "Basic x"), ("Bearer", KEY), policy=Policy(auth=Auth.BEARER_HEADER)
        )
        assert found.key == KEY


class TestAllowList:
    policy = Policy(api_keys=frozenset({KEY, SHORT}))

    @pytest.mark.parametrize("key", [KEY, SHORT])
    def test_a_listed_key_is_accepted(self, key):
        assert sent(("Authorization", f"Bearer {key}"), policy=self.policy).status == 200

    def test_another_key_is_401_and_shown_masked_only(self):
        stranger = KEY[:-1] + "Z"
        verdict = sent(("Authorization", f"Bearer {stranger}"), policy=self.policy)
        assert verdict.status == 401
        assert "sk_test_…p7dZ, which this server was not told to accept" in errors(verdict)[0]
        assert stranger not in " ".join(every_text(verdict))

    def test_a_live_key_on_the_list_is_refused_all_the_same(self):
        policy = Policy(api_keys=frozenset({LIVE_KEY}))
        assert sent(("Authorization", f"Bearer {LIVE_KEY}"), policy=policy).status == 401


class TestLiveKeys:
    @pytest.mark.parametrize(
        "headers",
        [
            [("Authorization", f"Bearer {LIVE_KEY}")],
            [("Authorization", LIVE_KEY)],
            [("Bearer", LIVE_KEY)],
            [("X-API-KEY", LIVE_KEY)],
            [("Authorization", f"Bearer {KEY}"), ("Bearer", LIVE_KEY)],
            [("Authorization", f"Bearer {KEY}"), ("X-API-KEY", LIVE_KEY)],
        ],
    )
    def test_one_anywhere_is_401_and_explained(self, headers):
        verdict = sent(*headers)
        assert verdict.status == 401
        assert rules_of(verdict) == ["auth-environment-mismatch"]
        assert "a live key was sent to a sandbox" in errors(verdict)[0]
        assert LIVE_KEY not in repr(verdict)

    @pytest.mark.parametrize("auth", list(Auth))
    def test_one_is_refused_in_every_mode_even_where_the_header_is_ignored(self, auth):
        headers = (("Authorization", f"Bearer {LIVE_KEY}"), ("Bearer", KEY))
        assert sent(*headers, policy=Policy(auth=auth)).status == 401

    def test_one_at_the_production_path_is_404_and_explained(self):
        verdict = sent(("Authorization", f"Bearer {LIVE_KEY}"), path="/events")
        assert verdict.status == 404
        assert rules_of(verdict) == ["auth-environment-mismatch", "production-path"]
        assert LIVE_KEY not in repr(verdict)

    @pytest.mark.parametrize("event", EVENTS, ids=lambda event: event["type"])
    def test_one_in_a_body_comes_back_in_no_reply_message_or_fix(self, event):
        for pointer in pointers(event):
            shop = Shop()
            shop.send(page.PLACEMENT)
            verdict = shop.send(replaced(event, pointer, LIVE_KEY))
            message = [finding.message + finding.fix for finding in verdict.findings]
            assert LIVE_KEY not in json.dumps([verdict.body, verdict.headers, message])

    def test_one_as_a_product_id_comes_back_in_no_hint(self):
        shop = played(f'P{{"l"="{LIVE_KEY}":1, p:1>"l"}} F{{"{LIVE_KEY}":1}} F{{"{LIVE_KEY}x":1}}')
        assert not [item for item in shop.log if LIVE_KEY in item.message + item.fix]

    def test_a_body_is_kept_without_them(self):
        kept = without_live_keys(f'{{"note": "{LIVE_KEY}", "key": "{KEY}"}}'.encode())
        assert kept == f'{{"note": "sk_{"live_"}(removed)", "key": "{KEY}"}}'.encode()


@pytest.mark.parametrize(
    ("key", "masked"),
    [
        (KEY, "sk_test_…p7dc"),
        (LIVE_KEY, "sk_" + "live_…Wv63"),
        (SHORT, "sk_test_…"),
        ("sk_test_" + "x" * 11, "sk_test_…"),
        ("sk_test_" + "x" * 12, "sk_test_…xxxx"),
        ("some other secret", "…cret"),
        ("short", "…"),
        ("", "…"),
    ],
)
def test_a_mask_shows_the_prefix_and_at_most_the_last_four(key, masked):
    assert mask(key) == masked


@pytest.mark.parametrize(
    "around", ["{}", "key={}", "'{}'", "/{}/", "a {} b", '"{}",', "v2.0{}", "x{}", "_{}"]
)
def test_every_key_in_a_text_is_masked_whatever_stands_around_it(around):
    masked = mask_keys(around.format(LIVE_KEY))
    assert LIVE_KEY[-10:] not in masked


ESCAPES = st.sampled_from(["\\u00{:02x}", "\\u00{:02X}", "\\\\u00{:02x}", "\\\\\\\\u00{:02x}"])


@given(
    st.sampled_from([LIVE_KEY, KEY, "pk_live_" + "x1" * 8]),
    st.sets(st.integers(0, 40), min_size=1),
    ESCAPES,
)
def test_a_key_is_masked_whichever_of_its_letters_json_escapes(key, places, escape):
    escaped = "".join(
        escape.format(ord(letter)) if place in places else letter
        for place, letter in enumerate(key)
    )
    text = f'{{"note": "a {escaped} b"}}'
    assert mask_keys(text) == f'{{"note": "a {mask(key)} b"}}'
    kept = without_live_keys(text.encode()).decode()
    assert kept == ('{"note": "a sk_live_(removed) b"}' if key is LIVE_KEY and places else text)


def test_the_words_about_keys_stay_readable():
    text = "send Authorization: Bearer sk_test_… (sk_test_ and then letters)"
    assert mask_keys(text) == text


HEADER_NAMES = (
    "Authorization",
    "Bearer",
    "X-API-KEY",
    "Hakuna-Version",
    "Hakuna-Idempotency-Key",
    "Content-Type",
)
SECRETS = st.builds(
    lambda kind, secret: f"{kind}_{secret}",
    st.sampled_from(["sk_test", "sk_live", "pk_test", "pk_live"]),
    st.text("abcXYZ019", min_size=12, max_size=24),
)
SPELLINGS = st.sampled_from(["{}", "Bearer {}", "Basic {}", "{},{}", "v2.0{}", "x-{}", '"{}"'])


@settings(deadline=None)
@given(
    SECRETS,
    st.lists(st.tuples(st.sampled_from(HEADER_NAMES), SPELLINGS), max_size=4),
    st.sampled_from(["/sandbox/events", "/events", "/sandbox/{}", "/{}/events", "/x{}"]),
    st.sampled_from([Policy(), Policy(api_keys=frozenset({OTHER}))]),
)
def test_no_reply_header_or_finding_contains_a_key_that_was_sent(secret, headers, path, policy):
    verdict = sent(
        *((name, spelling.format(secret, secret)) for name, spelling in headers),
        policy=policy,
        path=path.format(secret),
    )
    for text in every_text(verdict):
        assert secret not in text
