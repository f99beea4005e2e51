"""Rostered acts and the register: who may provide what, and when somebody last looked."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic_site.management.reminders import remind_of_register
from clinic_site.models import Version
from services.models import Practitioner, Rostering, Service
from tests.test_admin import address, form_page, typed_in
from tests.test_history_admin import restore, undo

pytestmark = pytest.mark.usefixtures("sample_site")


@pytest.fixture
def needling():
    return Service.objects.get(slug="dry-needling")


def save(browser, row, **typed):
    page = address(type(row), "change", row.pk)
    return browser.post(page, typed_in(form_page(browser, page)) | typed)


def keys(*names):
    return [Practitioner.objects.get(slug=f"{name}-sample").pk for name in names]


def test_a_service_takes_only_who_is_rostered_for_its_act(owner, needling):
    answer = save(owner, needling, practitioners=keys("priya", "daniel"), status="draft")
    (words,) = answer.context["adminform"].form.errors["practitioners"]
    assert words.startswith("Not rostered for this act: Daniel Sample, PT, MPT.")
    assert save(owner, needling, practitioners=keys("priya")).status_code == 302


def test_without_anybody_rostered_it_is_saved_as_a_draft_alone(owner, needling):
    answer = save(owner, needling, practitioners=[])
    assert "You can’t publish this yet" in str(
        answer.context["adminform"].form.errors["practitioners"]
    )
    assert save(owner, needling, practitioners=[], status="draft").status_code == 302


def test_a_service_without_a_rostered_act_takes_anybody(owner, needling):
    people = keys("priya", "daniel", "sofia")
    assert save(owner, needling, practitioners=people, rostered_act="").status_code == 302
    assert needling.practitioners.count() == 3


def test_a_published_service_that_nobody_is_rostered_for_any_more_is_found(needling):
    assert not Service.objects.without_providers()
    Rostering.objects.filter(act="acupuncture").delete()
    assert list(Service.objects.without_providers()) == [needling]


@pytest.mark.parametrize(
    ("days", "is_due"), [(None, True), (-366, True), (-365, True), (-364, False), (0, False)]
)
def test_the_register_is_looked_at_once_a_year(days, is_due):
    day = days is not None and timezone.localdate() + timedelta(days=days)
    priya = Practitioner.objects.filter(slug="priya-sample")
    priya.update(is_sample=False, verified_on=day or None)
    assert (priya.get() in Practitioner.objects.register_check_due()) == is_due
    priya.update(college="none")
    assert not Practitioner.objects.register_check_due()


def test_a_sample_is_on_no_register():
    Practitioner.objects.update(verified_on=None)
    assert not Practitioner.objects.register_check_due()


def test_a_register_is_not_checked_tomorrow():
    priya = Practitioner.objects.get(slug="priya-sample")
    priya.verified_on = timezone.localdate() + timedelta(days=1)
    with pytest.raises(ValidationError, match="today or an earlier date"):
        priya.full_clean()


def test_staff_are_reminded_of_the_register_once_for_each_year(mailoutbox):
    priya = Practitioner.objects.filter(slug="priya-sample")
    for days, mails in ((-364, 0), (-365, 1), (-366, 2)):
        priya.update(is_sample=False, verified_on=timezone.localdate() + timedelta(days=days))
        for _ in range(2):
            remind_of_register()
        assert len(mailoutbox) == mails
    assert mailoutbox[0].subject == "Website: compare 1 person with the public register"
    assert address(Practitioner, "change", priya.get().pk) in mailoutbox[0].body
    assert mailoutbox[0].to == ["frontdesk@clinic.example"]


def test_history_brings_nobody_back_who_is_not_rostered_any_more(owner, needling):
    save(owner, needling, title="Needling", practitioners=keys("priya"))
    version = Version.objects.for_object(needling).first()
    save(owner, needling, practitioners=[], status="draft")
    Rostering.objects.filter(practitioner__slug="priya-sample").delete()
    for answer in (restore(owner, needling, version), undo(owner, needling)):
        assert "Not rostered for this act: Priya" in answer.text
        assert not needling.practitioners.exists()
