"""Prints whether enquiries reach people; with --alarm, it also sends the alarm."""

import sys

from django.core.management.base import BaseCommand
from django.utils import timezone

from contact.outbox import alarm
from contact.outbox.sender import describe_error


class Command(BaseCommand):
    help = "Print what keeps enquiries from people. Exits 0 when all is well, 1 when not."

    def add_arguments(self, parser):
        parser.add_argument(
            "--alarm", action="store_true", help="mail it by ALARM_EMAIL_URL, when it is due"
        )

    def handle(self, **options):
        now = timezone.now()
        try:
            found = alarm.watch(now) if options["alarm"] else alarm.troubles(now)
        except alarm.NotConfiguredError as error:
            self.stderr.write(str(error))
            sys.exit(2)
        except Exception as error:
            self.stderr.write(f"The alarm could not be mailed: {describe_error(error)}")
            sys.exit(1)
        self.stdout.write("\n".join(found) or "Enquiries reach people.")
        sys.exit(1 if found else 0)
