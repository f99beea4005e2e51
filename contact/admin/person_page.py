"""The page about one person: download or erase all their enquiries when they ask."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from contact.admin.enquiry_text import describe_moment
from contact.inbox import actions
from contact.inbox.exports import access_request


class EnquiriesField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, enquiry):
        received = describe_moment(enquiry.received_at, timezone.now())
        return f"{enquiry.reference}: {enquiry.name}, {received}"


class PersonForm(forms.Form):
    """Chooses the enquiries of one person, and confirms that they are to be erased."""

    enquiries = EnquiriesField(
        None,
        label="Which of these are this person’s?",
        error_messages={"required": "Tick this person’s enquiries first."},
    )
    is_confirmed = forms.BooleanField(
        label="Erase them. This can’t be undone.",
        required=False,
        error_messages={"required": "Tick this box to erase them."},
    )

    def __init__(self, *args, found, must_confirm, **options):
        super().__init__(*args, initial={"enquiries": list(found)}, **options)
        self.fields["enquiries"].queryset = found
        self.fields["is_confirmed"].required = must_confirm


class PersonPage:
    """The part of EnquiryAdmin that answers a person's request for their own information."""

    def person_view(self, request, pk):
        """Show the enquiries of one person; a POST downloads or erases them."""
        may = {
            "download": request.user.has_perm("contact.export_enquiry"),
            "erase": request.user.has_perm("contact.erase_enquiry"),
        }
        action = request.POST.get("action")
        if not any(may.values()) or (request.method == "POST" and not may.get(action)):
            raise PermissionDenied
        enquiries = self.get_queryset(request)
        enquiry = get_object_or_404(enquiries, pk=pk)
        found = enquiries.of_person(enquiry)
        form = PersonForm(request.POST or None, found=found, must_confirm=action == "erase")
        if form.is_valid():
            chosen = form.cleaned_data["enquiries"]
            if action == "download":
                return access_request(chosen, request.user)
            if self.erase_all(request, chosen, form):
                return redirect("admin:contact_enquiry_changelist")
        context = {"title": "Everything about one person", "enquiry": enquiry}
        return self.render(request, "person", context | {"form": form, "may": may})

    def erase_all(self, request, chosen, form):
        """Erase each, and return whether all were erased; the form says why not."""
        erased = 0
        for enquiry in chosen:
            try:
                actions.erase(enquiry, request.user, is_confirmed=True)
                erased += 1
            except actions.RefusedError as refused:
                form.add_error(None, f"{enquiry.reference}: {refused}")
        if erased:
            messages.success(request, f"Erased: {erased}.")
        return form.is_valid()
