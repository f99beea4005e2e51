"""Links in the admin: which of a page's own lead nowhere, beside its form."""

from functools import partial

from django.db import transaction

from clinic_site.publishing.dead_links import DeadLink
from clinic_site.publishing.link_check import Checker
from clinic_site.web.redirects import PublicPage


class LinksMixin:
    """A model's form with what the last check of its page's links found."""

    def render_change_form(self, request, context, *args, **kwargs):
        row = kwargs.get("obj")
        if row and isinstance(row, PublicPage):
            context["dead_links"] = DeadLink.objects.for_object(row)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        self.check_links(form.instance)

    def after_restoring(self, request, row):
        super().after_restoring(request, row)
        self.check_links(row)

    def check_links(self, row):
        """Check a page's links once it is sure to be kept."""
        if isinstance(row, PublicPage):
            transaction.on_commit(partial(Checker().check, row), robust=True)
