"""Drafts the browser keeps: of content alone, until the server has saved it."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client

from blog.models import Post, Topic
from clinic_site.models import Page
from contact.models import Clinic, Enquiry, Location
from services.models import Practitioner, Service
from tests.test_admin import address, form_page, typed_in

pytestmark = pytest.mark.usefixtures("sample_site")
CONTENT = {Post, Topic, Service, Practitioner, Page, Clinic, Location}


@pytest.fixture
def desk(client):
    client.force_login(User.objects.create_superuser("alex"))
    return client


def test_only_forms_of_content_are_kept(desk):
    Enquiry.objects.take({"name": "Ana"}, "one", [])
    kept = set()
    for model in filter(admin.site.is_registered, apps.get_models()):
        row = model.objects.first()
        paths = [address(model, "add"), row and address(model, "change", row.pk)]
        if any("data-kept-draft" in desk.get(path).text for path in paths if path):
            kept.add(model)
    assert kept == CONTENT


def test_a_draft_is_named_once_after_it_was_saved_and_not_before(desk):
    page = address(Topic, "add")
    typed = {"title": "", "slug": "new", "_draft": "one"}
    answer = desk.post(page, typed)
    assert 'data-saved-drafts=""' in answer.text
    assert '<input type="hidden" name="_draft" value="one">' in answer.text
    answer = desk.post(page, typed | {"title": "New"}, follow=True)
    assert 'data-saved-drafts="one"' in answer.text
    assert 'data-saved-drafts=""' in desk.get(page).text


def test_a_draft_s_name_is_nothing_but_text(desk):
    typed = {"title": "New", "slug": "new", "_draft": '"><script>' * 9}
    answer = desk.post(address(Topic, "add"), typed, follow=True)
    assert "&quot;&gt;&lt;script&gt;" in answer.text
    assert '"><script>"' not in answer.text


def test_too_large_a_text_is_told_in_words_and_leads_back_to_the_form(desk):
    page = address(Page, "add")
    answer = desk.post(page, {"title": "Big", "body": "x" * 3_000_000})
    assert answer.status_code == 413
    assert "pasted images make it too large" in answer.text
    assert "tel:" not in answer.text
    assert f'<a href="{page}">Open the form again</a>' in answer.text
    # What the browser does not keep is not promised.
    answer = desk.post(address(User, "add"), {"username": "x" * 3_000_000})
    assert answer.status_code == 413
    assert "Back button" in answer.text
    assert "Open the form again" not in answer.text


def test_a_server_error_leads_back_to_the_form(desk, monkeypatch):
    page = Page.objects.first()
    path = address(Page, "change", page.pk)
    typed = typed_in(form_page(desk, path))
    monkeypatch.setattr(Page, "save", lambda *args, **kwargs: 1 / 0)
    browser = Client(raise_request_exception=False)
    browser.cookies = desk.cookies
    answer = browser.post(path, typed | {"title": "Changed"})
    assert answer.status_code == 500
    assert f'<a href="{path}">Open the form again</a>' in answer.text
    # An enquiry's browser keeps nothing, so nothing is promised.
    assert "Open the form again" not in browser.get("/nowhere/").text
