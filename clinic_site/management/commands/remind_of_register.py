"""Reminds, once a year, of entries to compare with the public register; deliver_mail runs it."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.management.base import BaseCommand
from django.urls import reverse
from django.utils.formats import date_format

from clinic_site.models import ReviewReminder
from contact.models import Clinic
from services.models import Practitioner
from services.models.practitioner import VERIFY_EVERY


class Command(BaseCommand):
    help = "Mail whose entry was last compared with the public register a year ago or more."
    requires_system_checks = []

    def handle(self, *args, **options):
        due = Practitioner.objects.register_check_due().exclude(verified_on=None)
        new = [one for one in due if not is_sent(one)]
        recipients = Clinic.objects.current().notice_addresses()
        if not new or not recipients:
            return
        send(new, recipients)
        # After the mail: a crash in between sends it twice, which is better than never.
        ReviewReminder.objects.bulk_create(
            ReviewReminder(row=one, due_on=due_on(one), is_ahead=False) for one in new
        )


def due_on(practitioner):
    return practitioner.verified_on + VERIFY_EVERY


def is_sent(practitioner):
    return (
        ReviewReminder.objects.for_object(practitioner).filter(due_on=due_on(practitioner)).exists()
    )


def send(practitioners, recipients):
    lines = [
        f"{one}\nLast checked on {date_format(one.verified_on, 'F j, Y')}: {address(one)}\n"
        for one in practitioners
    ]
    people = "1 person" if len(practitioners) == 1 else f"{len(practitioners)} people"
    EmailMessage(
        subject=f"Website: compare {people} with the public register",
        body="Look each up on the college’s register, correct what changed, then enter the day "
        "under “register checked on”.\n\n" + "\n".join(lines),
        to=recipients,
    ).send()


def address(practitioner):
    return settings.SITE_URL + reverse("admin:services_practitioner_change", args=[practitioner.pk])
