"""Share cards: drawn with the title when a page is published, named by what is drawn on them."""

from io import BytesIO, StringIO

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.urls import reverse
from PIL import Image

from blog.models import Post
from clinic_site.images.share_cards import (
    TITLE_WIDTH,
    card_name,
    draw_card,
    has_all_letters,
    share_card,
    title_lines,
)
from clinic_site.models import Page
from contact.models import Clinic
from services.models import Service

LONG = "Physiotherapiebehandlungsverordnungsformularausfüllhilfe"


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def post(sample_site, media):
    return Post.objects.published().filter(share_image=None, lead_image=None).first()


def shared(client, page):
    html = client.get(page.get_absolute_url()).content.decode()
    return html.partition('property="og:image" content="')[2].partition('"')[0]


@pytest.mark.parametrize("title", ["Back pain", "Dry needling: what it is, and how it feels", LONG])
def test_title_fits(title):
    face, lines = title_lines(title)
    assert max(map(face.getlength, lines)) <= TITLE_WIDTH
    assert lines[-1].endswith("…") == (title == LONG)


def test_title_too_long_for_the_card_is_cut_and_says_so():
    _, lines = title_lines("Many words for one small card " * 20)
    assert len(lines) == 5
    assert lines[-1].endswith("…")


def test_card_is_of_the_usual_size_and_differs_by_title():
    one, other = (share_card(title, "The clinic", "a-slug") for title in ("Knees", "Hips"))
    assert one.size == (1200, 630)
    assert one.tobytes() != other.tobytes()


def test_letters_that_the_font_lacks_are_noticed():
    assert has_all_letters("Café – “quotes” …")
    assert not has_all_letters("針灸 and knees")


def test_page_without_a_card_shares_the_site_s_image(client, post):
    assert shared(client, post).endswith("/static/img/share.png")


def test_publishing_in_the_admin_draws_the_card(
    admin_client, client, post, django_capture_on_commit_callbacks
):
    page = reverse("admin:blog_post_change", args=[post.pk])
    form = admin_client.get(page).context["adminform"].form
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    data |= {"title": "A new title", "publish_at": "2026-01-01T09:00"}
    data |= {"sources-TOTAL_FORMS": 0, "sources-INITIAL_FORMS": 0}
    with django_capture_on_commit_callbacks(execute=True):
        assert admin_client.post(page, data).status_code == 302
    post.refresh_from_db()
    name = card_name(post, Clinic.objects.current().name)
    assert shared(client, post) == f"http://localhost:8000/media/{name}"
    with default_storage.open(name) as file:
        assert Image.open(BytesIO(file.read())).size == (1200, 630)
    assert default_storage.size(name) < 60_000


def test_card_is_drawn_once_and_not_where_the_font_cannot(post):
    assert draw_card(post, "The clinic")
    assert not draw_card(post, "The clinic")
    post.title = "針灸"
    assert not draw_card(post, "The clinic")


def test_command_draws_what_is_missing_and_deletes_what_is_stale(post):
    for model, rows in ((Post, Post.objects.exclude(pk=post.pk)), (Page, Page.objects.all())):
        rows.update(status=model.Status.DRAFT)
    Service.objects.update(status=Service.Status.DRAFT)

    def words():
        out = StringIO()
        call_command("draw_share_cards", stdout=out)
        return out.getvalue().strip()

    assert [words(), words()] == ["1 drawn, 0 deleted", "0 drawn, 0 deleted"]
    Post.objects.update(title="Another title")
    assert words() == "1 drawn, 1 deleted"
