"""Lockout after wrong passwords for one username from one network; AXES_ settings set the numbers.

Other networks stay free, so that a stranger cannot lock a colleague out. Somebody who guesses from
many networks is slowed: then one password a minute is tried for that name, except on devices that
know the person. Passkeys and links for a new password work all the time.
"""

import unicodedata

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.shortcuts import render
from django.utils import timezone

from clinic_site.accounts import devices
from clinic_site.accounts.retention import keyed_hash
from clinic_site.web.client_address import client_address, network_of_address

MANY_NETWORKS = 5  # with a wrong password for one name, within AXES_COOLOFF_TIME
SLOW_SECONDS = 60


def folded_username(credentials):
    name = unicodedata.normalize("NFKC", (credentials or {}).get("username") or "")
    return name.strip().casefold()


def hashed_username(request, credentials):
    """Return a hash of the username, because some people type their password there."""
    return keyed_hash("name", folded_username(credentials))


def must_wait(request, credentials):
    """Say whether a password must not be tried now, because many networks guess at its name."""
    name = hashed_username(request, credentials)
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    attempts = AccessAttempt.objects.filter(username=name, attempt_time__gt=since)
    if attempts.values("ip_address").distinct().count() < MANY_NETWORKS:
        return False
    users = User.objects.filter(username__iexact=folded_username(credentials))
    if any(devices.is_known(request, user) for user in users):
        return False
    return not cache.add(f"password of {name}", "tried", timeout=SLOW_SECONDS)


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
