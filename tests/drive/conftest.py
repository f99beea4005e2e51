"""The two databases a site can have, as its environment, and the site behind its proxy."""

import signal

import pytest

from tests.conftest import need
from tests.missing import MissingError
from tests.postgresql import postgresql as cluster
from tests.proxied_site import ProxiedSite

# s-maxage + stale-while-revalidate + 1 for whole seconds + 1 for the app's own page cache
PUBLISH_SECONDS = 10

# A shell that starts the tests in the background lets them ignore Ctrl-C. Every site they start
# would inherit that, and no shell can trap a signal that it was told to ignore.
signal.signal(signal.SIGINT, signal.default_int_handler)


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


@pytest.fixture(scope="session")
def proxied():
    """The site behind the shipped nginx, as it runs for real."""
    need("nginx", "openssl")
    with ProxiedSite() as site:
        yield site
