"""Error pages that need no database: the clinic's name and phone come from a file."""

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
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve

from clinic_site.images.uploads import MAX_MEGABYTES
from clinic_site.web.redirects import redirect_of, right_spelling

logger = logging.getLogger(__name__)
TOO_LARGE = "admin/413.html"  # for staff, who send images and long texts


def is_outage(error):
    """Say whether an error means that the database is down, rather than a mistake in a query."""
    return isinstance(error, (OperationalError, InterfaceError)) or type(error) is DatabaseError


def store_clinic_facts(facts):
    """Store what error pages show: a dict with name, phone, phone_link and address as text."""
    write(settings.VAR_DIR / "clinic.json", json.dumps(facts, ensure_ascii=False))
    store_outage_page()


def store_outage_page():
    """Write the pages that the proxy shows by itself: an outage, and too large an upload."""
    folder = settings.VAR_DIR / "pages"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)  # nginx reads it as another user
    for name, template in {"away.html": "503.html", "too-large.html": TOO_LARGE}.items():
        html = render_to_string(template, error_context(in_admin=template == TOO_LARGE))
        write(folder / name, html, mode=0o644)


def write(path, text, mode=0o600):
    """Write a file in one step: no reader sees half of it, and two writers never share one."""
    with NamedTemporaryFile("w", dir=path.parent, suffix=".new", delete=False) as draft:
        draft.write(text)
    Path(draft.name).chmod(mode)
    Path(draft.name).replace(path)


def stored_clinic_facts():
    """Return the stored facts, or {} before there are any."""
    with suppress(OSError, ValueError):
        return json.loads((settings.VAR_DIR / "clinic.json").read_text())
    return {}


def error_context(in_admin=False):
    """Return the context of every error page; staff are not told to call their own clinic."""
    facts = stored_clinic_facts()
    return {"clinic": facts, "max_megabytes": MAX_MEGABYTES, "in_admin": in_admin}


def is_in_admin(request):
    return request.path.startswith(settings.ADMIN_PREFIX)


def error_page(template, status, **context):
    """Render an error page without request and database."""
    html = render_to_string(template, error_context() | context)
    return HttpResponse(html, status=status, headers={"Cache-Control": "no-store"})


def failed(request, template, status):
    """Answer a request that failed with an error page, or with its form and what was typed.

    A view may have an attribute `render_retry_form`, a function of a request and a status; on a
    form whose draft the browser stores, the error page links to it.
    """
    view = None
    with suppress(Resolver404):  # request.resolver_match is unset if a middleware failed
        view = request.method == "POST" and resolve(request.path).func
    if hasattr(view, "render_retry_form"):
        try:
            return view.render_retry_form(request, status)
        except Exception:
            logger.exception("the retry form failed at %s", request.path)
    model_admin = getattr(view, "model_admin", None)
    has_draft = model_admin and hasattr(model_admin.model, "history_parts")
    draft_url = request.path if has_draft else ""
    return error_page(template, status, draft_url=draft_url, in_admin=is_in_admin(request))


def bad_request(request, exception=None):
    """400: a wrong Host or header; 413: too large a body."""
    if isinstance(exception, RequestDataTooBig):
        return failed(request, TOO_LARGE if is_in_admin(request) else "400.html", 413)
    return error_page("400.html", 400, in_admin=is_in_admin(request))


def page_not_found(request, exception=None):
    """A redirect from an old address or another spelling, or 404; 503 without the database."""
    try:
        redirect = redirect_of(request) or right_spelling(request)
        return redirect or render(request, "404.html", status=404)
    except DatabaseError:
        return service_unavailable(request)


def permission_denied(request, exception=None):
    """403: the account may not see the page."""
    return error_page("403.html", 403, in_admin=is_in_admin(request))


def server_error(request):
    """500, or 503 for an outage before any view, for example when a session is read."""
    if is_outage(sys.exc_info()[1]):
        return service_unavailable(request)
    return failed(request, "500.html", 500)


def service_unavailable(request):
    """503: the database is down."""
    # A connection opened while the disk was read-only stays so: let Django open a new one.
    connection.close_at = time.monotonic()
    response = failed(request, "503.html", 503)
    response["Retry-After"] = "60"
    return response
