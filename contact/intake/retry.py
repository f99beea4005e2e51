"""The retry page: the enquiry form with everything typed, after a failure of ours."""

from django.conf import settings
from django.http import QueryDict

from clinic_site.web.error_pages import error_page
from contact.forms import RetryForm

# A heading and the next step, by status.
MESSAGES = {
    413: ("Your message is too long", "It was not sent. Please shorten it and send it again."),
    500: (
        "Something went wrong on our side",
        "Everything you typed is still here. Please send your request again. We will only get it "
        "once.",
    ),
    503: (
        "Your request was not sent",
        "We can’t receive it right now. Everything you typed is still here. Please call us, or "
        "send it again in a few minutes.",
    ),
}


def render_retry_form(request, status):
    """Return the retry page; of a body that is too large (413), it reads only the first part."""
    typed = request.POST
    if status == 413:
        typed = QueryDict(request.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
    heading, message = MESSAGES[status]
    context = {"form": RetryForm(typed.dict()), "heading": heading, "message": message}
    return error_page("contact/retry.html", status, **context)
