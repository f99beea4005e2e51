"""Own links: kept by the row they lead to, printed with the address that it has now."""

import re
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import User
from django.contrib.redirects.models import Redirect
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.models import Post, Topic
from clinic_site.history.words import in_words
from clinic_site.models import Page
from clinic_site.richtext.field import ProseField
from clinic_site.richtext.hrefs import clean_href
from clinic_site.richtext.internal_links import reference, with_addresses_for_staff
from clinic_site.richtext.usage import models_with
from services.models import Practitioner, Service
from tests.test_admin import address, form_page, typed_in
from tests.test_clinic_site import queries_of

pytestmark = pytest.mark.usefixtures("sample_site")


@pytest.fixture
def page():
    return Page.objects.get(slug="about")


@pytest.fixture
def post():
    return Post.objects.get(slug="what-is-dry-needling")


def stored(page, href, words="Words of it"):
    page.body = f'<p><a href="{href}">{words}</a></p>'
    page.save()
    page.refresh_from_db()
    return page.body


@pytest.mark.parametrize(
    ("model", "slug"),
    [
        (Post, "what-is-dry-needling"),
        (Topic, "treatments"),
        (Service, "dry-needling"),
        (Practitioner, "priya-sample"),
        (Page, "fees"),
    ],
)
def test_a_link_follows_its_page_to_a_new_address(client, page, model, slug):
    row = model.objects.get(slug=slug)
    assert f'href="{reference(row)}"' in stored(page, row.get_absolute_url())
    row.slug = "moved"
    row.save()
    html = client.get("/about/").text
    assert f'<a href="{row.get_absolute_url()}">Words of it</a>' in html
    assert row.get_absolute_url().endswith("/moved/")
    assert "/go/" not in html


@pytest.mark.parametrize(
    "typed",
    [
        "{path}",
        "  {path}",
        "/services/dry-needling",
        "/services/dry%2Dneedling/",
        "https://clinic.example{path}",
        "http://clinic.example{path}",
        "HTTPS://CLINIC.EXAMPLE{path}",
        "{kept}",
        "https://clinic.example{kept}",
    ],
)
@pytest.mark.parametrize("rest", ["", "#risks", "?a=1&amp;b=2#risks"])
def test_however_an_own_address_was_typed_the_row_is_kept(page, settings, typed, rest):
    settings.SITE_URL = "https://clinic.example"
    service = Service.objects.get(slug="dry-needling")
    typed = typed.format(path=service.get_absolute_url(), kept=reference(service))
    body = stored(page, typed + rest)
    assert f'href="{reference(service)}{rest}"' in body
    page.body = body
    page.save()
    assert page.body == body


@pytest.mark.parametrize(
    "href",
    [
        "/",
        "/contact/?service=dry-needling",
        "/nowhere/",
        "/blog/dry-needling/",
        "/dry-needling/",
        "#risks",
        "https://other.example/services/dry-needling/",
        "//other.example/services/dry-needling/",
        "mailto:services/dry-needling/",
        "/%00/",
        "/services/%F0%9F%A6%B4/",
        "/go/service/0/",
        "/go/nothing/1/",
    ],
)
def test_any_other_link_is_kept_as_it_was_typed(page, href):
    assert f'href="{href}"' in stored(page, href)


def test_an_old_address_counts_as_the_page_it_leads_to(page, post):
    old = post.get_absolute_url()
    post.slug = "moved"
    post.save()
    assert reference(post) in stored(page, old)
    for one, other in (("/a/", "/b/"), ("/b/", "/a/")):
        Redirect.objects.create(site_id=1, old_path=one, new_path=other)
    assert 'href="/a/"' in stored(page, "/a/")


def test_where_readers_find_no_page_the_words_stand_alone(client, page, post):
    stored(page, post.get_absolute_url(), "<strong>All</strong> about it")
    for hide in (lambda: set_status(post, "draft"), post.move_to_trash, post.delete):
        hide()
        assert "<p><strong>All</strong> about it</p>" in client.get("/about/").text
        if post.pk:
            set_status(post, "published")
            post.restore_from_trash()
            assert 'href="/blog/what-is-dry-needling/"' in client.get("/about/").text


