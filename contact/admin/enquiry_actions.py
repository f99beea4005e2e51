"""The buttons on an enquiry's page: the form of each, and when each is offered."""

from collections.abc import Callable
from typing import NamedTuple

from django import forms

from contact.inbox import actions
from contact.models import Enquiry, EnquiryEvent


class AssignForm(forms.Form):
    shown_assignee = forms.IntegerField(required=False)


class NoteForm(forms.Form):
    text = forms.CharField(
        label="Add a note",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write a note first."},
    )


class CloseForm(forms.Form):
    because = forms.ChoiceField(
        label="Reason for closing",
        choices=[("", "Choose a reason"), *actions.CLOSING_REASONS],
        error_messages={"required": "Choose a reason first."},
    )


class AddressForm(forms.Form):
    address = forms.EmailField(
        label="Send this enquiry to another address",
        error_messages={"required": "Enter an email address first."},
    )


class EraseForm(forms.Form):
    is_confirmed = forms.BooleanField(
        label="Erase it anyway. The waiting email won’t be sent.", required=False
    )


class Button(NamedTuple):
    label: str
    action: Callable
    message: str
    form: type[forms.Form] = forms.Form


# By the action's name in the page address.
BUTTONS = {
    "mark-seen": Button("Mark as seen", actions.mark_seen, "Marked as seen."),
    "assign": Button("Assign to me", actions.assign, "Assigned to you.", AssignForm),
    "mark-answered": Button("Mark as answered", actions.mark_answered, "Marked as answered."),
    "reopen": Button("Reopen", actions.reopen, "Reopened."),
    "hold": Button("Keep it longer", actions.hold, "It won’t be erased until you allow it."),
    "release": Button(
        "Stop keeping it longer", actions.release, "It will be erased on the usual day."
    ),
    "mark-not-spam": Button(
        "Not spam", actions.mark_not_spam, "Moved to the inbox. Its emails are being sent."
    ),
    "add-note": Button("Add note", actions.add_note, "Note added.", NoteForm),
    "close": Button("Close", actions.close, "Closed.", CloseForm),
    "stop-sending": Button(
        "Stop sending", actions.stop_sending, "Sending to this address has stopped.", AddressForm
    ),
    "resend": Button("Send", actions.resend, "The email will be sent shortly.", AddressForm),
}
# Apart, because it needs a permission of its own.
ERASE = Button("Erase", actions.erase, "Erased.", EraseForm)


def offered(enquiry, events, user):
    """Return the keys of BUTTONS for the top of the page, the most likely action first."""
    if enquiry.state == Enquiry.State.CLOSED:
        return ["reopen"]
    seen = EnquiryEvent.Kind.SEEN
    has_seen = any(event.kind == seen and event.by_id == user.pk for event in events)
    is_new = enquiry.state == Enquiry.State.NEW
    assignee = enquiry.assigned_to_id
    offers = (
        ("mark-not-spam", enquiry.is_quarantined),
        ("mark-seen", is_new and not has_seen),
        ("assign", not assignee),
        ("mark-answered", enquiry.is_open),
        ("assign", assignee and assignee != user.pk),
        ("mark-seen", not is_new and not has_seen),
    )
    return [key for key, is_offered in offers if is_offered]
