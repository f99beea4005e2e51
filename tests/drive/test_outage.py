"""A week without a mail server, by a moved clock."""

import pytest

from tests.bench.outage import PROMISE, live_through

pytestmark = [pytest.mark.drive, pytest.mark.django_db]


def test_after_seven_days_all_leave_within_65_minutes(clinic, mail_server):
    tries, taken, mailed = live_through(days=7, waiting=40, mail_server=mail_server)
    assert taken < PROMISE
    assert set(mailed.values()) == {1}
    assert 7 * 24 <= tries <= 7 * 24 * 2  # about once an hour, however many wait
