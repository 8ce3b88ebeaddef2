import pytest
from wheels import build_wheel, environment


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """The wheel of this checkout, built once."""
    return build_wheel(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def installed(wheel, tmp_path_factory):
    """Python of an environment that has the wheel and not the checkout."""
    return environment(wheel, tmp_path_factory.mktemp("installed") / "venv")
