"""The sample content: it fills an empty site once, and removal keeps what somebody has changed."""

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.urls import reverse

from blog.models import Post
from clinic_site import sample_content
from clinic_site.history.version import record_outside_changes
from clinic_site.models import Page, Version
from contact.models import Clinic, Location
from services.models import Fee, Practitioner, Service

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:remove_sample")


def run(capsys, *options):
    call_command("sample_content", *options)
    return capsys.readouterr().out


def sign_in(client, group):
    user = User.objects.create_user("alex", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    return client


def test_load_fills_an_empty_site_once(capsys):
    assert "sample objects created" in run(capsys)
    posts = Post.objects.count()
    assert "nothing was done" in run(capsys)
    assert Post.objects.count() == posts


def test_the_sample_is_what_was_promised(sample_site):
    assert Service.objects.published().count() >= 8
    assert Practitioner.objects.filter(is_sample=True).count() == 5
    assert not Practitioner.objects.exclude(registration_number="").exists()
    assert not Practitioner.objects.exclude(register_url="").exists()
    assert Post.objects.published().count() == 6
    assert Post.objects.published().first().slug == "what-is-dry-needling"
    joints = set(Service.objects.values_list("joint", flat=True))
    assert joints == set(Service.Joint.values)
    days = [row.weekday for row in Location.objects.get().weekly_hours.all()]
    assert any(days.count(day) == 2 for day in days)
    assert Fee.objects.filter(visits__gt=1).exists()


def test_each_object_starts_with_one_version_that_equals_it():
    count = sample_content.load()
    for obj in sample_content.stored_samples():
        record_outside_changes(obj)
    assert Version.objects.count() == count
    assert not Version.objects.exclude(words=sample_content.SAMPLE).exists()


def test_a_site_with_one_object_is_not_empty(capsys):
    Clinic.objects.create(name="Ours")
    assert "nothing was done" in run(capsys)


def test_remove_deletes_everything_untouched(sample_history, capsys):
    assert "Kept" not in run(capsys, "--remove")
    assert sample_content.is_empty()


def test_remove_keeps_what_was_changed_and_what_that_needs(sample_history, capsys):
    Post.objects.filter(slug="what-is-dry-needling").update(summary="Our own words")
    fee = Fee.objects.filter(service__slug="massage-therapy").first()
    Fee.objects.filter(pk=fee.pk).update(price="1.00")
    out = run(capsys, "--remove")
    assert "Kept: article “Dry needling: what it is" in out
    assert "Kept: service “Massage therapy”, because it was changed." in out
    assert "Priya Sample, PT, MScPT”, because other content uses it." in out
    assert Post.objects.count() == 1


def test_a_changed_location_keeps_its_clinic(sample_history, capsys):
    location = Location.objects.get()
    location.parking = "In the yard."
    location.save()
    assert "because other content uses it" in run(capsys, "--remove")
    assert Location.objects.get().clinic == Clinic.objects.get()


def test_an_object_of_our_own_with_a_sample_s_address_stays(sample_history, capsys):
    Page.objects.get(slug="about").delete()
    Page.objects.create(slug="about", title="About us", summary="Ours.")
    run(capsys, "--remove")
    assert Page.objects.get().title == "About us"


def test_neither_time_nor_other_sample_files_are_a_change(
    sample_history, capsys, time_machine, monkeypatch, tmp_path
):
    time_machine.move_to("2031-01-01")
    monkeypatch.setattr(sample_content, "FOLDER", tmp_path)
    assert "Kept" not in run(capsys, "--remove")


def test_phone_numbers_and_addresses_are_nobody_s(sample_site):
    location = Location.objects.get()
    assert "555-01" in location.phone_text
    assert location.email.endswith(".example")
    recipients = Clinic.objects.get().recipients.values_list("address", flat=True)
    assert all(address.endswith(".example") for address in recipients)


# The page of the admin


def test_an_owner_removes_the_sample_after_a_look_at_what_stays(sample_history, client):
    owner = sign_in(client, "Owner")
    post = Post.objects.get(slug="what-is-dry-needling")
    post.summary = "Our own words"
    post.save()
    assert f'href="{PAGE}"' in owner.get("/admin/").text
    versions = Version.objects.count()
    page = owner.get(PAGE).text
    assert f"<li>Article: {post.title}, because it was changed</li>" in page
    assert "<li>Service: Massage therapy</li>" in page
    assert Version.objects.count() == versions
    assert Service.objects.exists()
    answer = owner.post(PAGE, follow=True)
    assert "sample items deleted" in answer.text
    assert f"Kept: Article: {post.title}" in answer.text
    assert list(Post.objects.all()) == [post]
    assert not Service.objects.exists()


def test_the_button_is_gone_with_the_sample(client):
    Clinic.objects.create(name="Ours")
    owner = sign_in(client, "Owner")
    assert f'href="{PAGE}"' not in owner.get("/admin/").text


@pytest.mark.parametrize("group", ["Editor", "Physiotherapist", "Front desk"])
def test_only_an_owner_removes_the_sample(sample_history, client, group):
    member = sign_in(client, group)
    assert f'href="{PAGE}"' not in member.get("/admin/").text
    assert member.get(PAGE).status_code == 403
    assert member.post(PAGE).status_code == 403
    assert Service.objects.exists()
