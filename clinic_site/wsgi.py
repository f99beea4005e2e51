"""The entry for gunicorn: the page cache in front of Django."""

import os
import re
from datetime import datetime, time, timedelta

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic_site.settings")
django_application = get_wsgi_application()

# Below, because these need settings and models.
from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from clinic_site.publishing.publishable import Publishable  # noqa: E402
from clinic_site.web.page_cache import PageCache  # noqa: E402
from contact.models import Location  # noqa: E402

CHARSET = re.compile(r";\s*charset\s*=\s*(\"[^\"]*\"|[^;]*)", re.IGNORECASE)


def next_change():
    """Return when a page next changes by itself, in seconds since 1970.

    Something goes live or ends, the clinic opens or closes, or a new day begins: the clinic's or
    the server's, which fees go by.
    """
    now = timezone.now()
    pages = [model for model in apps.get_models() if issubclass(model, Publishable)]
    moments = [model.objects.next_moment(now) for model in pages]
    location = Location.objects.main()
    zones = [timezone.get_current_timezone()]
    if location:
        zones.append(location.zone)
        moments.append(location.status and location.status.changes_at)
    for zone in zones:
        tomorrow = now.astimezone(zone).date() + timedelta(days=1)
        moments.append(datetime.combine(tomorrow, time(0), zone))
    return min(moment for moment in moments if moment).timestamp()


page_cache = PageCache(django_application, next_change, settings.PAGE_CACHE_BYTES)


def application(environ, start_response):
    """Answer a request, and read it as UTF-8 whatever charset it claims: every form here is ours.

    Django believes the claim, even for a GET. A strange one ends in a 500, or in another page than
    the address names.
    """
    environ["CONTENT_TYPE"] = CHARSET.sub("", environ.get("CONTENT_TYPE", ""))
    return page_cache(environ, start_response)
