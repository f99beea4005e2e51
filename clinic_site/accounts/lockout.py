"""Lockout after wrong passwords for one username from one network; AXES_ settings set the numbers.

Other networks stay free, so that a stranger cannot lock a colleague out.
"""

import unicodedata

from axes.handlers.database import AxesDatabaseHandler
from django.conf import settings
from django.shortcuts import render

from clinic_site.accounts.retention import keyed_hash
from clinic_site.web.client_address import client_address, network_of_address


def hashed_username(request, credentials):
    """Return a hash of the username, because some people type their password there."""
    name = unicodedata.normalize("NFKC", (credentials or {}).get("username") or "")
    return keyed_hash("name", name.strip().casefold())


def lockout_address(request):
    """Return the address that attempts are counted for; of IPv6, the first of its network."""
    address = client_address(request)
    return str(network_of_address(address).network_address if address else "0.0.0.0")


def anonymous_client(*args):
    """Return what logs call the client: they hold neither usernames nor addresses."""
    return "somebody"


class LockoutHandler(AxesDatabaseHandler):
    """Does not store the browser; axes has no setting for that."""

    def user_login_failed(self, sender, credentials, request=None, **kwargs):
        if request:
            request.axes_user_agent = request.axes_http_accept = ""
        super().user_login_failed(sender, credentials, request, **kwargs)


def locked_out(request, response, credentials):
    """Answer 429 while the lockout lasts, whatever the password."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    page = render(request, "account/locked.html", {"minutes": minutes}, status=429)
    page["Retry-After"] = str(minutes * 60)
    return page
