"""The record of one world: bounded by count and by bytes, masked on entry, rendered when read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from server_entries import entry
from server_mock import KEY, LIVE_KEY

from contracts.http.credentials import without_live_keys
from contracts.worlds.journal import BYTES_PER_WORLD, Journal, masked_headers

CREDENTIAL_HEADERS = ("Authorization", "Bearer", "X-API-KEY", "Proxy-Authorization", "Cookie")
FORMS = (
    "{}",
    "Bearer {}",
    "bearer   {}",
    "Basic {}",
    "{} ",
    "{} and more",
    "{0} {0}",
    "{0}, {0}",
    "session={}; a=b",
    "a=b; session={}",
    '"{}"',
    "Bearer\t{}",
    "key:{}",
)


def filled(journal: Journal, *sizes: int) -> list[int]:
    """The numbers of the entries that are kept, counted from 0 for each call."""
    first = journal.received
    for number, size in enumerate(sizes, start=first):
        journal.add(entry(number, body=b"x" * size))
    return [number - first for number, _ in journal.rows]


def test_at_most_so_many_are_kept_the_latest_of_them():
    journal = Journal(limit=3)
    assert filled(journal, *[0] * 10) == [7, 8, 9]
    assert (len(journal.rows), journal.evicted) == (3, 7)


def test_at_most_so_many_bytes_are_kept():
    journal = Journal(limit=100, byte_limit=10_000)
    assert filled(journal, *[4_000] * 5) == [3, 4]
    assert journal.evicted == 3


def test_the_newest_is_kept_however_big_it_is():
    journal = Journal(limit=100, byte_limit=10_000)
    assert filled(journal, 100, 50_000) == [1]
    assert filled(journal, 100) == [0]


def test_the_bytes_of_what_went_are_free_again():
    journal = Journal(limit=100, byte_limit=10_000)
    filled(journal, 50_000)
    assert filled(journal, 1_000, 1_000, 1_000) == [0, 1, 2]


def test_headers_and_replies_weigh_too():
    bare = entry(1).size
    assert entry(1, body=b"x" * 100).size == bare + 100
    assert entry(1, reply_body=b"x" * 102).size == bare + 100
    assert entry(1, headers=(("Name", "value"),)).size == bare + 9
    assert entry(1, path="/" + "x" * 8_000).size > bare + 7_900


@given(st.lists(st.integers(0, 3_000), max_size=60), st.integers(1, 10), st.integers(1, 8_000))
def test_both_bounds_hold_after_any_history_and_nothing_is_lost_uncounted(sizes, limit, byte_limit):
    journal = Journal(limit, byte_limit)
    kept = filled(journal, *sizes)
    assert kept == list(range(len(sizes)))[journal.evicted :]
    assert len(kept) <= limit
    assert sum(row.size for _, row in journal.rows) <= byte_limit or len(kept) == 1


def test_a_world_s_journal_stays_below_100_mb():
    assert BYTES_PER_WORLD <= 100 * 1024**2


@pytest.mark.parametrize("key", [KEY, LIVE_KEY])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", [*CREDENTIAL_HEADERS, "X-Shop", "Hakuna-Idempotency-Key"])
def test_no_header_keeps_a_whole_key(name, form, key):
    kept = masked_headers(((name, form.format(key)),))
    assert key not in str(kept)
    assert kept[0][0] == name


@pytest.mark.parametrize("name", CREDENTIAL_HEADERS)
@pytest.mark.parametrize("secret", ["hunter2hunter2hunter2", "dXNlcjpwYXNzd29yZA=="])
def test_of_other_secrets_in_these_headers_at_most_four_letters_stay(name, secret):
    for form in ("{}", "Basic {}", "Bearer {}"):
        assert secret[:-4] not in str(masked_headers(((name, form.format(secret)),)))


def test_a_key_that_stands_as_a_header_s_name_is_not_kept_either():
    assert LIVE_KEY not in str(masked_headers(((LIVE_KEY, "1"),)))


def test_a_key_in_a_header_s_name_is_not_kept_where_json_escapes_hide_it_either():
    escaped = LIVE_KEY.replace("_", "\\u005f")
    secret = escaped.rpartition("\\u005f")[2]
    assert secret not in str(masked_headers(((escaped, "1"),)))


def test_the_admin_token_is_a_credential_like_the_others():
    assert "secret-token" not in str(masked_headers((("Hakuna-Mock-Admin", "secret-token"),)))


def test_other_headers_are_kept_as_they_are():
    headers = (("X-Shop", "a b  c"), ("Content-Type", "application/json"), ("X-Shop", ""))
    assert masked_headers(headers) == headers


def test_live_keys_inside_a_body_are_not_stored():
    kept = without_live_keys(b'{"note": "' + LIVE_KEY.encode() + b'", "other": 1}')
    assert LIVE_KEY.encode() not in kept
    assert kept.startswith(b'{"note": "sk_live_')
    assert kept.endswith(b'", "other": 1}')


def test_a_body_without_live_keys_is_kept_byte_for_byte():
    body = bytes(range(256)) * 3
    assert without_live_keys(body) is body


@given(st.binary(max_size=300))
def test_any_bytes_can_be_shown(body):
    shown = entry(1, body=body, reply_body=body).to_json("w-1")
    assert isinstance(shown["body"], str)
    assert shown["world"] == "w-1"
