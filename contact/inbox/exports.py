"""Enquiries as CSV: for the clinic's own work, and for the report after a breach."""

import csv
from functools import cache
from itertools import chain, islice

from django.contrib.auth.models import User
from django.db.models import CharField, Q
from django.db.models.functions import Cast
from django.http import StreamingHttpResponse
from django.utils import timezone

from contact.models import Delivery, Enquiry, EnquiryEvent
from services.models import Practitioner, Service

BATCH = 2000  # enquiries read at a time
# A cell that starts so is a formula to a spreadsheet (OWASP, "CSV Injection"; full-width ones too).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
VIEW = "contact.view_enquiry"
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"

# What can be known of a person, and how the enquiry went: heading and column.
DATA = {
    "Name": "name",
    "Phone": "phone_text",
    "Email": "email",
    "Preferred way": "preferred_way",
    "May leave a message": "may_leave_message",
    "For someone else": "is_for_someone_else",
    "Good times": "times",
    "Language": "language",
    "Service": "service_id",
    "Practitioner": "practitioner_id",
    "Page": "page",
    "Message": "message",
}
PROGRESS = {
    "Answer by": "answer_by",
    "State": "state",
    "Closed because": "closed_because",
    "Taken by": "taken_by_id",
    "Seen": "seen_at",
    "Answered": "answered_at",
    "Closed": "closed_at",
    "Set aside": "is_set_aside",
}
COLUMNS = {"Reference": "reference", "Received": "received_at"} | DATA | PROGRESS
ACCOUNT_COLUMNS = ("Account", "Name", "Groups", "May sign in", "Last sign-in", "Did")
BREACH_COLUMNS = ("Reference", "Received", "Name", "Phone", "Email", "Data held", "Mailed", "Did")


class Echo:
    """Gives a CSV writer's line back in place of writing it."""

    def write(self, line):
        return line


def safe(cell):
    """Return a cell as text that no spreadsheet takes for a formula."""
    text = "" if cell is None else str(cell)
    # Most cells begin with a letter or a digit, and need no second look.
    is_plain = not text or text[0].isalnum()
    is_formula = not is_plain and (text.startswith(FORMULA) or text.lstrip().startswith(FORMULA))
    return f"'{text}" if is_formula else text


def lines(rows):
    writer = csv.writer(Echo())
    return "".join(writer.writerow([safe(cell) for cell in row]) for row in rows)


def moment(value):
    return timezone.localtime(value).isoformat(" ", "minutes")[:16] if value else ""


@cache
def labels(choices):
    return dict(choices.choices)


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


def exported(enquiries, by, words=""):
    """Mark a queryset's enquiries as exported by a user, and return an iterator over them.

    They come as dicts of COLUMNS and `pk`, in the queryset's order. What stops belonging to the
    queryset while they are read is marked and not read; never the other way round.
    """
    marked = EnquiryEvent.objects.write_all(enquiries, EnquiryEvent.Kind.EXPORTED, by, words)
    # The field itself would parse each number, which takes longer than all the rest of a row.
    with_phone_text = enquiries.filter(events__in=marked).annotate(
        phone_text=Cast("phone", CharField())
    )
    return with_phone_text.values("pk", *COLUMNS.values()).iterator(BATCH)


def batches(rows):
    """Yield lists of some rows at a time."""
    while batch := list(islice(rows, BATCH)):
        yield batch


def phone_text(stored):
    """Return a number as stored (RFC 3966) as people read it: +1-905-555-0142 ext. 5."""
    return stored.removeprefix("tel:").replace(";ext=", " ext. ") if stored else ""


def writers():
    """Return what turns a stored value of each column into text; the others stay as they are.

    Names of services and people are read once: there are few of them.
    """
    services = {row.pk: str(row) for row in Service.objects.only("title")}
    practitioners = {row.pk: str(row) for row in Practitioner.objects.all()}
    accounts = dict(User.objects.values_list("pk", "username"))
    moments = ("received_at", "answer_by", "seen_at", "answered_at", "closed_at")
    return dict.fromkeys(moments, moment) | {
        "phone_text": phone_text,
        "preferred_way": lambda value: labels(Enquiry.PreferredWay).get(value, ""),
        "may_leave_message": yes_no,
        "is_for_someone_else": yes_no,
        "service_id": services.get,
        "practitioner_id": practitioners.get,
        "state": labels(Enquiry.State).get,
        "closed_because": labels(Enquiry.ClosedBecause).get,
        "taken_by_id": accounts.get,
        "is_set_aside": yes_no,
    }


def in_words(rows, columns=COLUMNS):
    """Yield the cells of each row of `exported`, as text or None, in the order of `columns`."""
    write = writers()
    plan = [(column, write.get(column)) for column in columns.values()]
    for row in rows:
        yield [write(row[column]) if write else row[column] for column, write in plan]


def enquiries_csv(enquiries, by):
    """Return the response with a queryset of enquiries, in its order; `by` is who exports."""
    rows = in_words(exported(enquiries, by))
    return download("enquiries", chain([lines([COLUMNS])], map(lines, batches(rows))))


def did(events):
    return "; ".join(
        f"{event.by_name or 'the patient'}: {event} ({moment(event.at)})" for event in events
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
    events, notices, keys = {}, {}, [row["pk"] for row in batch]
    for event in EnquiryEvent.objects.filter(enquiry__in=keys, **within):
        events.setdefault(event.enquiry_id, []).append(event)
    for delivery in Delivery.objects.filter(enquiry__in=keys).exclude(accepted_at=None):
        words = f"{delivery.address} ({moment(delivery.accepted_at)})"
        notices.setdefault(delivery.enquiry_id, []).append(words)
    for row in batch:
        held = [heading for heading, column in DATA.items() if row[column]]
        yield (
            row["reference"],
            moment(row["received_at"]),
            row["name"],
            phone_text(row["phone_text"]),
            row["email"],
            ", ".join(held),
            "; ".join(notices.get(row["pk"], [])),
            did(events.get(row["pk"], [])),
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
    rows = batches(exported(held, by, "Breach report"))
    parts = (lines(breach_rows(batch, within)) for batch in rows)
    return download("breach-report", chain([first], parts))
