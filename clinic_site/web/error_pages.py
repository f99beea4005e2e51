"""Error pages that need no database: they read the clinic's name and phone from a kept file."""

import json
import logging
import sys
import time
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve

from clinic_site.images.uploads import MAX_MEGABYTES
from clinic_site.web.redirects import find_redirect

logger = logging.getLogger(__name__)
TOO_LARGE = "admin/413.html"  # for staff, who send images and long texts


def is_outage(error):
    """Say whether a database error means that it is away or broken, not that we asked wrongly."""
    return isinstance(error, (OperationalError, InterfaceError)) or type(error) is DatabaseError


def store_clinic_facts(facts):
    """Write the facts an error page shows.

    Args:
        facts: a dict with `name`, `phone`, `phone_link` and `address` as text.
    """
    text = json.dumps(facts, ensure_ascii=False)
    # Written aside and moved: a reader never sees half a file, and two writers never share one.
    with NamedTemporaryFile("w", dir=settings.VAR_DIR, suffix=".new", delete=False) as draft:
        draft.write(text)
    Path(draft.name).replace(settings.VAR_DIR / "clinic.json")
    store_outage_page()


def store_outage_page():
    """Write what the proxy shows by itself: the site is away, or staff send too much."""
    with suppress(ValueError):  # before static files were collected they have no names to link to
        folder = settings.VAR_DIR / "pages"
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)  # nginx reads it as another user
        for name, template in {"away.html": "503.html", "too-large.html": TOO_LARGE}.items():
            html = render_to_string(template, facts_of_pages(in_admin=template == TOO_LARGE))
            with NamedTemporaryFile("w", dir=folder, suffix=".new", delete=False) as draft:
                draft.write(html)
            Path(draft.name).chmod(0o644)
            Path(draft.name).replace(folder / name)


def stored_clinic_facts():
    """Return the facts kept last, or an empty dict when there are none yet."""
    with suppress(OSError, ValueError):
        return json.loads((settings.VAR_DIR / "clinic.json").read_text())
    return {}


def facts_of_pages(in_admin=False):
    """Return what every error page may print; staff are not told to call their own clinic."""
    return {"kept": stored_clinic_facts(), "most": MAX_MEGABYTES, "in_admin": in_admin}


def is_in_admin(request):
    return request.path.startswith(settings.ADMIN_PREFIX)


def error_page(template, status, **context):
    """Render a page that stands by itself, without request and database."""
    html = render_to_string(template, facts_of_pages() | context)
    return HttpResponse(html, status=status, headers={"Cache-Control": "no-store"})


def failed(request, template, status):
    """Answer a request that failed, by what its view set as `request.render_retry_form` if it did.

    A view with a form sets a function of a status that returns the form's page with what was
    typed, so that nothing is lost. Without one, or should that fail too, it is a plain page.
    """
    if hasattr(request, "render_retry_form"):
        try:
            return request.render_retry_form(status)
        except Exception:
            logger.exception("nothing could be given back at %s", request.path)
    context = {"kept_form": kept_form(request), "in_admin": is_in_admin(request)}
    return error_page(template, status, **context)


def kept_form(request):
    """Return the address of a form whose draft the browser has kept, or "" (admin_saving.py)."""
    try:
        view = resolve(request.path).func  # the request has it only where no middleware failed
    except Resolver404:
        return ""
    room = getattr(view, "model_admin", None)
    is_kept = request.method == "POST" and room and hasattr(room.model, "history")
    return request.path if is_kept else ""


def bad_request(request, exception=None):
    """400: a Host that is not ours or a header that makes no sense; 413: a body too large."""
    if isinstance(exception, RequestDataTooBig):
        return failed(request, TOO_LARGE if is_in_admin(request) else "400.html", 413)
    return error_page("400.html", 400, in_admin=is_in_admin(request))


def page_not_found(request, exception=None):
    """The way from an old address, or 404 with the site around it.

    While the database is away, it is the page that says so.
    """
    try:
        if request.method in ("GET", "HEAD") and (path := find_redirect(request.path)):
            return HttpResponsePermanentRedirect(path)
        return render(request, "404.html", status=404)
    except DatabaseError:
        return service_unavailable(request)


def permission_denied(request, exception=None):
    """403: a page for other staff."""
    return error_page("403.html", 403, in_admin=is_in_admin(request))


def server_error(request):
    """500: something broke; the page says so and gives the phone number."""
    if is_outage(sys.exc_info()[1]):  # it came up before any view, as when staff are looked up
        return service_unavailable(request)
    return failed(request, "500.html", 500)


def service_unavailable(request):
    """503: the database is away; who asks next gets a new connection."""
    # One opened while the disk took no writing would take none after. Django closes it.
    connection.close_at = time.monotonic()
    response = failed(request, "503.html", 503)
    response["Retry-After"] = "60"
    return response
