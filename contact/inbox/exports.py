"""Exports: enquiries as CSV, the privacy breach report, and one person's access request."""

import csv
import io
import re
from collections import defaultdict
from itertools import chain

from django.contrib.auth.models import User
from django.db.models import CharField, Q
from django.db.models.functions import Cast
from django.http import HttpResponse, StreamingHttpResponse
from django.template.loader import render_to_string
from django.utils import timezone

from clinic_site.web.phones import phone_text
from contact.models import Clinic, Delivery, Enquiry, EnquiryEvent

BATCH = 2000  # enquiries read at a time
# How a formula begins (OWASP, "CSV Injection"); full-width and small signs count too.
SIGN = r"[=+\-@＝＋－＠﹦﹢﹣﹫]"
FORMULA = re.compile(rf'[\t\r\n]|[\s"]*{SIGN}')
# Where Excel separates cells by semicolons, as in French, one also begins inside a cell of ours.
LATER_FORMULA = re.compile(rf'([;|\t\r\n][\s"]*)(?={SIGN})')

# Heading and column of the personal data, and of the progress.
DATA = {
    "Name": "name",
    "Phone": "stored_phone",
    "Phone, as typed": "phone_note",
    "Email": "email",
    "Preferred way": "preferred_way",
    "May leave a message": "may_leave_message",
    "For someone else": "is_for_someone_else",
    "Good times": "times",
    "Language": "language",
    "Service": "service__title",
    "Practitioner": "practitioner_id",
    "Page": "page",
    "Message": "message",
}
PROGRESS = {
    "Answer by": "answer_by",
    "State": "state",
    "Closed because": "closed_because",
    "Assigned to": "assigned_to__username",
    "Seen": "seen_at",
    "Answered": "answered_at",
    "Closed": "closed_at",
    "Spam": "is_quarantined",
}
COLUMNS = {"Reference": "reference", "Received": "received_at"} | DATA | PROGRESS
ACCOUNT_COLUMNS = ("Account", "Name", "Groups", "Active", "Last sign-in", "Activity")
CONTACT_COLUMNS = ("Reference", "Received", "Name", "Phone", "Email")
BREACH_COLUMNS = (*CONTACT_COLUMNS, "Data held", "Emailed to", "Activity")


def safe(cell):
    """Return a cell as text that no spreadsheet reads as a formula."""
    text = LATER_FORMULA.sub(r"\1'", "" if cell is None else str(cell))
    return f"'{text}" if FORMULA.match(text) else text


def csv_lines(rows):
    lines = io.StringIO(newline="")
    csv.writer(lines, quoting=csv.QUOTE_ALL).writerows(map(safe, row) for row in rows)
    return lines.getvalue()


def moment(value):
    return timezone.localtime(value).isoformat(" ", "minutes")[:16] if value else ""


def yes_no(value):
    return {True: "yes", False: "no", None: ""}[value]


def attachment(name):
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def csv_response(name, parts):
    return StreamingHttpResponse(
        chain(["\ufeff"], parts),  # the mark tells Excel that this is UTF-8
        content_type="text/csv; charset=utf-8",
        headers=attachment(f"{name}-{timezone.localdate()}.csv"),
    )


def export_batches(enquiries, by, detail=""):
    """Yield enquiries in lists of dicts, each recorded as exported by a user before it leaves."""
    keys = list(enquiries.values_list("pk", flat=True))
    # The field itself would parse each number, which takes longer than all the rest of a row.
    rows = enquiries.annotate(stored_phone=Cast("phone", CharField()))
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        exported = [EnquiryEvent.of(pk, EnquiryEvent.Kind.EXPORTED, by, detail) for pk in batch]
        EnquiryEvent.objects.bulk_create(exported)
        yield list(rows.filter(pk__in=batch).values("pk", *COLUMNS.values()))


def as_text(batches):
    """Yield each list of dicts as a list of rows: their cells as text or None, like COLUMNS."""
    # Read once for all rows, because there are few: a name needs the titles of its profile.
    practitioners = Enquiry._meta.get_field("practitioner").related_model.objects.all()
    moments = ("received_at", "answer_by", "seen_at", "answered_at", "closed_at")
    convert = dict.fromkeys(moments, moment) | {
        "stored_phone": phone_text,
        "preferred_way": dict(Enquiry.PreferredWay.choices).get,
        "may_leave_message": yes_no,
        "is_for_someone_else": yes_no,
        "practitioner_id": {person.pk: str(person) for person in practitioners}.get,
        "state": dict(Enquiry.State.choices).get,
        "closed_because": dict(Enquiry.ClosedBecause.choices).get,
        "is_quarantined": yes_no,
    }
    plan = [(column, convert.get(column)) for column in COLUMNS.values()]
    for batch in batches:
        yield [
            [convert(row[column]) if convert else row[column] for column, convert in plan]
            for row in batch
        ]


