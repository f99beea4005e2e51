"""The two databases a site can have, as its environment."""

import pytest

from tests.conftest import need
from tests.missing import MissingError
from tests.postgresql import postgresql as cluster


@pytest.fixture(scope="module")
def sqlite():
    return {}


@pytest.fixture(scope="module")
def postgresql():
    try:
        with cluster() as url:
            yield {"DATABASE_URL": url}
    except MissingError:
        need("postgres")
