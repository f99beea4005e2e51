"""Share cards: drawn with the title when a page is published, named by what is drawn on them."""

import re
from functools import partial
from io import BytesIO, StringIO

import pytest
from cabinet.models import Folder
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.urls import reverse
from imagefield.fields import ImageField
from PIL import Image

from blog.models import Post
from clinic_site.images import library
from clinic_site.images.renditions import FORMATS, as_share_image
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


PROPERTY = re.compile(r'<meta property="(og:image[^"]*)" content="([^"]*)">')


def properties(client, page):
    return dict(PROPERTY.findall(client.get(page.get_absolute_url()).content.decode()))


def shared(client, page):
    return properties(client, page)["og:image"]


def photo(kind="JPEG", mode="RGB", size=(4000, 3000), **options):
    """Return a noisy image as a file, which no encoder makes small."""
    image = Image.effect_noise(size, 90).convert(mode)
    if mode == "RGBA":
        image.putalpha(0)
    image.save(file := BytesIO(), kind, **options)
    return ContentFile(file.getvalue(), f"Knee.{kind}")


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
    assert shared(client, post).endswith("/static/img/share.jpg")


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
        card = Image.open(BytesIO(file.read()))
    assert (card.format, card.size) == ("JPEG", (1200, 630))
    assert default_storage.size(name) < 100_000


@pytest.mark.parametrize(
    "file",
    [
        partial(photo),
        partial(photo, "PNG", "RGBA", (900, 900)),
        partial(photo, "WEBP", size=(1600, 1200)),
        partial(photo, "AVIF", size=(1600, 1200)),
        partial(photo, "PNG", "L", size=(300, 2000)),
        partial(photo, size=(20, 10)),
    ],
)
def test_image_of_any_kind_is_shared_as_a_small_jpeg_of_the_usual_size(
    client, post, file, monkeypatch
):
    monkeypatch.setattr(ImageField, "formats", {"share": FORMATS["share"]})  # the others are slow
    monkeypatch.setattr(library, "FORMATS", {"share": FORMATS["share"]})
    folder = Folder.objects.create(name="Images")
    post.share_image = library.Image.objects.create(
        folder=folder, image_file=file(), image_alt_text='A "knee" bends.'
    )
    post.save()
    found = properties(client, post)
    address = found.pop("og:image")
    assert found == {
        "og:image:type": "image/jpeg",
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": "A &quot;knee&quot; bends.",
    }
    name = address.removeprefix("http://localhost:8000/media/")
    assert name.endswith(".jpg")
    with default_storage.open(name) as stored:
        content = stored.read()
    image = Image.open(BytesIO(content))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (1200, 630))
    assert 1000 < len(content) <= 300_000


def test_transparent_image_is_shared_on_white():
    shown = as_share_image(Image.new("RGBA", (50, 50), (0, 0, 0, 0)))
    assert shown.getpixel((600, 300)) == (255, 255, 255)


def test_shared_image_keeps_the_focal_point_in_sight():
    sheet = Image.new("RGB", (300, 100), "blue")
    sheet.paste("red", (280, 0, 300, 100))
    assert as_share_image(sheet, (1, 0.5)).getpixel((1190, 300))[0] > 200
    assert as_share_image(sheet, (0, 0.5)).getpixel((1190, 300))[0] < 50


def test_every_page_says_how_large_its_shared_image_is(client, post):
    draw_card(post, Clinic.objects.current().name)
    for page, alt in ((post, post.title), (Page.objects.get(slug="about"), "")):
        found = properties(client, page)
        assert found["og:image"].endswith(".jpg")
        assert (found["og:image:width"], found["og:image:height"]) == ("1200", "630")
        assert alt in found["og:image:alt"]
        assert found["og:image:alt"]


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