def enquiries_csv(enquiries, by):
    """Return a queryset of enquiries as a CSV file for the user `by`."""
    batches = as_text(export_batches(enquiries, by))
    return csv_response("enquiries", map(csv_lines, chain([[COLUMNS]], batches)))


def describe_events(events):
    return "; ".join(
        f"{event.by_name or 'the patient'}: {event} ({moment(event.at)})" for event in events
    )


def account_rows(period):
    """Yield a row for each account that can see enquiries now, or acted on one in the period."""
    viewers = User.objects.with_perm(
        "contact.view_enquiry", is_active=None, backend="django.contrib.auth.backends.ModelBackend"
    )
    events = EnquiryEvent.objects.filter(**period).order_by()
    users = User.objects.filter(Q(pk__in=viewers.values("pk")) | Q(pk__in=events.values("by")))
    activity = set(events.values_list("by", "kind").distinct())
    for user in users.prefetch_related("groups").order_by("username"):
        labels = [label for kind, label in EnquiryEvent.Kind.choices if (user.pk, kind) in activity]
        groups = [*map(str, user.groups.all()), *["Superuser"] * user.is_superuser]
        yield (
            user.get_username(),
            user.get_full_name(),
            ", ".join(groups),
            yes_no(user.is_active),
            moment(user.last_login),
            ", ".join(labels) or "nothing in this period",
        )


def breach_rows(batch, period):
    """Yield a row for each enquiry: whose it is, the data held, and who received or used it."""
    events, emailed, keys = defaultdict(list), defaultdict(list), [row["pk"] for row in batch]
    for event in EnquiryEvent.objects.filter(enquiry__in=keys, **period):
        events[event.enquiry_id].append(event)
    for delivery in Delivery.objects.filter(enquiry__in=keys).exclude(accepted_at=None):
        text = f"{delivery.address} ({moment(delivery.accepted_at)})"
        emailed[delivery.enquiry_id].append(text)
    for row in batch:
        yield (
            row["reference"],
            moment(row["received_at"]),
            row["name"],
            phone_text(row["stored_phone"]),
            row["email"],
            ", ".join(heading for heading, column in DATA.items() if row[column]),
            "; ".join(emailed[row["pk"]]),
            describe_events(events[row["pk"]]),
        )


def breach_csv(start, end, by):
    """Return the privacy breach report for the user `by`.

    It lists the accounts that can see enquiries, then every enquiry whose content the site held at
    any time between two moments (aware).
    """
    period = {"at__gte": start, "at__lte": min(end, timezone.now())}  # not this report itself
    held = Enquiry.objects.filter(
        Q(erased_at=None) | Q(erased_at__gte=start), received_at__lte=end
    ).order_by("received_at", "pk")
    first = csv_lines([ACCOUNT_COLUMNS, *account_rows(period), (), BREACH_COLUMNS])
    batches = export_batches(held, by, "Breach report")
    parts = (csv_lines(breach_rows(batch, period)) for batch in batches)
    return csv_response("breach-report", chain([first], parts))


def access_request(enquiries, by):
    """Return a text file for one person with all that their enquiries hold."""
    ordered = enquiries.order_by("received_at", "pk")
    # Read before this export is recorded as one more event.
    enquiries = list(ordered.prefetch_related(None).prefetch_related("events", "deliveries"))
    facts = [
        [(heading, text) for heading, text in zip(COLUMNS, cells, strict=True) if text]
        for batch in as_text(export_batches(ordered, by, "For the person it is about"))
        for cells in batch
    ]
    context = {
        "clinic": Clinic.objects.current(),
        "made_at": moment(timezone.now()),
        "enquiries": zip(enquiries, facts, strict=True),
    }
    return HttpResponse(
        render_to_string("contact/access_request.txt", context),
        content_type="text/plain; charset=utf-8",
        headers=attachment(f"enquiries-{timezone.localdate()}.txt"),
    )
