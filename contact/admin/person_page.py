"""The page about one person: their enquiries, to hand out or to erase when the person asks."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from contact.admin import enquiry_words as words
from contact.inbox import actions as inbox
from contact.inbox.access_requests import access_request


class TheirEnquiries(forms.ModelMultipleChoiceField):
    """A tick box for each enquiry, with what tells whether it is the same person's."""

    def __init__(self, **options):
        super().__init__(
            label="Which of these are the person’s?",
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "Tick the enquiries of this person first."},
            **options,
        )

    def label_from_instance(self, enquiry):
        received = words.when(enquiry.received_at, timezone.now())
        return f"{enquiry.reference}: {enquiry.name}, {received}"


class PersonForm(forms.Form):
    """Which enquiries are the person's.

    Args:
        found: a queryset of those with the same address or phone.
    """

    def __init__(self, *args, found, **options):
        super().__init__(*args, initial={"enquiries": list(found)}, **options)
        self.fields["enquiries"] = TheirEnquiries(queryset=found)


class ErasePersonForm(PersonForm):
    """The same, and that the person who erases knows what it means."""

    is_confirmed = forms.BooleanField(
        label="Erase them. This cannot be undone.",
        error_messages={"required": "Tick this to erase them."},
    )


class PersonPage:
    """The part of EnquiryAdmin for one person's wish to see or to lose what is held."""

    def person_urls(self):
        view = self.admin_site.admin_view(self.person_view)
        return [path("<int:pk>/person/", view, name="contact_enquiry_person")]

    def has_person_permission(self, request):
        return self.has_export_permission(request) or self.has_erase_permission(request)

    @method_decorator(require_http_methods(["GET", "POST"]))
    def person_view(self, request, pk):
        """Show the enquiries of one person; a POST hands them out or erases them."""
        may = {
            "hand_out": self.has_export_permission(request),
            "erase": self.has_erase_permission(request),
        }
        wish = request.POST.get("wish")
        if not any(may.values()) or (request.method == "POST" and not may.get(wish)):
            raise PermissionDenied
        enquiry = self.enquiry(request, pk)
        found = self.get_queryset(request).of_person(enquiry)
        form = ErasePersonForm if wish == "erase" else PersonForm
        form = form(request.POST, found=found) if wish else PersonForm(found=found)
        if form.is_valid():
            chosen = form.cleaned_data["enquiries"]
            if wish == "hand_out":
                return access_request(chosen, request.user)
            if self.erase_all(request, chosen, form):
                return redirect("admin:contact_enquiry_changelist")
        context = {
            "title": "All about one person",
            "enquiry": enquiry,
            "form": form,
            "confirm": form if wish == "erase" else ErasePersonForm(found=found),
            "may": may,
        }
        return self.answer(request, "admin/contact/enquiry/person.html", context)

    def erase_all(self, request, chosen, form):
        """Erase each, and return whether all are; why one is not stands in the form."""
        erased = 0
        for enquiry in chosen:
            try:
                inbox.erase(enquiry, request.user, is_confirmed=True)
                erased += 1
            except inbox.RefusedError as refused:
                form.add_error(None, f"{enquiry.reference}: {refused}")
        if erased:
            messages.success(request, f"Erased: {erased}.")
        return form.is_valid()
