"""Nothing answered is lost: web server and sender are killed while enquiries come in."""

import pytest

from tests.conftest import need
from tests.crashing import SENDER_POINTS, WEB_POINTS
from tests.postgresql import NotInstalledError
from tests.postgresql import postgresql as cluster
from tests.storm import Storm

pytestmark = pytest.mark.drive

KILLS = 30  # on each database; bin/bench kills does 1,000


@pytest.fixture
def sqlite():
    return {}


@pytest.fixture
def postgresql():
    try:
        with cluster() as url:
            yield {"DATABASE_URL": url}
    except NotInstalledError:
        need("postgres")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_no_answered_enquiry_is_lost_in_kills(request, tmp_path, database):
    with Storm(tmp_path, **request.getfixturevalue(database)) as storm:
        outcome = storm.rage(KILLS)
    assert outcome.kills.total() == KILLS
    assert outcome.kills.keys() >= {*WEB_POINTS, *SENDER_POINTS}
    assert outcome.answered > KILLS, "too few to prove anything"
    assert outcome.lost == []
    assert outcome.doubled == []
    assert outcome.twice <= outcome.sender_kills
    assert not outcome.other
