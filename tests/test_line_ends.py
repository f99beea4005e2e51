"""Line ends: a browser sends each as CRLF, and the admin stores them as they were typed."""

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import User
from django.forms import Textarea

from blog.models import Post
from clinic_site.editing.review import CommentForm
from clinic_site.models import Page
from contact.admin.enquiry_actions import NoteForm
from contact.models import Location
from services.compliance.admin import CheckedForm
from services.models import Practitioner, Service
from tests.test_admin import address, form_page, typed_in

LINES = "First\nsecond\nthird"
SENT = LINES.replace("\n", "\r\n")


@pytest.fixture
def desk(client, sample_site):
    client.force_login(User.objects.create_superuser("alex"))
    return client


def as_sent(data):
    """Return a form's fields as a browser sends them."""
    return {
        name: value.replace("\n", "\r\n") if isinstance(value, str) else value
        for name, value in data.items()
    }


def texts(obj):
    return {name: value for name, value in vars(obj).items() if isinstance(value, str)}


@pytest.mark.parametrize("model", [Page, Post, Service, Practitioner, Location])
def test_a_sample_s_texts_are_the_same_after_a_save(desk, model):
    obj = model.objects.order_by("pk").first()
    page = address(model, "change", obj.pk)
    before = texts(obj)
    assert desk.post(page, as_sent(typed_in(form_page(desk, page)))).status_code == 302
    assert texts(model.objects.get(pk=obj.pk)) == before


def test_a_line_end_counts_as_one_character(desk):
    post = Post.objects.order_by("pk").first()
    page = address(Post, "change", post.pk)
    form = typed_in(form_page(desk, page))
    summary = "x" * 149 + "\n\n" + "y" * 149
    assert desk.post(page, as_sent(form | {"summary": summary})).status_code == 302
    post.refresh_from_db()
    assert post.summary == summary
    context = desk.post(page, as_sent(form | {"summary": summary + "z"})).context
    assert "(it has 301)" in str(context["adminform"].form.errors["summary"])


def test_no_textarea_of_the_admin_keeps_carriage_returns(rf, desk):
    request = rf.get("/")
    request.user = User.objects.get()
    fields = []
    for model_admin in site._registry.values():
        fields += model_admin.get_form(request)().fields.values()
        for formset, _ in model_admin.get_formsets_with_inlines(request):
            fields += formset.form().fields.values()
    for form in (NoteForm, CommentForm, CheckedForm):
        fields += form.base_fields.values()
    texts = [field for field in fields if isinstance(field.widget, Textarea)]
    assert len(texts) > 15
    for field in texts:
        assert "\r" not in field.to_python(f"<p>{SENT}</p>")
