"""Reminds of reviews that are due in a month or now, each once; deliver_mail runs it."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.formats import date_format

from blog.models import Post
from clinic_site.editing.pages import page_url
from clinic_site.models import ReviewReminder
from contact.models import Clinic
from services.models import Service

AHEAD = 30  # days


class Command(BaseCommand):
    help = "Mail which articles and services are to be checked again within a month, or now."
    requires_system_checks = []

    def handle(self, *args, **options):
        due = [
            (row, ReviewReminder(row=row, due_on=row.review_due_on, is_ahead=is_ahead(row)))
            for model in (Post, Service)
            for row in model.objects.review_due_within(AHEAD).select_related("reviewer__account")
        ]
        new = [(row, reminder) for row, reminder in due if not is_sent(reminder)]
        recipients = addresses([row for row, _ in new])
        if not new or not recipients:
            return
        send([row for row, _ in new], recipients)
        # After the mail: a crash in between sends it twice, which is better than never.
        ReviewReminder.objects.bulk_create(reminder for _, reminder in new)


def is_ahead(row):
    return row.review_due_on > timezone.localdate()


def is_sent(reminder):
    sent = ReviewReminder.objects.for_object(reminder.row).filter(due_on=reminder.due_on)
    return sent.filter(is_ahead=reminder.is_ahead).exists()


def addresses(rows):
    """Return who is told: the clinic, and those who checked the texts last."""
    accounts = [row.reviewer.account for row in rows if row.reviewer and row.reviewer.account]
    theirs = [account.email for account in accounts if account.is_active and account.email]
    return list(dict.fromkeys([*Clinic.objects.current().notice_addresses(), *theirs]))


def send(rows, recipients):
    lines = [
        f"{'In a month at most' if is_ahead(row) else 'Now due'}: {row.title}\n"
        f"To be checked by {date_format(row.review_due_on, 'F j, Y')}: {address(row)}\n"
        for row in sorted(rows, key=lambda row: row.review_due_on)
    ]
    words = "1 text is" if len(rows) == 1 else f"{len(rows)} texts are"
    EmailMessage(
        subject=f"Website: {words} to be checked again",
        body="A practitioner reads each again and approves it, or has it changed first.\n\n"
        + "\n".join(lines),
        to=recipients,
    ).send()


def address(row):
    return settings.SITE_URL + page_url(row, "review", row.pk)
