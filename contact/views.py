"""The enquiry form and the patient's own page after it."""

from functools import partial

from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from contact.forms import EnquiryForm, own_path
from contact.intake.reception import receive
from contact.intake.retry import given_back
from contact.intake.submissions import is_foreign
from contact.models import Clinic, Enquiry, Location

PRIVATE = "private, no-store"


def prefilled(parameters):
    """Return the form's initial values from ?service=, ?practitioner= and ?page=."""
    initial = {name: parameters.get(name, "") for name in ("service", "practitioner")}
    return initial | {"page": own_path(parameters.get("page", ""))}


# Exempt: there is no session to ride on and no cookie is set. A form that another site sends is
# recognised by its headers and comes back unprocessed.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
def enquiry(request):
    """The form, and what is sent by it."""
    if request.method == "POST":
        return take(request)
    form = EnquiryForm(initial=prefilled(request.GET), clinic=Clinic.objects.current())
    return form_page(request, form)


def take(request):
    """Store a valid form with its deliveries before the redirect is sent; bring others back."""
    request.render_retry_form = partial(given_back, request)  # whatever fails from here on
    clinic = Clinic.objects.current()
    form = EnquiryForm(request.POST, clinic=clinic)
    if is_foreign(request):
        form.ask_again("This form came from another site. Check your answers and send again.")
    elif form.is_valid():
        return to_sent_page(receive(request, form, clinic))
    return form_page(request, form)


def form_page(request, form):
    context = {"form": form, "page": own_path(form["page"].value() or "")}
    response = render(request, "contact/enquiry.html", context)
    response["Cache-Control"] = PRIVATE
    return response


def to_sent_page(enquiry):
    response = redirect(enquiry)
    response["Cache-Control"] = PRIVATE
    return response


# Exempt for the same reason: who knows the page's address may cancel.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def sent(request, token):
    """The patient's one page: reference, what happens next and by when; a POST cancels."""
    enquiries = Enquiry.objects.filter(token=token, erased_at=None)
    enquiry = get_object_or_404(enquiries)
    if request.method == "POST":
        enquiries.cancel(timezone.now())
        return to_sent_page(enquiry)
    location = Location.objects.main()
    zone = location.zone if location else timezone.get_current_timezone()
    context = {
        "enquiry": enquiry,
        "received_at": enquiry.received_at.astimezone(zone),
        "answer_by": enquiry.answer_by and enquiry.answer_by.astimezone(zone),
        "is_late": enquiry.is_late(timezone.now()),
    }
    response = render(request, "contact/sent.html", context)
    response["Cache-Control"] = PRIVATE
    response["X-Robots-Tag"] = "noindex"
    return response
