"""Draws the missing share cards of published pages, and deletes those that no page uses."""

from itertools import chain

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand

from blog.models import Post
from clinic_site.images.share_cards import FOLDER, card_name, draw_card
from clinic_site.models import Page
from contact.models import Clinic
from services.models import Service


class Command(BaseCommand):
    help = "Draw the missing share cards of published pages, and delete those that no page uses."

    def handle(self, **options):
        clinic_name = Clinic.objects.current().name
        pages = list(chain(*(model.objects.published() for model in (Post, Service, Page))))
        drawn = sum(draw_card(page, clinic_name) for page in pages)
        used = {card_name(page, clinic_name) for page in pages}
        stored = default_storage.listdir(FOLDER)[1] if default_storage.exists(FOLDER) else []
        stale = {f"{FOLDER}/{name}" for name in stored} - used
        for name in stale:
            default_storage.delete(name)
        self.stdout.write(f"{drawn} drawn, {len(stale)} deleted")
