"""The enquiry form, and the patient's own page after it.

The form is exempt from CSRF protection and sets no cookie: there is no session to abuse. A form
that another site sends, as Sec-Fetch-Site and Origin tell, is not processed but shown again with
its text."""

from contextlib import suppress

from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from contact.forms import EnquiryForm, own_path
from contact.inbox.actions import RefusedError, cancel
from contact.intake.reception import receive
from contact.intake.retry import render_retry_form
from contact.intake.submissions import is_foreign
from contact.models import Clinic, Enquiry, Location

private = cache_control(private=True, no_store=True)
METHODS = ["GET", "HEAD", "POST"]


# Exempt, because there is no session: is_foreign() recognises forms from other sites.
@csrf_exempt
@require_http_methods(METHODS)
@sensitive_post_parameters()
@private
def enquiry(request):
    """Show the form, or submit it."""
    if request.method == "POST":
        return submit(request)
    initial = {name: request.GET.get(name, "") for name in ("service", "practitioner", "page")}
    initial["page"] = own_path(initial["page"])
    form = EnquiryForm(initial=initial, clinic=Clinic.objects.current())
    form.show_problem_of_initial()
    return form_page(request, form)


enquiry.render_retry_form = render_retry_form  # what web/error_pages.py shows if a POST fails


def submit(request):
    """Store a valid form with its deliveries before the redirect; show any other form again."""
    clinic = Clinic.objects.current()
    form = EnquiryForm(request.POST, clinic=clinic)
    if is_foreign(request):
        form.ask_again("This form came from another site. Check your answers and send it again.")
    elif form.is_valid():
        return redirect(receive(request, form, clinic))
    return form_page(request, form)


def form_page(request, form):
    context = {"form": form, "page": own_path(form["page"].value() or "")}
    return render(request, "contact/enquiry.html", context)


# Exempt for the same reason: anybody who knows the page's address may cancel.
@csrf_exempt
@require_http_methods(METHODS)
@private
def sent(request, token):
    """Show the patient's page: the reference and the next steps; a POST cancels."""
    enquiry = get_object_or_404(Enquiry, token=token, erased_at=None)
    if request.method == "POST":
        with suppress(RefusedError):  # the clinic has just answered or closed it
            cancel(enquiry)
        return redirect(enquiry)
    location = Location.objects.main()
    zone = location.zone if location else timezone.get_current_timezone()
    context = {
        "enquiry": enquiry,
        "received_at": enquiry.received_at.astimezone(zone),
        "answer_by": enquiry.answer_by and enquiry.answer_by.astimezone(zone),
        "is_late": enquiry.is_late(timezone.now()),
    }
    response = render(request, "contact/sent.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response
