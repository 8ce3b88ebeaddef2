import socket

from running_mock import running_mock


def test_a_healthy_server_is_exit_0(run):
    with running_mock() as here:
        ran = run("healthcheck", "--url", here.url)
    assert ran.code == 0
    assert ran.out.startswith("ok: version")


def test_the_address_comes_from_the_servers_own_variables(run, monkeypatch):
    with running_mock() as here:
        monkeypatch.setenv("HAKUNA_MOCK_PORT", here.url.rsplit(":", 1)[1])
        monkeypatch.setenv("HAKUNA_MOCK_HOST", "0.0.0.0")
        assert run("healthcheck").code == 0


def test_no_server_is_exit_3(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert run("healthcheck", "--url", f"http://127.0.0.1:{port}").code == 3


def test_something_else_that_answers_is_exit_3(run):
    with running_mock() as here:
        ran = run("healthcheck", "--url", f"{here.url}/elsewhere")
    assert ran.code == 3
    assert "answered 404; is this a hakuna-mock?" in ran.err


def test_a_bad_variable_is_named(run, monkeypatch):
    monkeypatch.setenv("HAKUNA_MOCK_PORT", "x")
    ran = run("healthcheck")
    assert ran.code == 3
    assert "HAKUNA_MOCK_PORT" in ran.err
