"""The page of one enquiry: what the patient said, what was done with it, and what can be done."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_safe

from contact.admin import enquiry_words as words
from contact.admin.enquiry_acts import (
    ACTS,
    ERASE,
    CloseForm,
    NoteForm,
    ResendForm,
    TakeForm,
    offered,
)
from contact.inbox.actions import RefusedError, opened, person
from contact.models import Clinic, Delivery, EnquiryEvent

PAGE = "admin:contact_enquiry_change"


class EnquiryPage:
    """The part of EnquiryAdmin that shows one enquiry; opening the page leaves an event alone.

    Each act is a POST of its own, after which the page is shown again. What an act refuses stays
    on the page as it was typed, with the reason.
    """

    def page_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/erase/", wrap(self.erase_view), name="contact_enquiry_erase"),
            path("<int:pk>/act/<slug:name>/", wrap(self.act_view), name="contact_enquiry_act"),
        ]

    def has_erase_permission(self, request):
        return request.user.has_perm("contact.erase_enquiry")

    def enquiry(self, request, pk):
        found = self.get_object(request, str(pk))
        if found is None:
            raise Http404
        return found

    @method_decorator(require_safe)
    def change_view(self, request, object_id, form_url="", extra_context=None):
        found = self.get_object(request, object_id)
        if not self.has_view_permission(request, found):
            raise PermissionDenied
        if found is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        opened(found, request.user)
        return self.show(request, found)

    @method_decorator(require_http_methods(["GET", "POST"]))
    def act_view(self, request, pk, name):
        """Do what a button says; a GET, like after a refused act, leads back to the page."""
        if name not in ACTS:
            raise Http404
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method == "GET":
            return redirect(PAGE, pk)
        enquiry = self.enquiry(request, pk)
        form = ACTS[name].form(request.POST)
        if self.do(request, enquiry, ACTS[name], form):
            return redirect(PAGE, pk)
        return self.show(request, enquiry, name, form)

    @method_decorator(require_http_methods(["GET", "POST"]))
    def erase_view(self, request, pk):
        """Ask once more before the content is gone."""
        if not self.has_erase_permission(request):
            raise PermissionDenied
        enquiry = self.enquiry(request, pk)
        form = ERASE.form(request.POST) if request.method == "POST" else ERASE.form()
        if form.is_bound and self.do(request, enquiry, ERASE, form):
            return redirect(PAGE, pk)
        context = {
            "title": f"Erase enquiry {enquiry.reference}?",
            "enquiry": enquiry,
            "form": form,
            "on_its_way": enquiry.deliveries.open().exists(),
        }
        return self.answer(request, "admin/contact/enquiry/erase.html", context)

    def do(self, request, enquiry, act, form):
        """Do an act and return whether it was done; why not stands in the form."""
        if not form.is_valid():
            return False
        try:
            act.do(enquiry, request.user, **form.cleaned_data)
        except RefusedError as refused:
            form.add_error(None, str(refused))
            return False
        messages.success(request, act.done)
        return True

    def show(self, request, enquiry, name=None, form=None):
        """Return the page, with the form of the act that was refused in place of a fresh one."""
        enquiry = self.model.objects.select_related("service", "practitioner", "taken_by").get(
            pk=enquiry.pk
        )
        now, events = timezone.now(), list(enquiry.events.all())
        looks = [event for event in events if event.kind == EnquiryEvent.Kind.OPENED]
        may_act = self.has_change_permission(request) and not enquiry.erased_at
        empty = {
            "take": TakeForm(initial={"shown_holder": enquiry.taken_by_id}),
            "note": NoteForm(),
            "close": CloseForm(),
            "resend": ResendForm(),
        }
        # A hidden field is always fresh: it holds what this page shows.
        typed = {name: form} if form is not None and name != "take" else {}
        context = {
            "title": f"Enquiry {enquiry.reference}",
            "enquiry": enquiry,
            "age": words.age(enquiry, now),
            "urgency": words.urgency(enquiry, now),
            "received": words.when(enquiry.received_at, now),
            "answer_by": enquiry.answer_by and words.when(enquiry.answer_by, now),
            "mailto": words.mailto(enquiry) if enquiry.email else "",
            "phone_text": words.phone_text(enquiry.phone) if enquiry.phone else "",
            "leave_message": words.leave_message(enquiry),
            "facts": words.facts(enquiry),
            "holder": enquiry.taken_by and person(enquiry.taken_by),
            "buttons": [(key, ACTS[key].label) for key in offered(enquiry, events, request.user)]
            if may_act
            else [],
            "may_act": may_act,
            "hold": "release" if enquiry.is_held else "hold",
            "may_ask_person": self.has_person_permission(request) and not enquiry.erased_at,
            "may_erase": self.has_erase_permission(request) and not enquiry.erased_at,
            "forms": empty | typed,
            "refused": form.non_field_errors() if isinstance(form, forms.Form) else [],
            "events": [
                (event, words.when(event.at, now))
                for event in reversed(events)
                if event not in looks
            ],
            # Each person once, by their last look.
            "looks": {event.by_name: words.when(event.at, now) for event in looks}.items(),
            "deliveries": [
                (delivery, words.delivery_words(delivery, now))
                for delivery in enquiry.deliveries.all()
            ],
            "sending": Delivery.State.SENDING,
            "refused_state": Delivery.State.REFUSED,
            "retention_days": Clinic.objects.current().retention_days,
        }
        return self.answer(request, "admin/contact/enquiry/change_form.html", context)

    def answer(self, request, template, context):
        shared = self.admin_site.each_context(request) | {"opts": self.opts}
        return TemplateResponse(request, template, shared | context)
