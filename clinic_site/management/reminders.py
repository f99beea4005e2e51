"""Reminders by mail, each sent once: reviews that are due, and entries to check on the register."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.formats import date_format

from blog.models import Post
from clinic_site.editing.pages import page_url
from clinic_site.models import ReviewReminder
from contact.models import Clinic
from services.models import Practitioner, Service
from services.models.practitioner import VERIFY_EVERY

AHEAD = 30  # days


def remind_of_reviews():
    """Mail which articles and services need a review within a month, or now."""
    today = timezone.localdate()
    due = [
        ReviewReminder(obj=obj, due_on=obj.review_due_on, is_ahead=obj.review_due_on > today)
        for model in (Post, Service)
        for obj in model.objects.review_due_within(AHEAD).select_related("reviewer__account")
    ]
    new = sorted(filter(is_new, due), key=lambda reminder: reminder.due_on)
    accounts = [one.obj.reviewer.account for one in new if one.obj.reviewer]
    lines = [
        f"{'Due within a month' if one.is_ahead else 'Due now'}: {one.obj.title}\n"
        f"Review it by {date_format(one.due_on, 'F j, Y')}: "
        f"{settings.SITE_URL}{page_url(one.obj, 'review', one.obj.pk)}\n"
        for one in new
    ]
    texts = "1 text needs" if len(new) == 1 else f"{len(new)} texts need"
    return send(
        new,
        f"Website: {texts} a review",
        "A practitioner reads each text again and approves it, or has it changed first.",
        lines,
        [one.email for one in accounts if one and one.is_active and one.email],
    )


def remind_of_register():
    """Mail whose entry was last compared with the public register a year ago or earlier."""
    due = [
        ReviewReminder(obj=obj, due_on=obj.verified_on + VERIFY_EVERY, is_ahead=False)
        for obj in Practitioner.objects.register_check_due().exclude(verified_on=None)
    ]
    new = list(filter(is_new, due))
    people = "1 person" if len(new) == 1 else f"{len(new)} people"
    lines = [
        f"{one.obj}\nLast checked on {date_format(one.obj.verified_on, 'F j, Y')}: "
        f"{settings.SITE_URL}{page_url(Practitioner, 'change', one.obj.pk)}\n"
        for one in new
    ]
    return send(
        new,
        f"Website: compare {people} with the public register",
        "Find each person on the college’s register, correct what has changed, then enter today’s "
        "date under “register checked on”.",
        lines,
    )


def is_new(reminder):
    """Say whether a reminder has not been sent yet."""
    sent = ReviewReminder.objects.for_object(reminder.obj)
    return not sent.filter(due_on=reminder.due_on, is_ahead=reminder.is_ahead).exists()


def send(reminders, subject, introduction, lines, others=()):
    """Mail the clinic and `others` the lines, one a reminder; return how many there were."""
    recipients = list(dict.fromkeys([*Clinic.objects.current().notification_addresses(), *others]))
    if not reminders or not recipients:
        return 0
    body = f"{introduction}\n\n" + "\n".join(lines)
    EmailMessage(subject=subject, body=body, to=recipients).send()
    # After the mail: a crash in between sends it twice, which is better than never.
    ReviewReminder.objects.bulk_create(reminders)
    return len(reminders)
