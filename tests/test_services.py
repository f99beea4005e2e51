"""Services, people and fees: who may provide what, in which words and at which price."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic_site.web import json_ld
from services.colleges import TITLE_CHOICES, TITLES, title_fault
from services.models import Fee, Practitioner, Rostering, Service

pytestmark = pytest.mark.usefixtures("sample_site")


@pytest.mark.parametrize(
    ("college", "registration_class", "title", "degrees", "shown", "in_words"),
    [
        ("physiotherapists", "independent", "", "MSc", "Ada Lee, PT, MSc", "Physiotherapist"),
        ("physiotherapists", "independent", "PT", "", "Ada Lee, PT", "Physiotherapist"),
        ("physiotherapists", "independent", "Physical Therapist", "MPT",
         "Ada Lee, Physical Therapist, MPT", "Physical Therapist"),
        ("physiotherapists", "independent", "PHT", "", "Ada Lee, PHT", "Physiothérapeute"),
        ("physiotherapists", "independent", "Physiothérapeute", "PhD",
         "Ada Lee, Physiothérapeute, PhD", "Physiothérapeute"),
        ("physiotherapists", "provisional", "", "MScPT",
         "Ada Lee, Physiotherapist Resident, MScPT", "Physiotherapist Resident"),
        ("physiotherapists", "provisional", "PT Resident", "",
         "Ada Lee, PT Resident", "Physiotherapist Resident"),
        ("physiotherapists", "provisional", "Résident en Physiothérapie", "",
         "Ada Lee, Résident en Physiothérapie", "Résident en Physiothérapie"),
        ("massage_therapists", "independent", "", "", "Ada Lee, RMT",
         "Registered Massage Therapist"),
        ("massage_therapists", "provisional", "Massothérapeute inscrite", "",
         "Ada Lee, Massothérapeute inscrite", "Massothérapeute inscrite"),
        ("none", "independent", "", "BSc", "Ada Lee, BSc", ""),
    ],
)  # fmt: skip
def test_titled_name_is_in_the_college_s_order(
    college, registration_class, title, degrees, shown, in_words
):
    practitioner = Practitioner(
        name="Ada Lee", slug="a", college=college, registration_class=registration_class,
        protected_title=title, degrees=degrees, is_active=False,
    )  # fmt: skip
    practitioner.full_clean()
    assert practitioner.titled_name == shown
    assert practitioner.title_in_words == in_words


@pytest.mark.parametrize(
    ("college", "registration_class", "title"),
    [
        ("physiotherapists", "provisional", "PT"),
        ("physiotherapists", "provisional", "Physiothérapeute"),
        ("physiotherapists", "independent", "PT Resident"),
        ("physiotherapists", "independent", "RMT"),
        ("massage_therapists", "independent", "PT"),
        ("none", "independent", "RMT"),
    ],
)
def test_title_of_another_class_or_college_is_refused_beside_its_field(
    college, registration_class, title
):
    practitioner = Practitioner(
        name="Ada Lee", slug="a", college=college, registration_class=registration_class,
        protected_title=title, is_active=False,
    )  # fmt: skip
    with pytest.raises(ValidationError) as refused:
        practitioner.full_clean()
    assert set(refused.value.message_dict) == {"protected_title"}


def test_refused_title_names_those_of_the_class_in_a_sentence():
    words = title_fault("RMT", "physiotherapists", "independent")
    assert words.endswith(" Physical Therapist, Physiothérapeute or PHT.")


def test_rescinded_title_of_a_resident_is_nowhere_to_choose():
    shown = {title for titles in TITLES.values() for title in titles}
    assert "Physiotherapy Resident" not in shown
    assert shown == {title for _, some in TITLE_CHOICES for title, _ in some}


def test_registrant_s_choice_of_title_is_printed_on_every_page(client):
    people = Practitioner.objects.filter(slug="priya-sample")
    people.update(protected_title="Physical Therapist", degrees="MScPT")
    for page in ("/team/priya-sample/", "/team/", "/services/dry-needling/"):
        assert "Priya Sample, Physical Therapist, MScPT" in client.get(page).text
    assert '"jobTitle":"Physical Therapist"' in client.get("/team/priya-sample/").text


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


@pytest.mark.parametrize(
    "name",
    [
        *("Dr. Ada Lee", "dr Ada Lee", "Doctor Ada", "Prof. Ada", "Dre Kazemi", "Dr.Kazemi"),
        "DrKazemi",
        *("Docteure Anne Roy", "Ana Moor, PT", "Ana Moor PT", "PT Ana Moor", "Ana Moor (PT)"),
        *("Ana Moor, P.T.", "Ana Moor – RMT", "Ana Moor, Physiotherapist", "Ana Moor pht"),
        *("Ana Moor Physiotherapist Resident", "Ana Moor, Dr.", "Mrs. Ana Moor", "RMT Sofia Moor"),
        *("D\u00adr. Ana Moor", "\u0420\u0422 Ana Moor", "ＤＲ Ana Moor", "陳美玲醫生"),
    ],
)  # fmt: skip
def test_title_with_a_name_is_refused(name):
    with pytest.raises(ValidationError, match="Leave out titles such as Dr. or PT") as refused:
        Practitioner(name=name, slug="a", registration_number="1").full_clean()
    assert set(refused.value.message_dict) == {"name"}


@pytest.mark.parametrize("name", ["Ana Moor, MSc", "Moor, Ana", "Ana Moor / Ben Moor"])
def test_more_than_a_name_is_refused(name):
    with pytest.raises(ValidationError, match="Degrees have a field of their own"):
        Practitioner(name=name, slug="a", registration_number="1").full_clean()


@pytest.mark.parametrize(
    "name",
    [
        *("Peter Prof", "Drew Lee", "Andre Dresden", "Andrea Drake", "Pt. Ravi Sharma"),
        *("M.T. Anders", "P. T. Barn", "Ptolemy Mtshali", "Mei-Ling Moor (陳美玲)", "Ana O’Dre"),
        *("Sam Doctorow", "Mme-Ling", "Martin Lee, Jr.", "Msafiri Mrema", "Mei-Ling Ho-Pt"),
    ],
)  # fmt: skip
def test_name_that_only_looks_like_a_title_is_kept(name):
    Practitioner(name=name, slug="a", registration_number="1").full_clean()


@pytest.mark.parametrize(
    "degrees",
    [
        *("Expert", "MSc, Specialist", "Best PT", "Dr.", "PhD, Dre", "Doctor of Physical Therapy"),
        *("PT, MSc", "MSc; RMT", "R.Ac", "spécialiste", "MSc, Physiotherapist", "acupunctrice"),
    ],
)
def test_claim_or_title_among_degrees_is_refused(degrees):
    with pytest.raises(ValidationError, match="Enter degrees only") as refused:
        Practitioner(name="A", slug="a", degrees=degrees, registration_number="1").full_clean()
    assert set(refused.value.message_dict) == {"degrees"}


@pytest.mark.parametrize(
    "degrees", ["DPT", "PhD", "MSc(PT), FCAMPT", "BScPT", "MSc PT", "B.P.T.", "BKin, MPT", "DrPH"]
)
def test_degrees_are_kept(degrees):
    Practitioner(name="A", slug="a", degrees=degrees, registration_number="1").full_clean()


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("English, Cantonese, ", ["English", "Cantonese"]),
        ("English; French", ["English", "French"]),
        ("English、粵語，普通話", ["English", "粵語", "普通話"]),
        ("English, Hindi and Urdu", ["English", "Hindi", "Urdu"]),
        ("anglais et français.", ["anglais", "français"]),
        (", ,English,,english , ENGLISH", ["ENGLISH"]),
        ("English (and some French), Farsi", ["English (and some French)", "Farsi"]),
        ("English\u00a0,\u200b , Andi", ["English", "Andi"]),
        (" , ; ", []),
    ],
)
def test_languages_are_clean_in_text_and_for_search_engines(client, typed, names):
    Practitioner.objects.filter(slug="priya-sample").update(languages=typed)
    html = client.get("/team/priya-sample/").text
    assert (f"<p>Speaks {', '.join(names)}.</p>" in html) == bool(names)
    assert bool(names) == ("Speaks" in html)
    facts = Practitioner.objects.get(slug="priya-sample")
    assert facts.language_names == names
    assert json_ld.person(facts).get("knowsLanguage", []) == names


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
