"""The patient's page after sending, and how long an enquiry is kept."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from contact.models import Clinic, Delivery, Enquiry, EnquiryEvent
from contact.outbox.sender import deliver_due

pytestmark = pytest.mark.usefixtures("sample_site")


def make(key="one", **changes):
    typed = {"name": "Ana Marker", "email": "ana@mail.example", "message": "Sore knee"}
    enquiry = Enquiry.objects.create_once(typed, key, ["desk@clinic.example"])
    Enquiry.objects.filter(pk=enquiry.pk).update(**changes)
    enquiry.refresh_from_db()
    return enquiry


def page(client, enquiry):
    return client.get(enquiry.get_absolute_url()).content.decode()


def test_page_follows_the_enquiry(client):
    enquiry = make(answer_by=timezone.now() + timedelta(hours=3))
    assert "We plan to answer by" in page(client, enquiry)
    Enquiry.objects.update(state="seen", seen_at=timezone.now())
    assert "A person at the clinic has seen your request." in page(client, enquiry)
    Enquiry.objects.update(state="answered")
    html = page(client, enquiry)
    assert "The clinic has answered your request." in html
    assert "Cancel this request" not in html


def test_page_of_a_late_answer_asks_to_call(client):
    enquiry = make(answer_by=timezone.now() - timedelta(minutes=1))
    assert "please call us" in page(client, enquiry)


def test_page_looks_the_same_for_a_quarantined_one(client):
    plain, spam = make("one"), make("two", is_quarantined=True)
    neutral = [page(client, one).replace(one.reference, "R") for one in (plain, spam)]
    assert neutral[0] == neutral[1]


def test_page_says_nothing_that_is_untrue_of_a_quarantined_one(client):
    """No email was sent about it, and nobody may have looked by the planned time."""
    enquiry = make(is_quarantined=True, answer_by=timezone.now() + timedelta(hours=3))
    open_page = page(client, enquiry)
    client.post(enquiry.get_absolute_url())
    for html in (open_page, page(client, enquiry)):
        for claim in (
            "We’ll answer",
            "promise",
            "let the clinic know",
            "tell the clinic",
            "notified",
        ):
            assert claim not in html
    assert "The clinic has your request." in open_page


def test_page_keeps_its_token_to_itself(client):
    enquiry = make()
    assert enquiry.token not in page(client, enquiry)


def test_patient_can_cancel_and_the_clinic_is_told(client, mail_server):
    enquiry = make()
    deliver_due()
    response = client.post(enquiry.get_absolute_url())
    assert response["Location"] == enquiry.get_absolute_url()
    assert "You cancelled your request" in page(client, enquiry)
    assert EnquiryEvent.objects.get().kind == "cancelled"
    assert deliver_due() == 1
    first, second = (message for _, message in mail_server.messages)
    assert second["Subject"] == f"Cancelled: website enquiry {enquiry.reference}"
    assert first["Message-ID"] != second["Message-ID"]
    client.post(enquiry.get_absolute_url())
    assert EnquiryEvent.objects.count() == 1


def test_an_answered_one_is_not_cancelled(client):
    enquiry = make(state="answered")
    client.post(enquiry.get_absolute_url())
    enquiry.refresh_from_db()
    assert enquiry.state == "answered"


def purge(capsys, *options):
    call_command("purge_enquiries", *options)
    return capsys.readouterr().out


def test_purge_empties_closed_ones_after_the_clinic_s_days(client, capsys):
    days = Clinic.objects.get().retention_days
    now = timezone.now()
    old = make("old", state="closed", closed_at=now - timedelta(days=days, minutes=1))
    EnquiryEvent.objects.create(enquiry=old, kind="noted", detail="Called Ana")
    old.deliveries.create(address="ana@mail.example", kind=Delivery.Kind.ACKNOWLEDGEMENT)
    make("fresh", state="closed", closed_at=now - timedelta(days=days - 1))
    make("open", received_at=now - timedelta(days=900))
    make("held", state="closed", closed_at=now - timedelta(days=900), is_held=True)
    Delivery.objects.update(state="accepted")
    waiting = make("waiting", state="closed", closed_at=now - timedelta(days=900))
    assert waiting.deliveries.get().state == "waiting"
    assert "1 enquiries would be erased" in purge(capsys, "--dry-run")
    assert Enquiry.objects.filter(name="").count() == 0
    assert "1 enquiries erased" in purge(capsys)
    old.refresh_from_db()
    assert (old.name, str(old.email), old.message, old.form_key) == ("", "", "", "")
    assert old.reference
    assert old.erased_at
    assert EnquiryEvent.objects.get().detail == ""
    assert [one.address for one in old.deliveries.all()] == ["desk@clinic.example"]
    assert client.get(old.get_absolute_url()).status_code == 404
    assert "0 enquiries erased" in purge(capsys)


def test_purge_never_takes_likely_spam_that_nobody_has_checked(capsys):
    now = timezone.now()
    unseen = make("unseen", is_quarantined=True, received_at=now - timedelta(days=900))
    make("checked", is_quarantined=True, checked_at=now - timedelta(days=29))
    Delivery.objects.all().delete()
    assert "0 enquiries erased" in purge(capsys)
    Enquiry.objects.filter(checked_at__isnull=False).update(checked_at=now - timedelta(days=31))
    assert "1 enquiries erased" in purge(capsys)
    unseen.refresh_from_db()
    assert unseen.name
