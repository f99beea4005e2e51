"""Publishing by time: a page appears and goes by itself, to the minute, everywhere at once."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from blog.models import Post
from clinic_site.models import Page
from services.models import Fee, Service
from tests.test_admin import address, form_page, typed_in

pytestmark = pytest.mark.usefixtures("sample_site")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def desk(client):
    client.force_login(User.objects.create_superuser("alex"))
    return client


@pytest.fixture
def now():
    return timezone.now().replace(second=0, microsecond=0)


def test_a_post_comes_and_goes_to_the_minute_everywhere(client, now, time_machine):
    post = Post.objects.get(slug="what-is-dry-needling")
    post.publish_at, post.unpublish_at = now + 5 * MINUTE, now + 10 * MINUTE
    post.save()
    shown = {}
    for minutes in (4, 5, 9, 10):
        time_machine.move_to(now + minutes * MINUTE, tick=False)
        pages = ("/", "/blog/", "/blog/feed/", f"/team/{post.author.slug}/")
        found = [post.title in client.get(path).text for path in pages]
        found.append(f"{post.url}</loc>" in client.get("/sitemap.xml").text)
        found.append(client.get(post.get_absolute_url()).status_code == 200)
        assert len(set(found)) == 1, found
        shown[minutes] = found[0]
    assert shown == {4: False, 5: True, 9: True, 10: False}


def test_a_service_that_has_ended_takes_its_fees_and_links_with_it(client, now):
    service = Service.objects.get(slug="dry-needling")
    service.unpublish_at = now
    service.save()
    assert client.get("/services/dry-needling/").status_code == 404
    assert not Fee.objects.current().filter(service=service).exists()
    for path in ("/", "/services/", "/blog/what-is-dry-needling/", "/contact/"):
        assert "/services/dry-needling/" not in client.get(path).text.split("data-prose")[0]


@pytest.mark.parametrize(
    ("publish", "unpublish", "errors"),
    [
        ("1970-01-01T00:00", "", {"publish_at": ["Choose a year from 1991 to 2200."]}),
        ("2026-06-01T09:00", "3026-06-01T09:00", {
            "unpublish_at": ["Choose a year from 1991 to 2200."]}),
        ("2026-06-01T09:00", "2026-06-01T09:00", {
            "unpublish_at": ["Choose a time after “Publish on”."]}),
        ("2027-03-14T02:30", "", {
            "publish_at": ["The clocks change that night. Choose another time."]}),
        ("2026-06-01T09:00", "2027-11-07T01:30", {
            "unpublish_at": ["The clocks change that night. Choose another time."]}),
        ("x", "", {"publish_at": ["Enter a valid date/time."]}),
        ("2027-03-14T03:30", "2027-11-07T02:30", None),
        ("2026-06-01T09:00", "2026-06-01T09:01", None),
        ("1998-06-01T09:00", "", None),
    ],
)  # fmt: skip
def test_a_moment_that_makes_no_sense_is_told_beside_its_field(desk, publish, unpublish, errors):
    page = address(Page, "change", Page.objects.get(slug="about").pk)
    typed = typed_in(form_page(desk, page)) | {"title": "Kept", "publish_at": publish}
    response = desk.post(page, typed | {"unpublish_at": unpublish})
    if errors is None:
        assert response.status_code == 302
    else:
        assert response.context["adminform"].form.errors == errors
        assert 'value="Kept"' in response.text


@pytest.mark.parametrize("hour", [4, 5, 6, 7])
def test_what_is_begun_in_the_hour_that_comes_twice_can_be_saved(request, time_machine, hour):
    time_machine.move_to(f"2026-11-01T{hour:02}:30:00+00:00")
    desk = request.getfixturevalue("desk")
    page = address(Page, "add")
    typed = typed_in(form_page(desk, page)) | {"title": "Night", "slug": "night", "summary": "N."}
    assert desk.post(page, typed).status_code == 302
    is_before = Page.objects.get(slug="night").publish_at < timezone.now() - MINUTE
    assert is_before == (hour in (5, 6))


@pytest.mark.parametrize(
    ("status", "publish", "unpublish", "kind", "words"),
    [
        ("draft", -1, None, "draft", "Draft"),
        ("draft", 1, None, "draft", "Draft"),
        ("published", 1, None, "scheduled", "Scheduled from June 1, 2026 at 9:01 am"),
        ("published", -1, None, "published", "Published"),
        ("published", -1, 1, "published", "Published until June 1, 2026 at 9:01 am"),
        ("published", -2, -1, "ended", "Unpublished"),
        ("archived", -2, -1, "archived", "Archived"),
    ],
)
def test_the_list_says_the_state_in_a_word(
    desk, time_machine, status, publish, unpublish, kind, words
):
    time_machine.move_to("2026-06-01T13:00:00+00:00", tick=False)
    now = timezone.now()
    page = Page.objects.get(slug="about")
    page.status, page.publish_at = status, now + publish * MINUTE
    page.unpublish_at = unpublish and now + unpublish * MINUTE
    page.save()
    assert page.is_published == (kind == "published")
    html = desk.get(address(Page, "changelist")).text
    assert f'<span class="state state--{kind}">{words}</span>' in html
    form = desk.get(address(Page, "change", page.pk)).text
    assert ("it was unpublished on" in form) == (kind == "ended")


def test_a_new_article_is_published_at_a_full_minute(desk):
    form = desk.get(address(Post, "add")).context["adminform"].form
    value = form["publish_at"].initial
    assert (value.second, value.microsecond) == (0, 0)


def test_what_lies_in_the_bin_is_nowhere_on_the_site(client):
    for model, path in ((Post, "/blog/"), (Service, "/services/")):
        row = model.objects.published().first()
        row.move_to_trash()
        assert client.get(row.get_absolute_url()).status_code == 404
        assert row.get_absolute_url() not in client.get(path).text
        row.restore_from_trash()
        assert client.get(row.get_absolute_url()).status_code == 200


WORD = (
    '<p class="MsoNormal" style="mso-fareast-language:EN-CA"><span lang="EN-CA">Rest<o:p></o:p>'
    "</span></p><!--[if gte mso 9]><xml></xml><![endif]-->"
)


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"title": "T" * 300}, "at most 120 characters (it has 300)"),
        ({"slug": "fees"}, "Another page already has this address"),
        ({"title": "🎉🎉", "slug": ""}, "letters, digits and hyphens, for example spring-hours"),
        ({"slug": "🎉"}, "letters, digits and hyphens, for example spring-hours"),
        ({"slug": "a" * 300}, "at most 120 characters"),
        ({"publish_at": "1970-01-01T00:00"}, "1991 to 2200"),
        ({"publish_at": "soon"}, "valid date"),
        ({"summary": "s" * 3000}, "at most 300 characters"),
        ({"status": "gone"}, "gone is not one of the available choices"),
        ({"title": "nul \0 byte"}, "Null characters"),
    ],
)
def test_bad_input_is_told_beside_its_field_and_the_rest_is_kept(desk, typed, error):
    page = address(Page, "change", Page.objects.get(slug="about").pk)
    form = typed_in(form_page(desk, page)) | {"body": "<p>Typed before</p>", "seo_title": "Kept"}
    response = desk.post(page, form | typed)
    assert response.status_code == 200
    shown = response.context["adminform"].form
    name = [*typed][-1]
    assert list(shown.errors) == [name]
    assert error in shown.errors[name][0]
    assert {one: shown[one].value() for one in typed} == typed
    assert (shown["body"].value(), shown["seo_title"].value()) == ("<p>Typed before</p>", "Kept")


def test_a_title_of_emoji_alone_is_a_title(desk, client):
    page = Page.objects.get(slug="about")
    form = typed_in(form_page(desk, address(Page, "change", page.pk))) | {"title": "🎉🎉"}
    assert desk.post(address(Page, "change", page.pk), form).status_code == 302
    assert "🎉🎉" in client.get("/about/").text


def test_a_long_paste_from_word_is_taken_and_clean(desk):
    page = Page.objects.get(slug="about")
    text = WORD * (200_000 // len(WORD) + 1)
    form = typed_in(form_page(desk, address(Page, "change", page.pk))) | {"body": text}
    assert desk.post(address(Page, "change", page.pk), form).status_code == 302
    page.refresh_from_db()
    assert page.body.startswith("<p>Rest</p>")
    assert "mso" not in page.body.lower()
