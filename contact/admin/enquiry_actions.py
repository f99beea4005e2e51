"""The actions on an enquiry's page: the form and the message of each, and when it is offered."""

from collections.abc import Callable
from typing import NamedTuple

from django import forms

from clinic_site.web.forms import LinesField
from contact.inbox import actions
from contact.models import Enquiry, EnquiryEvent


class AssignForm(forms.Form):
    shown_assignee = forms.IntegerField(required=False)


class NoteForm(forms.Form):
    text = LinesField(
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


class Action(NamedTuple):
    run: Callable
    message: str
    form: type[forms.Form] = forms.Form


# By the name in the page address.
ACTIONS = {
    "mark-seen": Action(actions.mark_seen, "Marked as seen."),
    "assign": Action(actions.assign, "Assigned to you.", AssignForm),
    "mark-answered": Action(actions.mark_answered, "Marked as answered."),
    "reopen": Action(actions.reopen, "Reopened."),
    "hold": Action(actions.hold, "It won’t be erased until you allow it."),
    "release": Action(actions.release, "It will be erased on the usual day."),
    "mark-not-spam": Action(
        actions.mark_not_spam, "Moved to the inbox. Its emails are being sent."
    ),
    "add-note": Action(actions.add_note, "Note added.", NoteForm),
    "close": Action(actions.close, "Closed.", CloseForm),
    "stop-sending": Action(
        actions.stop_sending, "Sending to this address has stopped.", AddressForm
    ),
    "resend": Action(actions.resend, "The email will be sent shortly.", AddressForm),
}
# This one needs a permission of its own.
ERASE = Action(actions.erase, "Erased.", EraseForm)


def main_buttons(enquiry, events, user):
    """Return the (name, label) pairs of the buttons at the top, the most likely action first."""
    if enquiry.state == Enquiry.State.CLOSED:
        return [("reopen", "Reopen")]
    seen = EnquiryEvent.Kind.SEEN
    has_seen = any(event.kind == seen and event.by_id == user.pk for event in events)
    is_new = enquiry.state == Enquiry.State.NEW
    assignee = enquiry.assigned_to_id
    buttons = (
        ("mark-not-spam", "Not spam", enquiry.is_quarantined),
        ("mark-seen", "Mark as seen", is_new and not has_seen),
        ("assign", "Assign to me", not assignee),
        ("mark-answered", "Mark as answered", enquiry.is_open),
        ("assign", "Assign to me", assignee and assignee != user.pk),
        ("mark-seen", "Mark as seen", not is_new and not has_seen),
    )
    return [(name, label) for name, label, is_offered in buttons if is_offered]