def test_words_that_look_like_a_kept_link_break_no_page(client, page, post):
    page.body = f'<p>Write href="{reference(post)}" there.</p>'
    page.save()
    set_status(post, "draft")
    assert f'Write href="{reference(post)}" there.' in client.get("/about/").text


def set_status(row, status):
    row.status = status
    row.save()


def test_a_topic_without_articles_and_a_person_not_shown_have_no_page(client, page):
    topic = Topic.objects.create(title="Empty", slug="empty")
    person = Practitioner.objects.get(slug="priya-sample")
    for row in (topic, person):
        person.is_active = False
        person.save()
        stored(page, row.get_absolute_url())
        assert "<p>Words of it</p>" in client.get("/about/").text


def test_the_kept_form_is_an_address_too(client, post):
    kept = reference(post)
    response = client.get(kept)
    assert (response.status_code, response["Location"]) == (302, post.get_absolute_url())
    assert response["Cache-Control"].startswith("public")
    post.move_to_trash()
    for path in (kept, "/go/nothing/1/", "/go/post/0/", f"/go/post/{'9' * 18}/",
                 f"/go/post/{'9' * 40}/"):  # fmt: skip
        assert client.get(path, follow=True).status_code == 404


def test_links_cost_a_page_a_query_for_each_kind_however_many_they_are(client):
    service = Service.objects.get(slug="dry-needling")
    path = service.get_absolute_url()
    client.get(path)
    before = queries_of(client, path)
    rows = [*Service.objects.all(), *Page.objects.all(), *Post.objects.all(), *Topic.objects.all()]
    links = "".join(f'<p><a href="{row.get_absolute_url()}">{row}</a></p>' for row in rows)
    for name in ("body", "who_it_suits", "who_it_does_not_suit", "what_to_expect", "risks"):
        setattr(service, name, links)
    service.save()
    assert before < queries_of(client, path) <= before + len({type(row) for row in rows})


def test_saving_asks_once_a_model_however_many_links_there_are(page):
    field = Page._meta.get_field("body")
    hrefs = [post.get_absolute_url() for post in Post.objects.all()]
    for html in ("", "".join(f'<a href="{href}">x</a>' for href in hrefs)):
        with CaptureQueriesContext(connection) as queries:
            field.clean_html(html)
        assert len(queries) == (5 if html else 0)


def test_the_feed_has_whole_addresses_of_now(client, settings, post):
    other = Post.objects.exclude(pk=post.pk).first()
    stored(other, post.get_absolute_url())
    post.slug = "moved"
    post.save()
    assert f'href="{settings.SITE_URL}/blog/moved/"' in client.get("/blog/feed/").text.replace(
        "&lt;", "<"
    )


def test_staff_see_addresses_and_a_save_without_a_change_is_none(client, page, post):
    client.force_login(User.objects.create_superuser("alex"))
    kept = stored(page, "/blog/what-is-dry-needling/#why")
    post.move_to_trash()
    form = address(Page, "change", page.pk)
    typed = typed_in(form_page(client, form))
    assert 'href="/blog/what-is-dry-needling/#why"' in typed["body"]
    changed = client.get(form).context["adminform"].form
    assert not changed.fields["body"].has_changed(kept, typed["body"])
    assert client.post(form, typed).status_code == 302
    page.refresh_from_db()
    assert page.body == kept


def test_the_history_tells_addresses(page, post):
    body = stored(page, post.get_absolute_url())
    assert (
        in_words(Page._meta.get_field("body"), body)
        == "Words of it (link to /blog/what-is-dry-needling/)"
    )
    assert (
        with_addresses_for_staff('<a href="/go/post/999/">x</a>') == '<a href="/go/post/999/">x</a>'
    )


def test_the_sample_links_by_rows():
    texts = "".join(
        value
        for model, fields in models_with(ProseField)
        for row in model.objects.values_list(*(field.attname for field in fields))
        for value in row
    )
    assert "/go/service/" in texts
    assert 'href="/services/dry' not in texts


