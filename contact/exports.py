"""Enquiries as CSV: for the clinic's own work, and for the report after a breach."""

import csv
from itertools import chain

from django.contrib.auth.models import User
from django.db.models import Q
from django.http import StreamingHttpResponse
from django.utils import timezone

from contact.models import Delivery, Enquiry, EnquiryEvent

BATCH = 1000  # enquiries read, and marked as exported, at a time
# A cell that starts so is a formula to a spreadsheet (OWASP, "CSV Injection"; full-width ones too).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
VIEW = "contact.view_enquiry"
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"

# What can be known of a person: heading and field.
DATA = {
    "Name": "name",
    "Phone": "phone",
    "Email": "email",
    "Preferred way": "preferred_way",
    "May leave a message": "may_leave_message",
    "For someone else": "is_for_someone_else",
    "Good times": "times",
    "Language": "language",
    "Service": "service",
    "Practitioner": "practitioner",
    "Page": "page",
    "Message": "message",
}
PROGRESS = (
    "Answer by",
    "State",
    "Closed because",
    "Taken by",
    "Seen",
    "Answered",
    "Closed",
    "Set aside",
)
ACCOUNT_COLUMNS = ("Account", "Name", "Groups", "May sign in", "Last sign-in", "Did")
BREACH_COLUMNS = ("Reference", "Received", "Name", "Phone", "Email", "Data held", "Mailed", "Did")


class Echo:
    """Gives a CSV writer's line back in place of writing it."""

    def write(self, line):
        return line


def safe(cell):
    """Return a cell as text that no spreadsheet takes for a formula."""
    text = "" if cell is None else str(cell)
    is_formula = text.startswith(FORMULA) or text.lstrip().startswith(FORMULA)
    return f"'{text}" if is_formula else text


def lines(rows):
    writer = csv.writer(Echo())
    return "".join(writer.writerow([safe(cell) for cell in row]) for row in rows)


def moment(value):
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M}" if value else ""


def yes_no(value):
    return {True: "yes", False: "no", None: ""}[value]


def download(name, parts):
    """Return an attachment of text parts; it is streamed, and no proxy or browser keeps it."""
    return StreamingHttpResponse(
        chain(["\ufeff"], parts),  # the mark tells Excel that this is UTF-8
        content_type="text/csv; charset=utf-8",
        headers={
            "Cache-Control": "private, no-store",
            "Content-Disposition": f'attachment; filename="{name}-{timezone.localdate()}.csv"',
        },
    )


def batches(enquiries, by, words):
    """Yield lists of Enquiry, each marked as exported by a user before it leaves."""
    keys = list(enquiries.values_list("pk", flat=True))
    related = Enquiry.objects.select_related("service", "practitioner", "taken_by")
    for start in range(0, len(keys), BATCH):
        found = related.in_bulk(keys[start : start + BATCH])
        EnquiryEvent.objects.bulk_create(
            EnquiryEvent(enquiry_id=key, kind=EnquiryEvent.Kind.EXPORTED, by=by, words=words)
            for key in found
        )
        yield [found[key] for key in keys[start : start + BATCH] if key in found]


def data_cells(row):
    yield row.name
    yield row.phone.as_international if row.phone else ""
    yield row.email
    yield row.get_preferred_way_display()
    yield row.leave_message_text if row.phone else ""
    yield yes_no(row.is_for_someone_else)
    yield from (row.times, row.language, row.service, row.practitioner, row.page, row.message)


def enquiry_cells(row):
    yield from (row.reference, moment(row.received_at), *data_cells(row))
    yield from (moment(row.answer_by), row.get_state_display(), row.get_closed_because_display())
    yield from (row.taken_by, moment(row.seen_at), moment(row.answered_at), moment(row.closed_at))
    yield yes_no(row.is_set_aside)


def enquiries_csv(enquiries, by):
    """Return the response with a queryset of enquiries, in its order; `by` is who exports."""
    heading = [("Reference", "Received", *DATA, *PROGRESS)]
    parts = (lines(map(enquiry_cells, batch)) for batch in batches(enquiries, by, ""))
    return download("enquiries", chain([lines(heading)], parts))


def did(events):
    return "; ".join(
        f"{event.by or 'account since deleted'}: {event} ({moment(event.at)})" for event in events
    )


def accounts(within):
    """Yield a line for each account that may see enquiries now, or acted on one in that time."""
    viewers = User.objects.with_perm(VIEW, is_active=None, backend=MODEL_BACKEND)
    acted = EnquiryEvent.objects.filter(**within).values("by")
    users = User.objects.filter(Q(pk__in=viewers.values("pk")) | Q(pk__in=acted))
    done = set(
        EnquiryEvent.objects.filter(**within).order_by().values_list("by", "kind").distinct()
    )
    for user in users.prefetch_related("groups").order_by("username"):
        labels = [label for kind, label in EnquiryEvent.Kind.choices if (user.pk, kind) in done]
        groups = [group.name for group in user.groups.all()]
        groups += ["above all groups"] if user.is_superuser else []
        yield (
            user.get_username(),
            user.get_full_name(),
            ", ".join(groups),
            yes_no(user.is_active),
            moment(user.last_login),
            ", ".join(labels) or "nothing in this time",
        )


def breach_rows(batch, within):
    """Yield a line for each enquiry: who it is about, what is held, who got or touched it."""
    events, notices = {}, {}
    for event in EnquiryEvent.objects.filter(enquiry__in=batch, **within).select_related("by"):
        events.setdefault(event.enquiry_id, []).append(event)
    for delivery in Delivery.objects.filter(enquiry__in=batch).exclude(accepted_at=None):
        words = f"{delivery.address} ({moment(delivery.accepted_at)})"
        notices.setdefault(delivery.enquiry_id, []).append(words)
    for row in batch:
        held = [heading for heading, field in DATA.items() if getattr(row, field)]
        yield (
            row.reference,
            moment(row.received_at),
            row.name,
            row.phone.as_international if row.phone else "",
            row.email,
            ", ".join(held),
            "; ".join(notices.get(row.pk, [])),
            did(events.get(row.pk, [])),
        )


def breach_csv(start, end, by):
    """Return the response with what the report after a breach asks for: whom, what, and who.

    First the accounts that could see enquiries, then every enquiry whose content the site held at
    any moment between two days. What a purge has emptied before is not in it: it was not there.

    Args:
        start, end: the first and the last moment (aware).
        by: the user who exports.
    """
    within = {"at__gte": start, "at__lte": min(end, timezone.now())}  # not this report itself
    held = Enquiry.objects.filter(
        Q(erased_at=None) | Q(erased_at__gte=start), received_at__lte=end
    ).order_by("received_at", "pk")
    first = lines([ACCOUNT_COLUMNS, *accounts(within), (), BREACH_COLUMNS])
    parts = (lines(breach_rows(batch, within)) for batch in batches(held, by, "Breach report"))
    return download("breach-report", chain([first], parts))
