"""Checks the links of the site's own pages; run_daily does so once a day."""

from django.core.management.base import BaseCommand

from clinic_site.models import DeadLink
from clinic_site.publishing.link_check import check_all


class Command(BaseCommand):
    help = "Check the links of the site's own pages; exits 1 when some lead nowhere."

    def handle(self, *args, **options):
        count = sum(1 for _ in check_all())
        dead = DeadLink.objects.all()
        for link in dead:
            self.stdout.write(f"{link.obj.get_absolute_url()}: {link.href}: {link.why}")
        self.stdout.write(f"{count} pages checked, {len(dead)} links lead nowhere.")
        if dead:
            raise SystemExit(1)
