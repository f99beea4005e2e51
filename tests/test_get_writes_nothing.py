"""Opening a page writes nothing: SQLite has one write lock, and enquiries need it."""

import re
import traceback

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

from blog.models import Post, Topic
from clinic_site.models import Page, ShareLink, Version
from clinic_site.publishing.publishable import Publishable
from contact.models import Clinic, Location
from services.models import Practitioner, Service
from tests.admin_urls import address, named_patterns
from tests.test_admin import address as model_address
from tests.test_admin import form_page, typed_in
from tests.test_admin_urls import rows, values_for  # noqa: F401  a fixture

pytestmark = pytest.mark.usefixtures("sample_site")
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE|CREATE|ALTER|DROP)\b", re.IGNORECASE)
LOCKS = re.compile(r"FOR UPDATE|\s*SAVEPOINT", re.IGNORECASE)  # they begin a transaction
PUBLIC = ["/", "/services/", "/team/", "/blog/", "/blog/feed/", "/contact/", "/fees/", "/privacy/",
          "/sitemap.xml", "/robots.txt", "/healthz/service", "/nowhere/"]  # fmt: skip
STATUS = {"/healthz/service": 503, "/nowhere/": 404}
# Pages of the second factor keep a challenge in the session.
MAY_WRITE = ("mfa_login_webauthn", "mfa_activate_totp", "mfa_add_webauthn")
# The image library, a package, opens a transaction for its folder forms, but writes nothing.
MAY_LOCK = ("admin:cabinet_folder_add", "admin:cabinet_folder_change")
# The reader of an enquiry is recorded in its log, as the privacy law asks for (PHIPA).
RECORDS_READING = ("admin:contact_enquiry_change",)


@pytest.fixture
def forbid_writes():
    """Return a function that opens a page with writes forbidden, and returns its answer."""

    def refuse(execute, sql, params, many, context):
        assert not WRITES.match(sql), f"writes: {sql[:200]}"
        assert may_lock or not LOCKS.search(sql) or is_check(), f"locks: {sql[:200]}"
        return execute(sql, params, many, context)

    may_lock = False

    def opened(ask, locks=False):
        nonlocal may_lock
        may_lock = locks
        ContentType.objects.clear_cache()
        with connection.execute_wrapper(refuse):
            return ask()

    return opened


def is_check():
    """Return whether Django checks a constraint, in a savepoint because the test is in one too."""
    return any(frame.filename.endswith("query_utils.py") for frame in traceback.extract_stack())


@pytest.fixture
def owner(client):
    user = User.objects.create_user("alex", is_staff=True)
    user.groups.add(Group.objects.get(name="Owner"))
    client.force_login(user)
    return client


def test_the_test_notices_a_write(forbid_writes):
    with pytest.raises(AssertionError, match="writes: UPDATE"):
        forbid_writes(lambda: Page.objects.update(title="New"))


def test_no_admin_page_writes(owner, rows, forbid_writes):  # noqa: F811
    opened = 0
    for name, arguments in named_patterns():
        if name in MAY_WRITE + RECORDS_READING:
            continue
        url = address(name, arguments, values_for(name, rows))
        may_lock = name in MAY_LOCK
        status = forbid_writes(lambda url=url: owner.get(url), may_lock).status_code
        assert status in (200, 302, 403, 404, 405), url
        opened += status == 200
    assert opened > 60


@pytest.mark.parametrize("model", [Post, Service, Practitioner, Page, Topic, Location, Clinic])
def test_pages_of_an_object_that_has_no_version_yet_write_nothing(owner, forbid_writes, model):
    obj = model.objects.first()
    assert not Version.objects.for_object(obj).exists()
    pages = ["change", "history"] + ["review"] * issubclass(model, Publishable)
    for page in pages:
        url = model_address(model, page, obj.pk)
        assert forbid_writes(lambda url=url: owner.get(url)).status_code == 200


def test_no_public_page_writes(client, forbid_writes):
    link = ShareLink.objects.create(obj=Post.objects.first())
    paths = [*PUBLIC, link.url.partition("//")[2].partition("/")[2].join(("/", ""))]
    for model in (Post, Topic, Service, Practitioner, Page):
        paths += [obj.get_absolute_url() for obj in model.objects.all()]
    for path in paths:
        status = forbid_writes(lambda path=path: client.get(path)).status_code
        assert status == STATUS.get(path, 200), path


def test_every_public_address_is_opened_above():
    """A new public pattern needs a line in PUBLIC, or a model in the test of public pages."""
    known = {"home", "service_list", "practitioner_list", "post_list", "feed", "enquiry", "fees",
             "privacy", "sitemap", "robots", "service_health", "preview", "post_detail",
             "topic_detail", "service_detail", "practitioner_detail", "page_detail"}  # fmt: skip
    others = {
        "go",
        "styleguide",
        "favicon",
        "security_txt",
        "media",
        "sent",
    }  # no database, or one row
    assert set(public_names(get_resolver())) <= known | others


def public_names(resolver):
    for one in resolver.url_patterns:
        if str(one.pattern).startswith("admin/"):
            continue
        if isinstance(one, URLResolver):
            yield from public_names(one)
        elif one.name:
            yield one.name


@pytest.mark.parametrize("model", [Post, Service, Page, Practitioner])
@pytest.mark.parametrize("page", ["preview", "checks"])
def test_a_preview_and_a_check_of_what_is_typed_write_nothing(owner, forbid_writes, model, page):
    obj = model.objects.first()
    typed = typed_in(form_page(owner, model_address(model, "change", obj.pk)))
    url = model_address(model, page, obj.pk)
    assert forbid_writes(lambda: owner.post(url, typed)).status_code == 200
    new = typed_in(form_page(owner, model_address(model, "add")))
    new |= {model.titled_by: "Brand new", "slug": "brand-new"}
    new.pop("is_active", None)  # an active practitioner needs a registration number
    url = model_address(model, f"{page}_new")
    answer = forbid_writes(lambda: owner.post(url, new))
    assert answer.status_code == 200
    if page == "preview":
        assert "Brand new" in answer.text
