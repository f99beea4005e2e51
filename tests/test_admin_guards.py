"""What the admin keeps from staff who are not meant to reach it."""

import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType

from blog.models import Post
from contact.models import Enquiry

pytestmark = pytest.mark.usefixtures("sample_site")


@pytest.fixture
def staff(client, django_user_model):
    """Return a function that signs a new member of a group in."""

    def sign_in(*groups):
        user = django_user_model.objects.create_user("staff", is_staff=True)
        user.groups.set(Group.objects.filter(name__in=groups))
        client.force_login(user)
        return user

    return sign_in


def shortcut(row):
    kind = ContentType.objects.get_for_model(row)
    return f"/admin/r/{kind.pk}/{row.pk}/"


def test_no_staff_account_is_led_to_a_patient_s_page(client, staff):
    enquiry = Enquiry.objects.create_once({"name": "Ana"}, "one", [])
    staff("Front desk", "Editor")
    assert client.get(shortcut(enquiry)).status_code == 404


def test_view_on_site_leads_those_who_may_see_the_row(client, staff):
    post = Post.objects.first()
    user = staff()
    assert client.get(shortcut(post)).status_code == 404
    user.groups.add(Group.objects.get(name="Editor"))
    assert client.get(shortcut(post))["Location"].endswith(post.get_absolute_url())


@pytest.mark.parametrize("path", ["x/1", "999999/1", "0/0"])
def test_view_on_site_of_nothing_is_not_found(client, staff, path):
    staff("Editor")
    assert client.get(f"/admin/r/{path}/").status_code == 404


def test_owner_cannot_set_a_superuser_s_password(client, staff, django_user_model):
    boss = django_user_model.objects.create_superuser("boss", password="before")
    staff("Owner")
    words = {"password1": "aVeryNew1", "password2": "aVeryNew1", "usable_password": "true"}
    assert client.post(f"/admin/auth/user/{boss.pk}/password/", words).status_code == 403
    boss.refresh_from_db()
    assert boss.check_password("before")


def test_new_account_may_sign_in(client, admin_client, django_user_model):
    page = "/admin/auth/user/add/"
    assert "LDAP" not in admin_client.get(page).text
    words = {"username": "new", "password1": "aVeryNew1x", "password2": "aVeryNew1x"}
    admin_client.post(page, words)
    assert django_user_model.objects.get(username="new").is_staff
