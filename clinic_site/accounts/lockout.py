"""Wrong passwords: whose they count as, what is kept of them, the page when they are too many.

Five in 30 minutes for a name from one address (AXES_ settings); another address stays free, so
that a stranger cannot lock a colleague out.
"""

import unicodedata
from ipaddress import ip_network

from axes.handlers.database import AxesDatabaseHandler
from django.conf import settings
from django.shortcuts import render

from clinic_site.accounts.retention import keyed_hash
from clinic_site.web.client_address import client_address

OWN_NETWORK = 64  # bits of an IPv6 address that tell one household or office from the next


def name_guessed(request, credentials):
    """Return what stands for the name typed: a hash, for some people type their password there."""
    name = unicodedata.normalize("NFKC", (credentials or {}).get("username") or "")
    return keyed_hash("name", name.strip().casefold())


def network_of(request):
    """Return the address that guesses are counted for: of IPv6, the first of its network."""
    address = client_address(request)
    if address and address.version == 6:
        address = ip_network((address, OWN_NETWORK), strict=False).network_address
    return str(address or "0.0.0.0")


def anonymous_client(*args):
    """Return how the log calls who guessed: it keeps neither names nor addresses."""
    return "somebody"


class Guesses(AxesDatabaseHandler):
    """Keeps a hash of the name, the address and the count; not the browser."""

    def user_login_failed(self, sender, credentials, request=None, **kwargs):
        if request:
            request.axes_user_agent = request.axes_http_accept = ""
        super().user_login_failed(sender, credentials, request, **kwargs)


def locked(request, response, credentials):
    """The page after too many wrong passwords, the right one included: 429."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    page = render(request, "account/locked.html", {"minutes": minutes}, status=429)
    page["Retry-After"] = str(minutes * 60)
    return page
