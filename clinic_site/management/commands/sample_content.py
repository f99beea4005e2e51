"""Fills an empty site with a sample clinic, or takes the sample out again."""

from django.core.management.base import BaseCommand

from clinic_site import sample_content


class Command(BaseCommand):
    help = "Fill an empty site with sample content; --remove deletes what nobody has changed."

    def add_arguments(self, parser):
        parser.add_argument("--remove", action="store_true", help="delete unchanged sample rows")

    def handle(self, *args, remove, **options):
        if remove:
            deleted, left = sample_content.remove()
            self.stdout.write(f"{deleted} sample rows deleted.")
            for row, reason in left:
                self.stdout.write(f"Left: {row} {reason}.")
        elif sample_content.is_empty():
            self.stdout.write(f"{sample_content.load()} sample rows stored.")
        else:
            self.stdout.write("The site has content already: nothing was done.")
