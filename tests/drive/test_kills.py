"""Nothing answered is lost: web server and sender are killed while enquiries come in."""

import pytest

from tests.storm import kills
from tests.storm.crashing import SENDER_POINTS, WEB_POINTS
from tests.storm.site import StormySite

pytestmark = pytest.mark.drive

# On each database: every named point once, and a few at random; bin/bench kills does 1,000.
KILLS = len(WEB_POINTS) + len(SENDER_POINTS) + 4


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_no_answered_enquiry_is_lost_in_kills(request, tmp_path, database):
    with StormySite(tmp_path, **request.getfixturevalue(database)) as site:
        with site.people() as people:
            killed = kills.rage(site, KILLS)
        outcome = site.reckon(people)
    assert killed.total() == KILLS
    assert killed.keys() >= {*WEB_POINTS, *SENDER_POINTS}
    assert outcome.answered > KILLS, "too few to prove anything"
    assert outcome.lost == []
    assert outcome.doubled == []
    assert outcome.twice <= kills.of_sender(killed)
    assert not outcome.unsent
