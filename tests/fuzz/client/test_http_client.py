import contextlib
import json
import socket
import threading

import pytest
from own_certificate import own_certificate
from running_mock import running_mock

from fuzz.client.http_client import Target, TargetError

GOOD = {"Authorization": "Bearer sk_test_target", "Content-Type": "application/json"}


def test_an_event_is_posted_and_the_reply_read_as_json():
    event = {
        "type": "order_cancelled",
        "payload": {"order_id": "ord-1", "cancelled_at": "2024-03-01T09:00:00.000Z"},
    }
    with running_mock() as here:
        target = Target(here.url)
        reply = target.post_event(json.dumps(event).encode(), GOOD)
        target.close()
    assert reply.status == 200
    assert reply.json()["event_id"].startswith("evt-")
    assert "unknown-order" in reply.headers["hakuna-mock-findings"]


def test_one_connection_serves_many_requests():
    with running_mock() as here:
        target = Target(here.url)
        numbers = [
            target.ask("GET", "/sandbox/events").headers["hakuna-mock-request"] for _ in range(3)
        ]
        target.close()
    assert numbers == ["req-1", "req-2", "req-3"]


def test_a_connection_that_the_server_closed_is_opened_again():
    listener = socket.create_server(("127.0.0.1", 0))

    def answer_twice():
        for _ in range(2):
            connection, _address = listener.accept()
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            connection.close()

    thread = threading.Thread(target=answer_twice, daemon=True)
    thread.start()
    target = Target(f"http://127.0.0.1:{listener.getsockname()[1]}")
    assert target.ask("GET", "/").json() == {}
    assert target.ask("GET", "/").json() == {}
    target.close()
    listener.close()
    thread.join(5)


@pytest.mark.parametrize(
    "url", ["", "ftp://x", "127.0.0.1:4258", "http://", "http://[", "http://x:y"]
)
def test_what_is_no_http_url_is_refused_with_its_name(url):
    with pytest.raises(TargetError, match="URL"):
        Target(url)


def test_an_unreachable_target_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(TargetError, match=r"does not answer: connection refused$") as refused:
        Target(f"http://127.0.0.1:{port}").ask("GET", "/")
    assert str(refused.value).startswith(f"http://127.0.0.1:{port} ")
    assert refused.value.nobody_listens


def test_a_host_that_does_not_exist_is_no_server_to_start():
    with pytest.raises(TargetError, match="does not answer: the host name is not known") as refused:
        Target("http://nowhere.invalid").ask("GET", "/")
    assert not refused.value.nobody_listens


def test_a_certificate_of_ones_own_is_refused_with_the_way_to_trust_it(tmp_path):
    context = own_certificate(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as plain:
        server = context.wrap_socket(plain, server_side=True)

        def accept():
            with contextlib.suppress(OSError):
                server.accept()

        threading.Thread(target=accept, daemon=True).start()
        port = server.getsockname()[1]
        with pytest.raises(TargetError, match=r"not accepted \(self-signed .*SSL_CERT_FILE"):
            Target(f"https://127.0.0.1:{port}").ask("GET", "/")
        server.close()


def test_a_body_that_is_no_json_reads_as_none():
    with running_mock() as here:
        target = Target(here.url)
        reply = target.ask("HEAD", "/sandbox/events")
        target.close()
    assert reply.status == 404
    assert reply.json() is None
