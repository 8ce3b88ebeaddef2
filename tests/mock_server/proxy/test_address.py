"""Which addresses may be a proxy's provider, and what whoever names another one reads."""

import pytest

from mock_server.proxy.address import read_address
from mock_server.start_error import StartError

HOST = "api.hellohakuna.com"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        (f"https://{HOST}", f"https://{HOST}"),
        (f"https://{HOST}/", f"https://{HOST}"),
        (f"https://{HOST}/sandbox/events", f"https://{HOST}"),
        (f"https://{HOST}/sandbox/", f"https://{HOST}"),
        (f"https://{HOST}/base", f"https://{HOST}/base"),
        ("http://127.0.0.1:9", "http://127.0.0.1:9"),
        ("http://localhost:9", "http://localhost:9"),
        ("http://[::1]:9", "http://[::1]:9"),
    ],
)
def test_these_are_taken(given, url):
    assert read_address(given, [HOST.upper()]).url == url


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (f"http://{HOST}", "unencrypted; write https"),
        ("https://elsewhere.example", "add --allow-host elsewhere.example"),
        ("http://127.0.0.1.evil.example", "is not this machine"),
        ("http://127.0.0.1@evil.example", "user and password"),
        (f"https://{HOST}/events", "production path"),
        (HOST, "is not the URL of a server"),
        ("ftp://127.0.0.1", "is not the URL of a server"),
        ("http://127.0.0.1:99999", "is not a URL"),
        (f"https://{HOST}?key=1", "leave out"),
    ],
)
def test_these_are_refused_in_words(given, words):
    with pytest.raises(StartError) as refused:
        read_address(given, [HOST])
    assert words in str(refused.value)


def test_a_key_in_the_url_is_not_shown():
    live = "sk_" + "live_" + "Zx81Kq77Pm20Wv63"
    with pytest.raises(StartError) as refused:
        read_address(f"https://{HOST}/{live}", [HOST])
    assert live not in str(refused.value)
