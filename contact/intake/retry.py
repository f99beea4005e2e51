"""The enquiry form when something of ours failed: all that was typed, ready to be sent again."""

from django.conf import settings
from django.http import QueryDict

from clinic_site.web.error_pages import error_page
from contact.forms import ReturnedForm

STILL_HERE = "All that you typed is still here."
# What the page says, by status: a heading, and the one next step.
WORDS = {
    413: ("Your message is too long", "It was not sent. Make it shorter, then send it again."),
    500: (
        "Something broke on our side",
        f"Please send your request again: the clinic gets it only once. {STILL_HERE}",
    ),
    503: (
        "Your request was not sent",
        f"We cannot take it right now. Call us, or send it again in a few minutes. {STILL_HERE}",
    ),
}


def given_back(request, status):
    """Return the form's page with what was typed and a fresh key; it needs no database.

    Of a body that is too large (413) only the first part is read.
    """
    typed = request.POST
    if status == 413:
        typed = QueryDict(request.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
    heading, words = WORDS[status]
    context = {"form": ReturnedForm(typed.dict()), "heading": heading, "words": words}
    return error_page("contact/given_back.html", status, **context)
