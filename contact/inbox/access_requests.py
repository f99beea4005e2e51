"""Everything the site holds about one person, as a text they can be given when they ask for it."""

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone

from contact.inbox.exports import COLUMNS, exported, in_words, moment
from contact.models import Clinic

WORDS = "For the person it is about"


def held(rows):
    """Yield (heading, text) pairs of what each enquiry holds, without what is empty."""
    for cells in in_words(rows):
        yield [(heading, text) for heading, text in zip(COLUMNS, cells, strict=True) if text]


def done(enquiry):
    return [(moment(one.at), one, one.by_name, one.words) for one in enquiry.events.all()]


def mailed(enquiry):
    return [(moment(one.accepted_at), one.address) for one in enquiry.deliveries.all()]


def access_request(enquiries, by):
    """Return the response with a text of some enquiries, each marked as exported.

    Args:
        enquiries: a queryset; all of one person.
        by: the user who hands it out.
    """
    ordered = enquiries.order_by("received_at", "pk")
    full = ordered.prefetch_related("events", "deliveries")
    # Read before the next line writes down that they were handed out.
    told = [(done(enquiry), mailed(enquiry)) for enquiry in full]
    rows = exported(ordered, by, WORDS)
    context = {
        "clinic": Clinic.objects.current(),
        "made_at": moment(timezone.now()),
        "enquiries": zip(held(rows), told, strict=True),
    }
    text = render_to_string("contact/access_request.txt", context)
    return HttpResponse(
        text,
        content_type="text/plain; charset=utf-8",
        headers={
            "Cache-Control": "private, no-store",
            "Content-Disposition": f'attachment; filename="enquiries-{timezone.localdate()}.txt"',
        },
    )
