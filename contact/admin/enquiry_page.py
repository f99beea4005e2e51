"""The page of one enquiry: the request, the actions of staff, and the activity so far."""

from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from clinic_site.web.phones import phone_text
from contact.admin import enquiry_text as text
from contact.admin.enquiry_actions import (
    ACTIONS,
    ERASE,
    AddressForm,
    CloseForm,
    NoteForm,
    main_buttons,
)
from contact.inbox.actions import RefusedError, colleague, record_access
from contact.models import Clinic, EnquiryEvent

LIST = "admin:contact_enquiry_changelist"
PAGE = "admin:contact_enquiry_change"
requires = partial(permission_required, raise_exception=True)


class EnquiryPage:
    """The part of EnquiryAdmin that shows one enquiry; each action is a POST of its own."""

    @method_decorator([require_safe, requires("contact.view_enquiry")])
    def change_view(self, request, object_id, form_url="", extra_context=None):
        enquiry = self.get_object(request, object_id)
        if enquiry is None:
            messages.warning(request, "You can’t open this enquiry. It may be a colleague’s.")
            return redirect(LIST)
        record_access(enquiry, request.user)
        return self.show(request, enquiry)

    @method_decorator(requires("contact.change_enquiry"))
    def action_view(self, request, pk, name):
        """Do an action; a GET, as after a refused action, redirects to the page."""
        if name not in ACTIONS:
            raise Http404
        if request.method != "POST":
            return redirect(PAGE, pk)
        enquiry = get_object_or_404(self.get_queryset(request), pk=pk)
        form = ACTIONS[name].form(request.POST)
        if self.run(request, enquiry, ACTIONS[name], form):
            return redirect(PAGE, pk)
        return self.show(request, enquiry, name, form)

    @method_decorator(requires("contact.erase_enquiry"))
    def erase_view(self, request, pk):
        """Ask for confirmation, then erase."""
        enquiry = get_object_or_404(self.get_queryset(request), pk=pk)
        form = ERASE.form(request.POST if request.method == "POST" else None)
        if self.run(request, enquiry, ERASE, form):
            return redirect(PAGE, pk)
        context = {
            "title": f"Erase enquiry {enquiry.reference}?",
            "enquiry": enquiry,
            "form": form,
            "is_waiting": enquiry.deliveries.open().exists(),
        }
        return self.render(request, "erase", context)

    def run(self, request, enquiry, action, form):
        """Do an action and return whether it was done; the form says why not."""
        if not form.is_valid():
            return False
        try:
            action.run(enquiry, request.user, **form.cleaned_data)
        except RefusedError as refused:
            form.add_error(None, str(refused))
            return False
        messages.success(request, action.message)
        return True

    def show(self, request, enquiry, name=None, form=None):
        """Return the page, with the refused form of an action in place of its empty one."""
        enquiries = self.model.objects.select_related("service", "practitioner", "assigned_to")
        enquiry = enquiries.get(pk=enquiry.pk)
        now, events = timezone.now(), list(enquiry.events.all())
        describe = partial(text.describe_moment, now=now)
        visits = [event for event in events if event.kind == EnquiryEvent.Kind.OPENED]
        may_act = self.has_change_permission(request) and not enquiry.erased_at
        forms = {"add_note": NoteForm(), "close": CloseForm(), "resend": AddressForm()}
        if form:
            forms[name.replace("-", "_")] = form
        context = {
            "title": f"Enquiry {enquiry.reference}",
            "enquiry": enquiry,
            "age": text.describe_age(enquiry, now),
            "urgency": text.urgency(enquiry, now),
            "received": describe(enquiry.received_at),
            "answer_by": enquiry.answer_by and describe(enquiry.answer_by),
            "mailto": text.mailto(enquiry),
            "phone_text": phone_text(enquiry.phone),
            "leave_message": text.leave_message(enquiry),
            "facts": text.facts(enquiry),
            "assignee": enquiry.assigned_to and colleague(enquiry.assigned_to),
            "buttons": main_buttons(enquiry, events, request.user) if may_act else [],
            "may_act": may_act,
            "may_erase": request.user.has_perm("contact.erase_enquiry") and not enquiry.erased_at,
            "forms": forms,
            "refused": form.non_field_errors() if form else [],
            "events": [
                (event, describe(event.at)) for event in reversed(events) if event not in visits
            ],
            # Each person once, by their last visit.
            "visits": {visit.by_name: describe(visit.at) for visit in visits}.items(),
            "deliveries": [
                (delivery, text.describe_delivery(delivery, now))
                for delivery in enquiry.deliveries.all()
            ],
            "retention_days": Clinic.objects.current().retention_days,
        }
        return self.render(request, "change_form", context)

    def render(self, request, name, context):
        shared = self.admin_site.each_context(request) | {"opts": self.opts}
        template = f"admin/contact/enquiry/{name}.html"
        return TemplateResponse(request, template, shared | context)
