"""Services, people and fees: who may provide what, in which words and at which price."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from services.colleges import titled_name
from services.models import Fee, Practitioner, Rostering, Service

pytestmark = pytest.mark.usefixtures("sample_site")


@pytest.mark.parametrize(
    ("college", "registration_class", "degrees", "shown"),
    [
        ("physiotherapists", "independent", "MSc", "Ada Lee, PT, MSc"),
        ("physiotherapists", "independent", "", "Ada Lee, PT"),
        ("physiotherapists", "provisional", "MScPT", "Ada Lee, Physiotherapy Resident, MScPT"),
        ("massage_therapists", "independent", "", "Ada Lee, RMT"),
        ("none", "independent", "BSc", "Ada Lee, BSc"),
    ],
)
def test_titled_name_is_in_the_college_s_order(college, registration_class, degrees, shown):
    assert titled_name("Ada Lee", college, registration_class, degrees) == shown


def test_service_detail_has_every_part(client):
    html = client.get("/services/dry-needling/").content.decode()
    for words in ("Who it suits", "Who should wait", "What happens", "Risks", "Fees",
                  "Who provides it", "When to get help fast", "Questions patients ask",
                  "Read more"):  # fmt: skip
        assert words in html, words
    assert html.count('href="/contact/?service=dry-needling"') == 3


def test_rostered_service_shows_only_who_is_rostered(client):
    service = Service.objects.get(slug="dry-needling")
    service.practitioners.add(*Practitioner.objects.all())
    side = client.get("/services/dry-needling/").text.split("providers-title", 1)[1]
    assert "/team/priya-sample/" in side
    assert "/team/daniel-sample/" not in side
    Rostering.objects.all().delete()
    assert "providers-title" not in client.get("/services/dry-needling/").text


def test_practitioner_with_registration_links_the_register(client):
    Practitioner.objects.filter(slug="priya-sample").update(
        is_sample=False,
        registration_number="TEST-1",
        register_url="https://register.example/1",
        verified_on=timezone.localdate(),
    )
    html = client.get("/team/priya-sample/").content.decode()
    assert "registration number TEST-1" in html
    assert "https://register.example/1" in html
    assert "checked <time" in html
    assert "not a registrant" not in html


def test_person_without_a_college_has_no_title_and_no_registration(client):
    Practitioner.objects.filter(slug="priya-sample").update(college="none", degrees="")
    html = client.get("/team/priya-sample/").content.decode()
    assert "<h1>Priya Sample</h1>" in html
    assert "College of" not in html


def test_person_who_left_is_not_found_but_their_article_stays(client):
    Practitioner.objects.filter(slug="priya-sample").update(is_active=False)
    assert client.get("/team/priya-sample/").status_code == 404
    html = client.get("/blog/what-is-dry-needling/").content.decode()
    assert "Priya Sample, PT" in html
    assert 'href="/team/priya-sample/"' not in html


def test_person_who_takes_no_new_patients_says_so(client):
    Practitioner.objects.filter(slug="priya-sample").update(accepts_new_patients=False)
    html = client.get("/team/priya-sample/").content.decode()
    assert "does not take new patients" in html
    assert "?practitioner=priya-sample" not in html


@pytest.mark.parametrize("name", ["Dr. Ada Lee", "dr Ada Lee", "Doctor Ada", "Prof. Ada"])
def test_title_in_front_of_a_name_is_refused(name):
    with pytest.raises(ValidationError, match="Leave out titles"):
        Practitioner(name=name, slug="a", registration_number="1").full_clean()


@pytest.mark.parametrize("degrees", ["Expert", "MSc, Specialist", "Best PT"])
def test_claim_among_degrees_is_refused(degrees):
    with pytest.raises(ValidationError, match="Enter degrees only"):
        Practitioner(name="A", slug="a", degrees=degrees, registration_number="1").full_clean()


def test_registrant_is_shown_with_a_number_only():
    practitioner = Practitioner(name="Drew Lee", slug="a")
    with pytest.raises(ValidationError, match="Enter the number from the public register"):
        practitioner.full_clean()
    practitioner.is_active = False
    practitioner.full_clean()


def test_changed_price_is_in_force_from_today(time_machine):
    fee = Fee.objects.current().first()
    time_machine.move_to(timezone.now() + timedelta(days=5))
    fee.price += 5
    fee.clean()
    assert fee.effective_on == timezone.localdate()


def test_fees_lists_every_published_service_s_fees(client):
    html = client.get("/fees/").content.decode()
    for fee in Fee.objects.current():
        assert f"${fee.price}" in html
    Service.objects.filter(slug="dry-needling").update(status="draft")
    assert "/services/dry-needling/" not in client.get("/fees/").content.decode()


def test_package_says_single_visits_and_refund(client):
    fee = Fee.objects.filter(visits__gt=1).first()
    html = client.get(fee.service.get_absolute_url()).content.decode()
    assert "You can buy single visits instead. We refund visits you do not use." in html


def test_new_price_takes_over_on_its_day(time_machine):
    fee = Fee.objects.current().first()
    tomorrow = timezone.localdate() + timedelta(days=1)
    Fee.objects.create(service=fee.service, name=fee.name, minutes=fee.minutes,
                       price=Decimal("999.00"), effective_on=tomorrow)  # fmt: skip
    names = {"service": fee.service, "name": fee.name, "minutes": fee.minutes}
    others = Fee.objects.current().count()
    assert Fee.objects.current().get(**names).price == fee.price
    time_machine.move_to(timezone.now() + timedelta(days=1))
    assert Fee.objects.current().get(**names).price == Decimal("999.00")
    assert Fee.objects.current().count() == others