SAFE_LINK = (
    "https://nam12.safelinks.protection.outlook.com/?url=https%3A%2F%2Fknees.example%2Fa%3Fb%3D2"
    "&amp;data=05%7C01%7Cdesk%40clinic.example%7C&amp;reserved=0"
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Https://www.example.com", "https://www.example.com"),
        (" https://a.example/b ", "https://a.example/b"),
        ("HTTP://a.example", "http://a.example"),
        ("MAILTO:desk@clinic.example", "mailto:desk@clinic.example"),
        ("mailto://desk@clinic.example", "mailto:desk@clinic.example"),
        ("https:/a.example", "https://a.example"),
        ("https:\\\\a.example", "https://a.example"),
        ("http://https://a.example", "https://a.example"),
        ("\u200bhttps://a.example\u2060/b\xa0", "https://a.example/b"),
        ("&lt;https://a.example&gt;", "https://a.example"),
        ("https://a.example/b c", "https://a.example/b%20c"),
        ("frontdesk@clinic.example", "mailto:frontdesk@clinic.example"),
        ("desk@clinic.example?subject=A", "mailto:desk@clinic.example?subject=A"),
        ("example.com", "https://example.com"),
        ("www.Example.com/Fees.html", "https://www.Example.com/Fees.html"),
        ("a.example:8080/b?c=d#e", "https://a.example:8080/b?c=d#e"),
        ("905-555-0142", "tel:905-555-0142"),
        ("(905) 555 0142", "tel:905-555-0142"),
        ("+1 905.555.0142 ext. 7", "tel:+1-905-555-0142;ext=7"),
        ("Tel: 905 555 0142", "tel:905-555-0142"),
    ],
)
def test_an_address_is_completed_however_it_was_typed(typed, kept):
    clean = Page._meta.get_field("body").clean(f'<p><a href="{typed}">x</a></p>', None)
    assert f'href="{kept}"' in clean


@pytest.mark.parametrize(
    "typed", ["fees.html", "192.168.0.1", "12345", "services/", "a b", "@desk"]
)
def test_an_address_that_could_be_anything_is_left_as_it_is(typed):
    assert clean_href(typed) in (typed, typed.replace(" ", "%20"))
    with pytest.raises(ValidationError, match="leads nowhere"):
        Page._meta.get_field("body").clean(f'<p><a href="{typed}">x</a></p>', None)


@pytest.mark.parametrize(
    ("wrapped", "address"),
    [
        (SAFE_LINK, "https://knees.example/a?b=2"),
        ("https://www.google.com/url?sa=t&q=https://a.example/b&ved=2", "https://a.example/b"),
        ("https://www.google.co.uk/url?url=https%3A%2F%2Fa.example", "https://a.example"),
        (
            "https://l.facebook.com/l.php?u=https%3A%2F%2Fa.example%3Ffbclid%3Db&h=A",
            "https://a.example",
        ),
        (
            "https://www.linkedin.com/redir/redirect?url=https%3A%2F%2Fa.example",
            "https://a.example",
        ),
        ("https://www.youtube.com/redirect?q=https%3A%2F%2Fa.example", "https://a.example"),
        (
            "https://urldefense.proofpoint.com/v2/url?u=https-3A__www.a.example_b-2Dc&d=Dw",
            "https://www.a.example/b-c",
        ),
        ("https://urldefense.com/v3/__https://a.example/b__;!!c!d$", "https://a.example/b"),
        ("https://urldefense.com/v3/__https:/a.example/*b*c__;Iys!!d$", "https://a.example/#b+c"),
        ("https://url.avanan.click/v2/___https://a.example/b___.YXA", "https://a.example/b"),
        ("https://secure-web.cisco.com/1abc/https%3A%2F%2Fa.example%2Fb", "https://a.example/b"),
        (
            "https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Furldefense.com"
            "%2Fv3%2F__https%3A%2F%2Fa.example__%3B!!a!b%24",
            "https://a.example",
        ),
        (
            "https://a.example/?b=1&utm_source=c&UTM_Medium=d&e=%20#f",
            "https://a.example/?b=1&e=%20#f",
        ),
        ("https://a.example/?fbclid=b&mc_eid=c&gclid=d", "https://a.example/"),
        ("/contact/?utm_source=a&service=b", "/contact/?service=b"),
        # Not wrapped, or nowhere to lead.
        *(
            (same, same)
            for same in (
                "https://www.google.com/search?q=https://a.example",
                "https://www.google.com/url?q=javascript:alert(1)",
                "https://protect-us.mimecast.com/s/abc?domain=a.example",
                "https://a.example/?url=https://b.example",
                "https://a.example/?q=utm_source",
                "https://[a",
            )
        ),
    ],
)
def test_a_wrapped_or_tracked_address_is_published_bare(wrapped, address):
    wrapped = wrapped.replace("&amp;", "&")
    assert clean_href(wrapped) == address == clean_href(address)


