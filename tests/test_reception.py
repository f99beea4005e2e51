"""How an enquiry is received: scored, quarantined or sent on, and never refused."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contact.forms import EnquiryForm
from contact.inbox import actions
from contact.intake.reception import client_network_hash, signals
from contact.intake.spam import sketch
from contact.intake.submissions import MAX_AGE, read_submission
from contact.models import Clinic, Delivery, Enquiry, SpamWord
from tests.enquiries import make, quarantined
from tests.spam_corpus import messages
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


PIANOS = (
    "We tune pianos in halls and homes. Mine is the old shop by the river, ask for {0} at {1}. "
    "From {2} dollars, on any Tuesday, and I bring my own tools. {0}"
)


def test_the_same_offer_under_other_names_and_prices_adds_up(client, time_machine):
    """The text is calm and has no link: only that it comes again and again gives it away."""
    firms = ("Keyworks", "Nightkeys", "TuneUp Bros", "Hammer & Felt", "Grandly")
    people = ("Ann Lee", "Bo Dahl", "Cy Orr", "Di Moss", "Ed Pike", "Flo Hart")
    for number in range(7):
        text = PIANOS.format(people[number % 6], firms[number % 5], 90 + 17 * number)
        send(client, time_machine, message=text, name=people[number % 6])
    assert not Enquiry.objects.earliest("received_at").is_quarantined
    last = Enquiry.objects.latest("received_at")
    assert last.is_quarantined
    assert "came 6 times in the last day" in last.spam_reasons


def test_sixty_patients_in_an_hour_are_all_delivered(client, time_machine, settings):
    """A radio interview: some write alike, are quick or add a link, and all share a network."""
    settings.CLIENT_ADDRESS_HEADER = "X-Real-IP"
    network = {"X-Real-IP": "203.0.114.77"}
    rows = [row for row in messages("genuine") if row["message"].strip()][:45]
    texts = [row["message"] for row in rows]
    texts += [f"I heard you on the radio, my {part} hurts. Can I come this week?" for part in PARTS]
    for number, text in enumerate(texts):
        seconds = 4 if number % 5 == 0 and "://" not in text else 40
        name = f"Person {number}"
        send(client, time_machine, seconds=seconds, headers=network, message=text, name=name)
    assert Enquiry.objects.count() == 60
    assert not Enquiry.objects.quarantined().exists()


PARTS = ("knee", "back", "hip", "neck", "elbow", "ankle", "wrist", "heel", "jaw", "arm")
PARTS += ("shoulder", "thumb", "foot", "calf", "tailbone")


def test_a_flood_of_spam_does_not_count_against_patients(client, time_machine):
    for number in range(30):
        quarantined(f"spam {number}")
    for changes in ({"seconds": 4}, {"message": "See https://hospital.example/report, sore knee"}):
        send(client, time_machine, **changes)
        enquiry = Enquiry.objects.latest("received_at")
        assert not enquiry.is_quarantined
        assert "more enquiries than usual" not in enquiry.spam_reasons


def test_what_staff_mark_as_spam_counts_next_time(client, time_machine):
    for number, who in enumerate(("Ann", "Bo", "Cy", "Ed", "Flo")):
        message = PIANOS.format(who, "Keyworks", 90)
        actions.close(make(f"{number}", message=message), None, "spam")
    link = " https://pianos.example/tuning"
    send(client, time_machine, message=PIANOS.format("Ann Lee", "Keys & Co", 120) + link)
    enquiry = Enquiry.objects.latest("received_at")
    assert enquiry.is_quarantined
    assert "Your team marked messages like it as spam." in enquiry.spam_reasons


def test_near_copies_of_what_staff_marked_are_found_for_weeks(client, time_machine):
    message = PIANOS.format("Ann", "Keyworks", 90)
    old = {"message": message, "message_sketch": sketch(message)}
    quarantined("checked", checked_at=timezone.now(), **old)
    make("closed", state="closed", closed_because="spam", **old)
    make("answered", state="answered", **old)
    Enquiry.objects.update(received_at=timezone.now() - timedelta(days=9))
    form = EnquiryForm(typed(message=message.replace("Ann", "Bo")), clinic=Clinic.objects.get())
    assert form.is_valid()
    found = signals(form, sketch(form.typed["message"]), "")
    assert (found.near_copy_count, found.marked_copy_count) == (0, 2)


def test_not_spam_and_reopening_take_a_lesson_back():
    offer = "We paint murals on the walls of schools, come and see our colours"
    enquiry = actions.close(make(message=offer), None, "spam")
    learned = SpamWord.objects.weights(offer)
    actions.reopen(enquiry, None)
    assert sum(SpamWord.objects.weights(offer).values()) < sum(learned.values())
    before = sum(SpamWord.objects.weights(offer).values())
    actions.mark_not_spam(quarantined(message=offer), None)
    assert sum(SpamWord.objects.weights(offer).values()) < before
    actions.close(make("other", message=offer), None, "no_reply")
    assert Enquiry.objects.count() == 3


def test_lessons_stay_after_the_purge_and_hold_no_text():
    enquiry = actions.close(make(name="Zebra Marker", message="Zebra knee offer"), None, "spam")
    Enquiry.objects.filter(pk=enquiry.pk).update(message_sketch="00" * 32)
    Enquiry.objects.filter(pk=enquiry.pk).erase(timezone.now())
    enquiry.refresh_from_db()
    assert enquiry.message_sketch == ""
    assert SpamWord.objects.exists()
    assert {field.name for field in SpamWord._meta.get_fields()} == {"bucket", "weight"}


def test_judging_takes_the_same_queries_however_many_came(client, time_machine):
    def queries(name):
        with CaptureQueriesContext(connection) as captured:
            send(client, time_machine, name=name, message="My knee hurts when I climb stairs, " * 9)
        return len(captured)

    first = queries("A")
    for number in range(40):
        make(f"{number}", message_sketch=f"{number:08x}" * 32)
    assert queries("B") == first


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
