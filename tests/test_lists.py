"""Every list of the admin: any address gives the list, and its search folds what is typed."""

from unittest import mock

import pytest
from cabinet.models import Folder
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.contrib.redirects.models import Redirect
from django.core.files.base import ContentFile
from django.template.response import TemplateResponse

from blog.models import Post, Topic
from clinic_site.images.library import Image
from clinic_site.models import Page
from contact.models import Clinic, Location
from services.models import FlaggedPhrase, Practitioner, Service
from tests.test_admin import MODELS, address
from tests.test_images import image_bytes

pytestmark = pytest.mark.usefixtures("sample_site")
ODD = ("\0", "-1", "x(", "99999999999999999999")
NAMES = ("p", "o", "e", "_to_field", "bin", "list", "id__in", "title__regex", "name__nope",
         "password__startswith", "nope", "__", "folder__id__exact")  # fmt: skip


@pytest.fixture
def desk(client):
    client.force_login(User.objects.create_superuser("alex"))
    return client


def is_list(desk, model, query):
    """Return whether an address shows a list, if need be after a redirect."""
    page = address(model, "changelist")
    for _ in range(3):
        answer = desk.get(page, query)
        if answer.status_code != 302:
            break
        page, query = answer["Location"], None
    template = getattr(answer, "template_name", None)
    return answer.status_code == 200 and template != "admin/invalid_setup.html"


@pytest.mark.parametrize(
    "model", [model for model in MODELS if model is not Clinic], ids=lambda model: model._meta.label
)
def test_no_parameter_of_a_list_is_a_fault_of_ours(desk, model):
    own = [one for one in admin.site.get_model_admin(model).list_filter if isinstance(one, str)]
    filters = [f"{name}__{end}" for name in own for end in ("exact", "id__exact", "isnull")]
    queries = [{name: value} for name in (*NAMES, *filters) for value in ODD]
    queries += [{"e": "1", "o": "1", "p": "9" * 5000}, {"e": "1", "nope": "1"}, {"\0": "1"}]
    queries += [{"CKEditorFuncNum": "1", "_popup": "1", "nope": "1"}]
    with (
        mock.patch.object(TemplateResponse, "rendered_content", ""),
        mock.patch.object(admin.AdminSite, "get_app_list", return_value=[]),
    ):
        assert [query for query in queries if not is_list(desk, model, query)] == []


@pytest.mark.parametrize("year", ["9999", "0", "1", "-5", "x", "2" * 20, "\0", "२०२६"])
@pytest.mark.parametrize("rest", [{}, {"month": "12", "day": "31"}, {"month": "12", "day": "x"}])
def test_any_date_in_the_address_of_the_articles_gives_the_list(desk, year, rest):
    query = {f"publish_at__{name}": value for name, value in ({"year": year} | rest).items()}
    assert is_list(desk, Post, query)
    query.pop("publish_at__year")
    assert is_list(desk, Post, query)


@pytest.mark.parametrize(
    ("model", "name"), [(Post, "author"), (Post, "services"), (Service, "practitioners")]
)
def test_no_prefilled_value_of_a_new_form_is_a_fault_of_ours(desk, model, name):
    for value in (*ODD, "1,2"):
        assert desk.get(address(model, "add"), {name: value}).status_code == 200


def test_the_filters_of_a_list_still_work(desk):
    topic = Post.objects.first().topic
    queries = {
        Post: [{"topic__id__exact": topic.pk}, {"publish_at__year": 1999}, {"status__exact": "x"}],
        Practitioner: [{"is_active__exact": 0}, {"college__exact": "x"}, {"bin": 1}],
        User: [{"groups__id__exact": Group.objects.first().pk}, {"is_active__exact": 0}],
    }
    for model, addresses in queries.items():
        for query in addresses:
            answer = desk.get(address(model, "changelist"), query)
            found = [obj.pk for obj in answer.context["cl"].result_list]
            expected = topic.posts.values_list("pk", flat=True) if query.get(
                "topic__id__exact") else []  # fmt: skip
            assert sorted(found) == sorted(expected), query


@pytest.fixture
def searched(settings, tmp_path):
    """One object of each list, with a name that has accents and a typographic apostrophe."""
    settings.MEDIA_ROOT = tmp_path
    name = "D’Été Côté"
    for model, field in ((Post, "title"), (Service, "summary"), (Page, "title"), (Topic, "title"),
                         (Practitioner, "name"), (Location, "name")):  # fmt: skip
        model.objects.filter(pk=model.objects.first().pk).update(**{field: name})
    User.objects.create_user("sam", first_name="D’Été", last_name="Côté")
    Group.objects.create(name=name)
    FlaggedPhrase.objects.create(
        obj=Post.objects.first(), rule="x", rules_of="2026-11-27", phrase=name
    )
    file = ContentFile(image_bytes(), "Knee bend.jpg")
    folder = Folder.objects.get()
    Image.objects.create(folder=folder, image_file=file, image_alt_text=f"A knee, {name}")
    Redirect.objects.create(site_id=1, old_path=f"/{name}/", new_path="/about/")


@pytest.mark.parametrize("term", ["cote d'ete", "COTE", "ＣＯＴＥ d‘été", "co\u0302te dete"])
def test_the_search_of_every_list_folds_what_is_typed(desk, searched, term):
    for model in MODELS:
        if admin.site.get_model_admin(model).search_fields:
            answer = desk.get(address(model, "changelist"), {"q": term})
            assert len(answer.context["cl"].result_list) == 1, model
    answer = desk.get(address(Post, "changelist"), {"q": f"{term} nobody"})
    assert not answer.context["cl"].result_list
