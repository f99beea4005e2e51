"""Whose enquiries a person sees, who looked at them, and what one person may ask for."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contact.inbox import actions as inbox
from contact.inbox import lists
from contact.models import Clinic, Enquiry, EnquiryEvent
from services.models import Practitioner
from tests.enquiries import LIST, SEARCH, act_url, erase_url, make, page, quarantined, user

pytestmark = pytest.mark.django_db
Kind = EnquiryEvent.Kind


def rows_of(response):
    return {row.submission_key for row in response.context["cl"].result_list}


def person_url(enquiry):
    return reverse("admin:contact_enquiry_person", args=[enquiry.pk])


# Whose an enquiry is


@pytest.fixture
def shared_out(clinic, kim, robin):
    """The clinic's choice made, and enquiries by whose they are for Robin."""
    Clinic.objects.update(own_enquiries_only=True)
    mine = Practitioner.objects.create(name="Robin Roe", slug="robin", account=robin)
    other = user("sam", "Physiotherapist")
    theirs = Practitioner.objects.create(name="Sam Soe", slug="sam", account=other)
    nobodys = Practitioner.objects.create(name="Jo Poe", slug="jo")
    make("asks for me", practitioner=mine)
    inbox.assign(make("taken by me", practitioner=theirs), robin)
    make("nobody's")
    make("asks for one without account", practitioner=nobodys)
    make("asks for Sam", practitioner=theirs)
    inbox.assign(make("taken by Sam"), other)
    inbox.assign(make("taken by the desk", practitioner=nobodys), kim)


THEIRS = {"asks for me", "taken by me", "nobody's", "asks for one without account"}


@pytest.fixture
def physio(client, robin):
    client.force_login(robin)
    return client


def test_without_the_clinic_s_choice_everybody_sees_all(shared_out, physio):
    Clinic.objects.update(own_enquiries_only=False)
    assert len(rows_of(physio.get(LIST))) == Enquiry.objects.count()


def test_a_physiotherapist_lists_and_counts_their_own(shared_out, physio, robin):
    assert rows_of(physio.get(LIST)) == THEIRS
    new = THEIRS - {"taken by me"}
    assert rows_of(physio.get(f"{LIST}?list=new")) == new
    assert lists.counts(robin)[0][0] == len(new)
    physio.post(SEARCH, {"term": "Zebra"})
    assert rows_of(physio.get(f"{LIST}?list=found")) == THEIRS


def test_the_desk_and_the_owner_see_all(shared_out, desk, kim):
    assert len(rows_of(desk.get(LIST))) == 7
    desk.force_login(user("alex", "Owner"))
    assert len(rows_of(desk.get(LIST))) == 7


@pytest.mark.parametrize("key", ["asks for Sam", "taken by Sam", "taken by the desk"])
def test_another_s_enquiry_is_out_of_reach_by_every_way(shared_out, physio, key):
    other = Enquiry.objects.get(submission_key=key)
    before = Enquiry.objects.filter(pk=other.pk).values().get()
    events = other.events.count()
    assert physio.get(page(other)).headers["Location"] == LIST
    for name in ("mark-seen", "assign", "mark-answered", "add-note", "close", "resend", "hold"):
        typed = {"text": "x", "because": "booked", "address": "a@clinic.example"}
        assert physio.post(act_url(other, name), typed).status_code == 404
    assert physio.get(erase_url(other)).status_code == 403
    assert physio.get(person_url(other)).status_code == 403
    assert Enquiry.objects.filter(pk=other.pk).values().get() == before
    assert other.events.count() == events


def test_what_a_physiotherapist_sees_asks_as_often_however_long_it_is(shared_out, physio):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert physio.get(LIST).status_code == 200
        return len(asked)

    queries()
    before = queries()
    for number in range(5):
        make(f"more {number}")
    assert queries() == before


# Who looked


def writes(browser, url):
    """Return the tables that a GET writes to, the staff's own session aside."""
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(url).status_code == 200
    found = [re.match(r'(INSERT INTO|UPDATE|DELETE FROM) "(\w+)"', q["sql"]) for q in asked]
    return [f"{match[1]} {match[2]}" for match in found if match and match[2] != "django_session"]


def test_opening_a_page_writes_the_access_record_and_nothing_else(owner, enquiry):
    spam = quarantined()
    access_record = ["INSERT INTO contact_enquiryevent"]
    assert writes(owner, page(enquiry)) == access_record
    assert writes(owner, page(enquiry)) == []  # a second look within the hour
    assert writes(owner, page(spam)) == access_record
    lists_of_all = [f"{LIST}?list={key}" for key in (*lists.LISTS, "found")]
    others = [erase_url(enquiry), person_url(enquiry), f"{LIST}breach/"]
    for url in (*lists_of_all, *others, "/contact/", enquiry.get_absolute_url()):
        assert writes(owner, url) == []


