"""Draws the share picture of every published page that lacks one, and removes those of none."""

from itertools import chain

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand

from blog.models import Post
from clinic_site.images.share_cards import FOLDER, card_name, draw_card
from clinic_site.models import Page
from contact.models import Clinic
from services.models import Service


class Command(BaseCommand):
    help = "Draw the missing share pictures of published pages, and delete those no page has."

    def handle(self, **options):
        clinic_name = Clinic.objects.current().name
        pages = list(chain(*(model.objects.published() for model in (Post, Service, Page))))
        drawn = sum(draw_card(page, clinic_name) for page in pages)
        named = {card_name(page, clinic_name) for page in pages}
        stale = [name for name in self.stored() if name not in named]
        for name in stale:
            default_storage.delete(name)
        self.stdout.write(f"{drawn} drawn, {len(stale)} deleted")

    def stored(self):
        """Return the names of all cards there are."""
        if not default_storage.exists(FOLDER):
            return []
        return [f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[1]]
