"""Error pages that need no database: they read the clinic's name and phone from a kept file."""

import json
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse

# The enquiry form's fields that are typed, with their labels, and those that are chosen or set. The
# form itself cannot be printed here: it asks the database what can be chosen.
TYPED_FIELDS = {"name": "Your name", "phone": "Phone number", "email": "Email address",
                "times": "Days and times that suit you", "message": "Message"}  # fmt: skip
SET_FIELDS = ("may_leave_message", "preferred_way", "is_for_someone_else", "language", "service",
              "practitioner", "page", "submission")  # fmt: skip
LONG_FIELDS = ("message",)


def keep_clinic_facts(facts):
    """Write the facts an error page shows.

    Args:
        facts: a dict with `name`, `phone`, `phone_link` and `address` as text.
    """
    text = json.dumps(facts, ensure_ascii=False)
    # Written aside and moved: a reader never sees half a file, and two writers never share one.
    with NamedTemporaryFile("w", dir=settings.VAR_DIR, suffix=".new", delete=False) as draft:
        draft.write(text)
    Path(draft.name).replace(settings.VAR_DIR / "clinic.json")


def kept_clinic_facts():
    """Return the facts kept last, or an empty dict when there are none yet."""
    with suppress(OSError, ValueError):
        return json.loads((settings.VAR_DIR / "clinic.json").read_text())
    return {}


def error_page(template, status, context=None):
    """Render a page that stands by itself, without request and database."""
    html = render_to_string(template, {"kept": kept_clinic_facts()} | (context or {}))
    return HttpResponse(html, status=status, headers={"Cache-Control": "no-store"})


def bad_request(request, exception=None):
    """400: a Host that is not ours, a body too large, or a header that makes no sense."""
    return error_page("400.html", 400)


def page_not_found(request, exception=None):
    """404 with the site around it, or, while the database is away, the page that says so."""
    try:
        return render(request, "404.html", status=404)
    except DatabaseError:
        return service_unavailable(request)


def permission_denied(request, exception=None):
    """403: a page for other staff."""
    return error_page("403.html", 403)


def unsent(request, status):
    """Return the page that gives an enquiry back to be sent again, or None for another request.

    Its submission key comes back too: should the first sending have been stored after all, the
    second is the same enquiry.
    """
    if request.method != "POST" or request.path != reverse("contact:enquiry"):
        return None
    try:
        posted = request.POST
    except Exception:  # the body itself was what broke
        return None
    context = {
        "typed": [
            (name, label, posted.get(name, ""), name in LONG_FIELDS)
            for name, label in TYPED_FIELDS.items()
        ],
        "hidden": [(name, posted[name]) for name in SET_FIELDS if posted.get(name)],
    }
    return error_page("unsent.html", status, context)


def server_error(request):
    """500: something broke; the page says so, gives the phone number and what was typed."""
    return unsent(request, 500) or error_page("500.html", 500)


def service_unavailable(request):
    """503: the database is away; an enquiry's text is given back so that nothing typed is lost."""
    response = unsent(request, 503) or error_page("503.html", 503)
    response["Retry-After"] = "60"
    return response
