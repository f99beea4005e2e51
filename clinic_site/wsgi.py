"""The entry for gunicorn."""

import os
import re

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic_site.settings")
django_application = get_wsgi_application()
CHARSET = re.compile(r";\s*charset\s*=\s*(\"[^\"]*\"|[^;]*)", re.IGNORECASE)


def application(environ, start_response):
    """Answer a request, and read it as UTF-8 whatever charset it claims: every form here is ours.

    Django believes the claim, even for a GET. A strange one ends in a 500, or in another page than
    the address names.
    """
    environ["CONTENT_TYPE"] = CHARSET.sub("", environ.get("CONTENT_TYPE", ""))
    return django_application(environ, start_response)