def test_opening_a_page_is_recorded_once_an_hour(desk, enquiry, kim, time_machine):
    now = timezone.now()
    for minutes in (0, 30, 61):
        time_machine.move_to(now + timedelta(minutes=minutes))
        html = desk.get(page(enquiry)).content.decode()
    looks = enquiry.events.filter(kind=Kind.OPENED, by=kim)
    assert looks.count() == 2
    assert html.count("Last opened by Kim (") == 1
    assert "Opened this page" not in html
    enquiry.refresh_from_db()
    assert enquiry.state == Enquiry.State.NEW
    assert "seen" not in desk.get(enquiry.get_absolute_url()).content.decode().lower()


def test_an_event_names_who_did_it_when_the_account_is_gone(desk, enquiry, kim):
    inbox.add_note(enquiry, kim, "Called.")
    User.objects.filter(pk=kim.pk).delete()
    desk.force_login(user("alex", "Owner"))
    html = desk.get(page(enquiry)).content.decode()
    assert "Kim, <time" in html
    assert "A former colleague" not in html


def test_looking_is_no_act_that_keeps_an_enquiry_off_the_list(clinic, kim):
    week_ago = timezone.now() - timedelta(days=7)
    one = make("old", received_at=week_ago)
    inbox.record_access(one, kim)
    before = lists.no_reply_before(timezone.now())
    assert list(Enquiry.objects.without_reply_since(before)) == [one]
    inbox.add_note(one, kim, "Called, nobody home.")
    assert not Enquiry.objects.without_reply_since(before)


# What one person may ask for


@pytest.fixture
def family(clinic, kim):
    """Three of one person by phone or address, one of somebody else, one erased."""
    rows = [
        make("first"),
        make("other phone", phone="", email="ZEBRA@mail.example", message="Again"),
        quarantined("spam", email=""),
    ]
    make("somebody else", email="ana@mail.example", phone="")
    inbox.erase(make("gone", ()), kim)
    return rows


def test_what_is_held_about_a_person_is_handed_out(desk, family, kim):
    html = desk.get(person_url(family[0])).content.decode()
    assert html.count('name="enquiries"') == 3
    assert html.count(" checked") == 3
    inbox.add_note(family[0], kim, "Called back.")
    chosen = [row.pk for row in family[:2]]
    response = desk.post(person_url(family[0]), {"action": "download", "enquiries": chosen})
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["Content-Disposition"].startswith("attachment; ")
    text = response.content.decode()
    for words in (
        f"Reference: {family[0].reference}",
        "Message: ZEBRAMESSAGE",
        "Message: Again",
        "Phone: 905-555-0111",
        ": Added a note, Kim: Called back.",
        "desk@clinic.example, not sent yet",
    ):
        assert words in text
    assert family[2].reference not in text
    exported = EnquiryEvent.objects.filter(kind=Kind.EXPORTED, detail="For the person it is about")
    assert {event.enquiry_id for event in exported} == set(chosen)


def test_all_of_a_person_is_erased_in_one_act(owner, family):
    url, chosen = person_url(family[0]), [row.pk for row in family]
    html = owner.post(url, {"action": "erase", "enquiries": chosen}).content.decode()
    assert "Tick this box to erase them." in html
    assert not Enquiry.objects.filter(pk__in=chosen).exclude(erased_at=None).exists()

    action = {"action": "erase", "enquiries": chosen, "is_confirmed": "on"}
    response = owner.post(url, action, follow=True)
    assert "Erased: 3." in response.content.decode()
    assert not Enquiry.objects.filter(pk__in=chosen, erased_at=None).exists()
    assert Enquiry.objects.get(submission_key="somebody else").erased_at is None
    assert owner.get(url).status_code == 200  # an erased row has nobody else's beside it


def test_a_held_one_stays_and_says_so(owner, family, kim):
    inbox.hold(family[1], kim)
    action = {"action": "erase", "enquiries": [row.pk for row in family], "is_confirmed": "on"}
    html = owner.post(person_url(family[0]), action).content.decode()
    assert f"{family[1].reference}: This is being kept longer." in html
    assert Enquiry.objects.filter(erased_at=None).count() == 2


@pytest.mark.parametrize(
    ("group", "action", "status"),
    [
        ("Front desk", "download", 200),
        ("Front desk", "erase", 403),
        ("Physiotherapist", "download", 403),
        ("Physiotherapist", "erase", 403),
        ("Editor", "download", 403),
        ("Owner", "nonsense", 403),
    ],
)
def test_who_may_hand_over_and_erase(client, family, group, action, status):
    client.force_login(user("somebody", group))
    data = {"action": action, "enquiries": [family[0].pk], "is_confirmed": "on"}
    response = client.post(person_url(family[0]), data)
    assert response.status_code == status
    family[0].refresh_from_db()
    assert family[0].erased_at is None


def test_another_s_enquiry_cannot_be_slipped_in(owner, family):
    stranger = Enquiry.objects.get(submission_key="somebody else")
    action = {"action": "erase", "enquiries": [stranger.pk], "is_confirmed": "on"}
    html = owner.post(person_url(family[0]), action).content.decode()
    assert "is not one of the available choices" in html
    stranger.refresh_from_db()
    assert stranger.erased_at is None
