"""A database in trouble: 503 with text and phone, never a sent page without a row, no restart."""

import pytest

from tests.conftest import need
from tests.faults.site import SiteInParts
from tests.faults.troubles import ON_POSTGRESQL, ON_SQLITE, locked, run_through, small_disk
from tests.missing import MissingError

pytestmark = pytest.mark.drive

SECONDS = 3  # bin/bench troubles takes 60
LOCKED_SECONDS = 6.5  # longer than anybody waits for the lock


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sqlite")
    try:
        with small_disk(folder / "var"), SiteInParts(folder) as site:
            yield site
    except MissingError:
        need("a right to mount (root has one)")


@pytest.fixture(scope="module")
def on_postgresql(tmp_path_factory, postgresql):
    with SiteInParts(tmp_path_factory.mktemp("postgresql"), **postgresql) as site:
        yield site


def check(site, trouble):
    seconds = LOCKED_SECONDS if trouble is locked else SECONDS
    outcome, _ = run_through(site, trouble, seconds)
    assert site.web.poll() is site.sender.poll() is None, site.words
    assert "Traceback" not in site.words
    assert outcome.lost == outcome.doubled == []
    assert outcome.twice == 0
    assert outcome.unsent.keys() == {503}
    assert outcome.read.keys() <= {200, 503}


@pytest.mark.parametrize("name", ON_SQLITE)
def test_a_trouble_of_sqlite_is_told_and_passes_without_a_restart(on_sqlite, name):
    check(on_sqlite, ON_SQLITE[name])


@pytest.mark.parametrize("name", ON_POSTGRESQL)
def test_a_trouble_of_postgresql_is_told_and_passes_without_a_restart(on_postgresql, name):
    check(on_postgresql, ON_POSTGRESQL[name])
