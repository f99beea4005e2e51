"""Links: those that lead nowhere are found each night and told beside the content."""

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from blog.models import Post, Topic
from clinic_site.models import DeadLink, Page
from clinic_site.publishing.link_check import (
    DELETED,
    NO_PAGE,
    NO_SECTION,
    NOT_SHOWN,
    NOT_WHOLE,
    Checker,
    check_all,
    objects_linking,
)
from services.models import Practitioner, Service
from tests.test_admin import address, form_page, typed_in

pytestmark = pytest.mark.usefixtures("sample_site")
SITE = "http://localhost:8000"


@pytest.fixture(autouse=True)
def site_url(settings):
    settings.SITE_URL = SITE


@pytest.fixture
def page():
    return Page.objects.get(slug="about")


@pytest.fixture
def few_pages(page):
    """The page and one topic alone, so that checking all of them is quick."""
    for model in (Post, Service, Practitioner):
        model._base_manager.all().delete()
    Topic.objects.exclude(pk=Topic.objects.first().pk).delete()
    Page.objects.exclude(pk=page.pk).delete()


def link_to(page, *hrefs):
    page.body = "".join(f'<p><a href="{href}">Words of it</a></p>' for href in hrefs)
    page.save()


def dead(page):
    Checker().check(page)
    return [(link.href, link.why) for link in DeadLink.objects.for_object(page)]


def test_no_link_of_the_sample_leads_nowhere(capsys):
    call_command("check_links")
    assert "0 links lead nowhere" in capsys.readouterr().out


def test_a_link_that_leads_nowhere_is_found_with_the_reason(page):
    links = [
        ("/nowhere/", NO_PAGE),
        ("/services/nowhere/?a=1#b", NO_PAGE),
        (f"{SITE}/nowhere/", NO_PAGE),
        ("/services/#nowhere", NO_SECTION),
        ("#nowhere", NO_SECTION),
        ("/media/nowhere.png", NO_PAGE),
        ("https://nowhere", NOT_WHOLE),
        ("mailto:", NOT_WHOLE),
        ("/%00/", NO_PAGE),
        ("/media/%2e%2e/%2e%2e/manage.py", NO_PAGE),
    ]
    link_to(page, *(href for href, _ in links))
    assert dead(page) == links


def test_a_link_that_leads_somewhere_is_not(page):
    ours = ["/", "/services/", "/blog/what-is-dry-needling/", "/contact/?service=dry-needling"]
    ours += ["#main", "/team/#main", "/sitemap.xml", "/admin/"]
    others = ["https://other.example/a#b", "mailto:desk@clinic.example", "tel:+19055550111"]
    link_to(page, *ours, *others)
    assert dead(page) == []


def test_an_old_address_leads_somewhere_until_its_page_is_gone(page):
    post = Post.objects.get(slug="what-is-dry-needling")
    old = post.get_absolute_url()
    link_to(page, old)
    post.slug = "moved"
    post.save()
    assert dead(page) == []
    post.move_to_trash()
    assert dead(page) == [("/blog/moved/", NOT_SHOWN)]
    post.delete()
    assert dead(page) == [(DELETED, NO_PAGE)]


def test_a_page_that_nobody_sees_is_not_asked_about(page):
    link_to(page, "/nowhere/")
    assert dead(page)
    page.move_to_trash()
    assert dead(page) == []


def test_a_page_that_fails_stops_no_other(page, few_pages, monkeypatch, caplog):
    monkeypatch.setattr(Topic, "get_absolute_url", lambda self: "/broken/")
    monkeypatch.setattr("clinic_site.publishing.link_check.resolve", fails_at("/broken/"))
    link_to(page, "/nowhere/")
    list(check_all())
    assert DeadLink.objects.for_object(page).get().why == NO_PAGE
    assert "/broken/: ZeroDivisionError" in caplog.text


def fails_at(broken):
    from django.urls import resolve

    def asked(path):
        if path == broken:
            raise ZeroDivisionError
        return resolve(path)

    return asked


def test_the_command_tells_them_and_fails(page, few_pages, capsys):
    link_to(page, "/nowhere/")
    with pytest.raises(SystemExit):
        call_command("check_links")
    assert "/about/: /nowhere/: there is no such page" in capsys.readouterr().out


def test_dead_links_stand_beside_the_form_until_they_are_mended(
    client, page, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path  # for the share picture
    client.force_login(User.objects.create_superuser("alex"))
    form = address(Page, "change", page.pk)
    for body, told in (("/a/", "1 broken link on this page"), ("/fees/", None)):
        typed = typed_in(form_page(client, form)) | {"body": f'<p><a href="{body}">Words</a></p>'}
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post(form, typed).status_code == 302
        html = client.get(form).text
        assert ("“Words” to /a/: there is no such page" in html) == bool(told)
        assert not told or told in html


def test_the_texts_that_link_to_a_page_are_found_and_no_others(page, settings):
    post, service = Post.objects.first(), Service.objects.first()
    Post.objects.update(body="")
    other, in_trash = Page.objects.exclude(pk=page.pk)[:2]
    link_to(other, f"{settings.SITE_URL}/about/#top")
    link_to(in_trash, "/about/")
    in_trash.move_to_trash()
    post.body = '<p>/about/ <a href="/blog/about/">not this one</a></p>'
    post.save()
    service.risks = '<p><a href="/about/?a=1">this one</a></p>'
    service.save()
    link_to(page, "/about/")
    assert set(objects_linking([page])) == {other, service}
    assert objects_linking([]) == []


def test_who_throws_a_page_away_is_told_where_it_is_linked(client, page):
    client.force_login(User.objects.create_superuser("alex"))
    other = Page.objects.get(slug="fees")
    link_to(other, "/about/")
    link = f'<a href="{address(Page, "change", other.pk)}">{other}</a>'
    assert link in client.get(address(Page, "delete", page.pk)).text
    chosen = {"action": "put_in_bin", "_selected_action": page.pk}
    assert link in client.post(address(Page, "changelist"), chosen, follow=True).text
