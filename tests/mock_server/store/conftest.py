import pytest
from stores import KINDS, States, cluster_or_skip


@pytest.fixture(scope="session")
def cluster_of_session():
    """A PostgreSQL, made when it is first asked for."""
    made = []

    def cluster():
        if not made:
            made.append(cluster_or_skip())
        return made[0]

    yield cluster
    for item in made:
        item.end()


@pytest.fixture
def cluster(cluster_of_session):
    return cluster_of_session()


@pytest.fixture
async def states(tmp_path, cluster_of_session):
    made = States(tmp_path, cluster_of_session)
    yield made
    await made.close()


@pytest.fixture(params=KINDS)
def kind(request) -> str:
    return request.param
