"""Draws the share image, favicons and app icons into static/img/."""

from django.conf import settings
from django.core.management.base import BaseCommand

from clinic_site.illustrations.images import icon_files


class Command(BaseCommand):
    help = "Draw static/img/ (share image, favicons, app icons) anew from the drawings' geometry."

    def handle(self, **options):
        folder = settings.BASE_DIR / "static" / "img"
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in icon_files().items():
            (folder / name).write_bytes(content)
            self.stdout.write(f"{name} {len(content):,} bytes")
