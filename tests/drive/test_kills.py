"""Nothing answered is lost: web server and sender are killed while enquiries come in."""

import pytest

from tests.faults import kills
from tests.faults.crashing import SENDER_POINTS, WEB_POINTS
from tests.faults.site import SiteInParts

pytestmark = pytest.mark.drive

# On each database: every named point once, and a few at random; bin/bench kills does 1,000.
KILLS = len(WEB_POINTS) + len(SENDER_POINTS) + 4


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_no_answered_enquiry_is_lost_in_kills(request, tmp_path, database):
    with SiteInParts(tmp_path, **request.getfixturevalue(database)) as site:
        with site.people() as people:
            killed = kills.kill_parts(site, KILLS)
        outcome = site.outcome_of(people)
    assert killed.total() == KILLS
    assert killed.keys() >= {*WEB_POINTS, *SENDER_POINTS}
    assert outcome.answered > KILLS, "too few to prove anything"
    assert outcome.lost == []
    assert outcome.doubled == []
    assert outcome.twice <= kills.count_of_sender(killed)
    assert not outcome.unsent