def test_the_words_of_a_link_and_a_plain_address_are_unwrapped_too(page):
    body = stored(
        page, SAFE_LINK, f"{SAFE_LINK}</a> or {SAFE_LINK} <a href='Example.com'>Example.com"
    )
    assert "safelinks" not in body
    assert "desk" not in body
    assert body.count(">https://knees.example/a?b=2<") == 1
    assert " or https://knees.example/a?b=2 " in body
    assert '<a href="https://Example.com">https://Example.com</a>' in body


@pytest.mark.parametrize("words", ["desk@clinic.example", "416-555-0100", "tel:416 555 0100"])
def test_a_shown_email_address_or_phone_number_stays_as_typed(page, words):
    assert f">{words}</a>" in stored(page, words, words)


def test_a_sign_after_an_address_in_a_text_stays(page):
    wrapped = "https://www.google.com/url?q=https://a.example/x&usg=y"
    assert "(see https://a.example/x).</a>" in stored(page, "#", f"(see {wrapped}).")


def test_a_link_to_a_heading_follows_the_heading_s_id(page):
    page.body = (
        '<p><a href="#Teil">a</a><a href="#risks">b</a><a href="#urgent-title">c</a></p>'
        '<h2 id="Teil">At home</h2><h2>Risks</h2>'
    )
    page.save()
    assert re.findall('href="(.*?)"', page.body) == ["#h-at-home", "#h-risks", "#urgent-title"]
    once = page.body
    page.save()
    assert page.body == once
    page.body = once.replace("At home", "Afterwards")  # the editor sends the id back
    page.save()
    assert re.findall('href="(.*?)"', page.body)[0] == "#h-afterwards"
    page.body = '<p><a href="#_Toc1">a</a><a href="#_Toc2">b</a></p><h1><a name="_Toc1"></a>C</h1>'
    page.save()
    assert page.body == '<p><a href="#h-c">a</a>b</p><h2 id="h-c">C</h2>'


def test_no_heading_of_a_text_has_an_id_of_the_page(client):
    names = (
        "Main",
        "Top",
        "Visit",
        "Risks",
        "What happens",
        "Who it suits",
        "Fees title",
        "Map title",
    )
    service, post = Service.objects.first(), Post.objects.get(slug="what-is-dry-needling")
    for obj in (service, post):
        obj.body = "".join(f"<h2>{name}</h2><p>a</p>" for name in names)
        obj.save()
        html = client.get(obj.get_absolute_url()).text
        ids = re.findall(r'\sid="([^"]*)"', html)
        assert len(ids) == len(set(ids))
        assert {"h-main", "h-risks"} < set(ids)
    assert '<li><a href="#h-what-happens">What happens</a></li>' in html


def test_the_feed_has_the_whole_address_of_a_section(client, settings, post):
    stored(post, "#h-a", "a</a><a href='//other.example/b'>b</a><a href='mailto:a@b.example'>c")
    content = ElementTree.fromstring(client.get("/blog/feed/").content).find(
        f"channel/item[link='{post.url}']/{{http://purl.org/rss/1.0/modules/content/}}encoded"
    )
    hrefs = re.findall('href="(.*?)"', content.text)
    assert hrefs == [f"{post.url}#h-a", "http://other.example/b", "mailto:a@b.example"]
