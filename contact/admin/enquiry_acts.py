"""The buttons of an enquiry's page: what each asks for, when it is offered, what it does."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms

from contact.inbox import actions as inbox
from contact.models import Enquiry, EnquiryEvent

State = Enquiry.State


class TakeForm(forms.Form):
    shown_holder = forms.IntegerField(required=False, widget=forms.HiddenInput)


class NoteForm(forms.Form):
    words = forms.CharField(
        label="Add a note",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write the note first."},
    )


class CloseForm(forms.Form):
    because = forms.ChoiceField(
        label="Close it because",
        choices=[("", "Choose a reason"), *inbox.CLOSING_REASONS],
        error_messages={"required": "Choose a reason first."},
    )


class ResendForm(forms.Form):
    address = forms.EmailField(
        label="Send the notice to another address",
        error_messages={"required": "Enter an email address first."},
    )


class EraseForm(forms.Form):
    is_confirmed = forms.BooleanField(
        label="Erase it although its notice then never goes out", required=False
    )


@dataclass(frozen=True)
class Act:
    """One button: its label, its function in inbox.actions, the message after it, its form."""

    label: str
    do: Callable
    done: str
    form: type[forms.Form] = forms.Form


ACTS = {
    "see": Act("Mark as seen", inbox.see, "Marked as seen."),
    "take": Act("Take it on", inbox.take, "You have it now.", TakeForm),
    "answer": Act("Mark as answered", inbox.answer, "Marked as answered."),
    "open-again": Act("Open it again", inbox.open_again, "It is open again."),
    "hold": Act("Keep from the purge", inbox.hold, "No purge takes it now."),
    "release": Act("Let the purge take it", inbox.release, "The purge may take it in its time."),
    "rescue": Act("Rescue it", inbox.rescue, "It is in the inbox, and its notices go out."),
    "note": Act("Add the note", inbox.note, "The note is added.", NoteForm),
    "close": Act("Close", inbox.close, "It is closed.", CloseForm),
    "stop": Act("Stop", inbox.stop, "It is sent to this address no more.", ResendForm),
    "resend": Act("Send", inbox.resend, "The notice is on its way to the mail server.", ResendForm),
}
# Apart: it needs a permission of its own.
ERASE = Act("Erase it", inbox.erase, "Its content is erased.", EraseForm)


def offered(enquiry, events, user):
    """Return the keys of ACTS whose buttons stand at the top now, the likeliest first.

    Args:
        events: what was done with the enquiry so far.
        user: who looks at the page.
    """
    if enquiry.state == State.CLOSED:
        return ["open-again"]
    has_seen = any(one.kind == EnquiryEvent.Kind.SAW and one.by_id == user.pk for one in events)
    is_new, is_mine = enquiry.state == State.NEW, enquiry.taken_by_id == user.pk
    wanted = (
        ("rescue", enquiry.is_set_aside),
        ("see", is_new and not has_seen),
        ("take", not enquiry.taken_by_id),
        ("answer", enquiry.is_open),
        ("take", enquiry.taken_by_id and not is_mine),
        ("see", not is_new and not has_seen),
    )
    return [name for name, is_wanted in wanted if is_wanted]
