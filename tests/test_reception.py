"""How an enquiry is received: scored, quarantined or sent on, and never refused."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contact.intake.reception import client_network_hash
from contact.intake.submissions import MAX_AGE, read_submission
from contact.models import Delivery, Enquiry
from tests.test_contact import typed

pytestmark = pytest.mark.usefixtures("sample_site")

OFFER = "Boost your SEO ranking! Cheap backlinks at https://a.example/x and https://b.example/y"


def send(client, time_machine, *, seconds=60, headers=None, **changes):
    form = typed(**changes)
    time_machine.move_to(timezone.now() + timedelta(seconds=seconds))
    return client.post("/contact/", form, headers=headers)


def test_a_patient_s_enquiry_is_sent_on(client, time_machine):
    send(client, time_machine)
    enquiry = Enquiry.objects.get()
    assert not enquiry.is_quarantined
    assert enquiry.deliveries.exists()


def test_spam_is_quarantined_and_sees_the_same_page(client, time_machine):
    response = send(client, time_machine, seconds=1, message=OFFER, leave_empty="x")
    enquiry = Enquiry.objects.get()
    assert response["Location"] == enquiry.get_absolute_url()
    assert enquiry.is_quarantined
    assert enquiry.spam_score >= 5
    assert "A field that people can’t see was filled in." in enquiry.spam_reasons
    assert not Delivery.objects.exists()
    assert list(Enquiry.objects.quarantined()) == [enquiry]
    assert not Enquiry.objects.without_notification().exists()


def test_autofill_in_the_hidden_field_alone_quarantines_nothing(client, time_machine):
    send(client, time_machine, leave_empty="Ana Marker")
    assert not Enquiry.objects.get().is_quarantined


@pytest.mark.parametrize(
    ("age", "submission", "reason"),
    [(MAX_AGE + 10, None, ""), (0, "forged", "The form was not sent from our page.")],
)
def test_a_form_that_came_back_is_sent_at_once_without_haste(
    client, time_machine, age, submission, reason
):
    form = typed() | ({"submission": submission} if submission else {})
    time_machine.move_to(timezone.now() + timedelta(seconds=age), tick=False)
    back = client.post("/contact/", form).context["form"]["submission"].value()
    client.post("/contact/", form | {"submission": back})
    enquiry = Enquiry.objects.get()
    assert enquiry.spam_reasons == reason
    assert not enquiry.is_quarantined


def test_a_forged_form_stays_one_however_often_it_comes_back(client, time_machine):
    form = typed(submission="forged")
    for _ in range(2):
        form["submission"] = client.post("/contact/", form).context["form"]["submission"].value()
        time_machine.move_to(timezone.now() + timedelta(seconds=MAX_AGE + 10), tick=False)
    back = client.post("/contact/", form).context["form"]["submission"].value()
    assert read_submission(back).seconds is None


def test_copies_of_one_message_add_up(client, time_machine):
    words = "Please tell me whether you have time for my mother next week, she fell"
    for number in range(8):
        send(client, time_machine, message=words, name=f"Person {number}")
    assert not Enquiry.objects.earliest("received_at").is_quarantined
    assert Enquiry.objects.latest("received_at").is_quarantined


def test_network_is_kept_as_a_hash_only(client, time_machine, settings):
    settings.CLIENT_ADDRESS_HEADER = "X-Real-IP"
    send(client, time_machine, headers={"X-Real-IP": "203.0.114.77"})
    send(client, time_machine, headers={"X-Real-IP": "203.0.114.78"}, name="B")
    send(client, time_machine, headers={"X-Real-IP": "::ffff:203.0.114.79"}, name="C")
    hashes = set(Enquiry.objects.values_list("network_hash", flat=True))
    assert len(hashes) == 1
    assert len(hashes.pop()) == 32


@pytest.mark.parametrize(
    ("header", "given", "is_known"),
    [
        ("", "8.8.8.8", True),
        ("", "127.0.0.1", False),
        ("", "10.1.2.3", False),
        ("", "", False),
        ("X-Real-IP", "8.8.4.4", True),
        ("X-Real-IP", "nonsense", False),
        ("X-Real-IP", "", False),
    ],
)
def test_network_is_known_or_empty(rf, settings, header, given, is_known):
    settings.CLIENT_ADDRESS_HEADER = header
    request = rf.get("/", headers={header: given}) if header else rf.get("/", REMOTE_ADDR=given)
    assert bool(client_network_hash(request)) == is_known


def test_hidden_field_is_out_of_reach_for_keyboard_and_screen_reader(client):
    html = client.get("/contact/").content.decode()
    assert '<div class="enquiry-form__trap" aria-hidden="true">' in html
    trap = html[html.index("enquiry-form__trap") :]
    assert 'tabindex="-1"' in trap[:600]
    assert 'autocomplete="off"' in trap[:600]
