from hypothesis import given
from hypothesis import strategies as st

from contracts.http.masking import mask_in_place, mask_secrets

KEY = "sk_live_" + "abcdefghijkl1234"
JWT = "eyJhbGciOi.eyJzdWIiOiIx.c2lnbmF0dXJl"


def test_keys_tokens_and_users_of_urls_are_masked_and_the_rest_stays():
    text = f"see http://me:secret@host/x, mail a@b, {KEY}, {JWT}"
    assert mask_secrets(text) == "see http://…@host/x, mail a@b, sk_live_…1234, …"


def test_a_key_with_an_escaped_letter_is_a_key():
    assert mask_secrets(KEY.replace("c", "\\u0063")) == "sk_live_…"


@given(before=st.text(max_size=9), after=st.text(max_size=9), secret=st.sampled_from([KEY, JWT]))
def test_a_mask_in_place_keeps_every_column(before, after, secret):
    text = f"{before} {secret} {after}"
    masked = mask_in_place(text)
    assert len(masked) == len(text)
    assert secret not in masked
    assert [place for place, sign in enumerate(masked) if sign == "\n"] == [
        place for place, sign in enumerate(text) if sign == "\n"
    ]


def test_json_stays_json():
    assert mask_secrets('{"a":"http://host","b":"x@y"}') == '{"a":"http://host","b":"x@y"}'
