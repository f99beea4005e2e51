"""The sample: fills an empty site once, and leaves what somebody has made their own."""

import pytest
from django.core.management import call_command

from blog.models import Post
from clinic_site import sample_content
from contact.models import Clinic, Location
from services.models import Fee, Practitioner, Service

pytestmark = pytest.mark.django_db


def run(capsys, *options):
    call_command("sample_content", *options)
    return capsys.readouterr().out


def test_load_fills_an_empty_site_once(capsys):
    assert "sample rows stored" in run(capsys)
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


def test_a_site_with_one_row_is_not_empty(capsys):
    Clinic.objects.create(name="Ours")
    assert "nothing was done" in run(capsys)


def test_remove_deletes_everything_unchanged(capsys):
    sample_content.load()
    assert "Left" not in run(capsys, "--remove")
    assert sample_content.is_empty()
    assert not Location.objects.exists()


def test_remove_leaves_what_was_changed_and_what_it_needs(capsys):
    sample_content.load()
    Post.objects.filter(slug="what-is-dry-needling").update(summary="Our own words")
    fee = Fee.objects.filter(service__slug="massage-therapy").first()
    Fee.objects.filter(pk=fee.pk).update(price="1.00")
    out = run(capsys, "--remove")
    assert "Left: article what-is-dry-needling was changed." in out
    assert "Left: service massage-therapy was changed." in out
    assert "Left: practitioner priya-sample is used by something that stays." in out
    assert Post.objects.count() == 1


def test_a_review_date_moved_by_time_is_not_a_change(capsys, time_machine):
    sample_content.load()
    time_machine.move_to("2031-01-01")
    assert "Left" not in run(capsys, "--remove")


def test_phone_numbers_and_addresses_are_nobody_s(sample_site):
    location = Location.objects.get()
    assert "555-01" in location.phone_text
    assert location.email.endswith(".example")
    recipients = Clinic.objects.get().recipients.values_list("address", flat=True)
    assert all(address.endswith(".example") for address in recipients)
