"""Runs the jobs of a day, each by itself, so that a failure never stops the others."""

import logging

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connections
from django.db.models import ProtectedError
from django.utils import timezone

from clinic_site.accounts import retention
from clinic_site.management import reminders
from clinic_site.publishing.link_check import check_all
from clinic_site.publishing.trash import Trashable
from contact.management.commands.deliver_mail import daily_stamp
from contact.models import Enquiry
from contact.outbox.digest import send_digest

logger = logging.getLogger(__name__)


def purge_enquiries():
    now = timezone.now()
    return Enquiry.objects.purgeable(now).erase(now)


def empty_trash():
    """Delete for good what has been in the trash for 30 days, unless something still needs it."""
    deleted, now = 0, timezone.now()
    for model in apps.get_models():
        for obj in model.objects.overdue(now) if issubclass(model, Trashable) else ():
            try:
                obj.delete()
                deleted += 1
            except ProtectedError:  # an article still needs its author
                pass
    return deleted


JOBS = {
    "review reminders sent": reminders.remind_of_reviews,
    "register reminders sent": reminders.remind_of_register,
    "mails about likely spam sent": lambda: int(send_digest(timezone.now())),
    "enquiries erased": purge_enquiries,
    "ended sessions and failed sign-ins deleted": retention.purge,
    "objects deleted from the trash": empty_trash,
    "pages checked for broken links": lambda: sum(1 for _ in check_all()),
}


class Command(BaseCommand):
    help = "Run the jobs of a day: reminders, purges, trash, links. Exits 1 when one has failed."
    requires_system_checks = []

    def handle(self, **options):
        succeeded = [self.run(name, job) for name, job in JOBS.items()]
        if not all(succeeded):
            raise SystemExit(1)
        daily_stamp().touch()

    def run(self, name, job):
        """Run one job, print its count, and say whether it succeeded."""
        try:
            self.stdout.write(f"{name}: {job()}")
        except Exception:  # the log names the place, never the error's own words
            logger.exception("Failed: %s", name)
            connections.close_all()
            return False
        return True
