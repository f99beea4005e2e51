"""Fills an empty site with a sample clinic, or removes the sample again."""

from django.core.management.base import BaseCommand

from clinic_site import sample_content


class Command(BaseCommand):
    help = "Fill an empty site with sample content. --remove deletes what nobody has changed."

    def add_arguments(self, parser):
        parser.add_argument("--remove", action="store_true", help="delete untouched samples")

    def handle(self, *args, remove, **options):
        if remove:
            count, kept = sample_content.remove()
            self.stdout.write(f"{count} sample objects deleted.")
            for obj, reason in kept:
                self.stdout.write(f"Kept: {obj._meta.verbose_name} “{obj}”, because {reason}.")
        elif sample_content.is_empty():
            self.stdout.write(f"{sample_content.load()} sample objects created.")
        else:
            self.stdout.write("The site already has content, so nothing was done.")
