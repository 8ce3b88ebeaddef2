"""What `--state` takes, and that no password is shown."""

import pytest

from mock_server.store.state_target import check_state, is_postgres, shown


@pytest.mark.parametrize(
    "state", ["mock.db", "/var/lib/mock.db", "C:\\mock.db", "a b?.db", "./postgresql"]
)
def test_paths_are_files(state):
    assert check_state(state) == state == shown(state)
    assert not is_postgres(state)


@pytest.mark.parametrize(
    ("state", "without"),
    [
        ("postgresql://host/db", "postgresql://host/db"),
        (
            "postgres://shop:s3cret@host:5433/db?sslmode=require",
            "postgresql://shop:***@host:5433/db",
        ),
        ("PostgreSQL://shop@host/db", "postgresql://shop@host/db"),
        ("postgresql:///db?host=/run/postgresql", "postgresql:///db"),
    ],
)
def test_databases_are_shown_without_their_password(state, without):
    assert check_state(state) == state
    assert is_postgres(state)
    assert shown(state) == without


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("", "must name a file"),
        ("mysql://shop:s3cret@host/db", "only postgresql:// is known"),
        ("postgresq://shop:s3cret@host/db", "postgresql"),
        ("sqlite:///mock.db", "the path of the file alone"),
        ("postgresql://shop:s3cret@host", "names no database"),
        ("postgresql://shop:s3cret@host:port/db", "port is not a number"),
        ("postgresql://shop:s3@cret@host/db", "more than one @"),
        ("postgresql://shop:s3cret@[host/db", "cannot be read"),
    ],
)
def test_what_cannot_be_one_is_refused_without_its_password(state, message):
    with pytest.raises(ValueError, match=message) as caught:
        check_state(state)
    assert "cret" not in str(caught.value)
