"""The inbox: each action and who may do it, the lists, the search, the exports, and privacy."""

import csv
import io
import logging
import re
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contact.admin.enquiry_actions import ACTIONS, ERASE
from contact.admin.enquiry_text import (
    describe_age,
    describe_delivery,
    describe_moment,
    urgency,
)
from contact.inbox import actions as inbox
from contact.inbox import exports, lists
from contact.models import Delivery, Enquiry, EnquiryEvent
from tests.enquiries import LIST, SEARCH, act_url, erase_url, make, page, quarantined, user

pytestmark = pytest.mark.django_db
State, Kind = Enquiry.State, EnquiryEvent.Kind
BREACH = reverse("admin:contact_enquiry_breach")
MARKERS = ("Zebra Marker", "zebra@mail.example", "9055550111", "555-0111", "ZEBRAMESSAGE")


def kinds(enquiry):
    return [event.kind for event in enquiry.events.all()]


def listed(response):
    return [row.submission_key for row in response.context["cl"].result_list]


def rows_of(response):
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


# Acts


def test_the_first_act_of_a_person_is_what_marks_it_as_seen(enquiry, kim, desk):
    desk.get(page(enquiry))
    enquiry.refresh_from_db()
    assert (enquiry.state, enquiry.seen_at) == (State.NEW, None)
    assert kinds(enquiry) == [Kind.OPENED]
    row = inbox.add_note(enquiry, kim, "Called.")
    assert row.state == State.SEEN
    assert row.seen_at
    note = row.events.last()
    assert (note.kind, note.by, note.detail) == (Kind.NOTED, kim, "Called.")


def test_each_person_says_once_that_they_saw_it(enquiry, kim, robin):
    inbox.mark_seen(enquiry, kim)
    first = inbox.mark_seen(enquiry, robin).seen_at
    assert first == Enquiry.objects.get().seen_at
    with pytest.raises(inbox.RefusedError, match="already"):
        inbox.mark_seen(enquiry, kim)
    assert kinds(enquiry) == [Kind.SEEN, Kind.SEEN]


def test_of_two_who_take_it_from_the_same_page_the_first_has_it(enquiry, kim, robin):
    stale = Enquiry.objects.get()
    assert inbox.assign(enquiry, robin).assigned_to == robin
    with pytest.raises(inbox.RefusedError, match="assigned to Robin"):
        inbox.assign(stale, kim)
    assert Enquiry.objects.get().assigned_to == robin
    assert inbox.assign(stale, kim, shown_assignee=robin.pk).assigned_to == kim
    with pytest.raises(inbox.RefusedError, match="assigned to you"):
        inbox.assign(stale, kim, shown_assignee=kim.pk)


def test_answered_then_closed_then_open_again(enquiry, kim):
    stale = Enquiry.objects.get()
    row = inbox.mark_answered(enquiry, kim)
    assert (row.state, bool(row.answered_at)) == (State.ANSWERED, True)
    with pytest.raises(inbox.RefusedError, match="already marked as answered"):
        inbox.mark_answered(stale, kim)
    row = inbox.close(stale, kim, "booked")
    assert (row.state, row.closed_because, bool(row.closed_at)) == (State.CLOSED, "booked", True)
    assert row.answered_at
    row = inbox.reopen(stale, kim)
    assert (row.state, row.closed_because, row.closed_at) == (State.ANSWERED, "", None)
    assert kinds(row) == [Kind.ANSWERED, Kind.CLOSED, Kind.REOPENED]


def test_what_was_never_answered_opens_again_as_seen(enquiry, kim):
    inbox.close(enquiry, kim, "other")
    assert inbox.reopen(enquiry, kim).state == State.SEEN
    with pytest.raises(inbox.RefusedError, match="already open"):
        inbox.reopen(enquiry, kim)


def test_of_two_who_close_it_the_second_learns_the_reason(enquiry, kim, robin):
    stale = Enquiry.objects.get()
    inbox.close(enquiry, kim, "moved_to_chart")
    with pytest.raises(inbox.RefusedError, match="moved to chart"):
        inbox.close(stale, robin, "spam")
    for late in (inbox.mark_answered, inbox.assign):
        with pytest.raises(inbox.RefusedError, match="Reopen it first"):
            late(stale, robin)
    assert kinds(enquiry) == [Kind.CLOSED]
    assert Enquiry.objects.get().closed_because == "moved_to_chart"


def test_only_the_patient_cancels(desk, enquiry):
    assert "cancelled" not in dict(inbox.CLOSING_REASONS)
    desk.post(act_url(enquiry, "close"), {"because": "cancelled"})
    assert Enquiry.objects.get().state == State.NEW


def test_hold_and_release(enquiry, kim):
    assert inbox.hold(enquiry, kim).is_held
    with pytest.raises(inbox.RefusedError):
        inbox.hold(enquiry, kim)
    assert not inbox.release(enquiry, kim).is_held
    with pytest.raises(inbox.RefusedError):
        inbox.release(enquiry, kim)


@pytest.mark.parametrize("state", [Delivery.State.WAITING, Delivery.State.REFUSED])
def test_a_waiting_notification_is_tried_now(enquiry, kim, state):
    later = timezone.now() + timedelta(hours=5)
    enquiry.deliveries.update(state=state, next_attempt_at=later, waits_for_server=True)
    before = enquiry.deliveries.get().message_id
    inbox.resend(enquiry, kim, "DESK@clinic.example")
    notification = enquiry.deliveries.get()
    assert notification.state == Delivery.State.WAITING
    assert notification.next_attempt_at <= timezone.now()
    assert (notification.waits_for_server, notification.message_id) == (False, before)


def test_an_accepted_notification_goes_out_again_as_a_message_of_its_own(enquiry, kim):
    enquiry.deliveries.update(state=Delivery.State.ACCEPTED, accepted_at=timezone.now())
    before = enquiry.deliveries.get().message_id
    inbox.resend(enquiry, kim, "desk@clinic.example")
    notification = enquiry.deliveries.get()
    assert notification.state == Delivery.State.WAITING
    assert notification.message_id != before


def test_another_address_gets_a_notification_of_its_own(enquiry, kim):
    inbox.resend(enquiry, kim, "new@clinic.example")
    assert {one.address for one in enquiry.deliveries.all()} == {
        "desk@clinic.example",
        "new@clinic.example",
    }
    assert enquiry.events.get().detail == "new@clinic.example"


def test_what_is_being_sent_is_left_to_the_sender(enquiry, kim):
    enquiry.deliveries.update(state=Delivery.State.SENDING, leased_until=timezone.now())
    with pytest.raises(inbox.RefusedError, match="being sent"):
        inbox.resend(enquiry, kim, "desk@clinic.example")
    assert enquiry.deliveries.get().leased_until
    assert not enquiry.events.exists()


def test_what_is_not_spam_is_in_the_inbox_and_its_notifications_go_out(clinic, kim):
    spam = quarantined()
    with pytest.raises(inbox.RefusedError, match="Not spam"):
        inbox.resend(spam, kim, "desk@clinic.example")
    inbox.mark_not_spam(spam, kim)
    assert list(Enquiry.objects.inbox()) == [spam]
    assert [one.address for one in spam.deliveries.all()] == ["desk@clinic.example"]
    with pytest.raises(inbox.RefusedError, match="not in Spam"):
        inbox.mark_not_spam(spam, kim)
    assert spam.deliveries.count() == 1


def test_erasing_empties_content_and_events_and_keeps_the_reference(enquiry, kim):
    inbox.add_note(enquiry, kim, "Zebra Marker called.")
    inbox.close(enquiry, kim, "booked")
    enquiry.deliveries.update(
        state=Delivery.State.ACCEPTED, last_error="no zebra@mail.example here"
    )
    row = inbox.erase(enquiry, kim)
    row.refresh_from_db()
    assert row.erased_at
    assert row.reference == enquiry.reference
    assert row.token == enquiry.token
    assert kinds(row) == [Kind.NOTED, Kind.CLOSED, Kind.ERASED]
    kept = [*Enquiry.objects.values_list(), *EnquiryEvent.objects.values_list()]
    kept += Delivery.objects.values_list()
    assert not re.search("zebra", repr(kept), re.IGNORECASE)
    assert "9055550111" not in repr(kept)


def test_erasing_waits_for_notifications_unless_somebody_says_so(enquiry, kim):
    with pytest.raises(inbox.RefusedError, match="still waiting"):
        inbox.erase(enquiry, kim)
    enquiry.deliveries.update(state=Delivery.State.SENDING)
    with pytest.raises(inbox.RefusedError, match="being sent"):
        inbox.erase(enquiry, kim, is_confirmed=True)
    enquiry.deliveries.update(state=Delivery.State.REFUSED)
    assert inbox.erase(enquiry, kim, is_confirmed=True).erased_at
    assert not enquiry.deliveries.exists()


def test_what_is_held_is_not_erased(enquiry, kim):
    inbox.hold(enquiry, kim)
    with pytest.raises(inbox.RefusedError, match="Stop that first"):
        inbox.erase(enquiry, kim, is_confirmed=True)


EVERY_ACTION = {
    "mark_seen": {},
    "assign": {},
    "add_note": {"text": "x"},
    "mark_answered": {},
    "close": {"because": "other"},
    "reopen": {},
    "hold": {},
    "release": {},
    "resend": {"address": "desk@clinic.example"},
    "stop_sending": {"address": "desk@clinic.example"},
    "mark_not_spam": {},
    "erase": {"is_confirmed": True},
}


@pytest.mark.parametrize("name", EVERY_ACTION)
def test_an_erased_enquiry_is_left_alone(enquiry, kim, name):
    inbox.erase(enquiry, kim, is_confirmed=True)
    for _ in range(2):
        with pytest.raises(inbox.RefusedError, match="erased"):
            getattr(inbox, name)(enquiry, kim, **EVERY_ACTION[name])
        Enquiry.objects.all().delete()


def test_every_act_has_its_button():
    assert {action.run.__name__ for action in [*ACTIONS.values(), ERASE]} == set(EVERY_ACTION)


# Rights

POSTS = {name: EVERY_ACTION[name.replace("-", "_")] for name in ACTIONS}
GROUPS = ("Owner", "Physiotherapist", "Front desk", "Editor", None)
ACTORS = ("Owner", "Physiotherapist", "Front desk")


@pytest.mark.parametrize("group", GROUPS)
def test_who_may_act(client, enquiry, group):
    client.force_login(user("robin", group))
    expected = (200, 302) if group in ACTORS else (403,)
    for name, typed in POSTS.items():
        with transaction.atomic():
            assert client.post(act_url(enquiry, name), typed).status_code in expected, name
            assert group in ACTORS or not enquiry.events.exists()
            transaction.set_rollback(True)


@pytest.mark.parametrize("group", GROUPS)
def test_who_may_erase_export_and_report(client, enquiry, group):
    client.force_login(user("robin", group))
    is_owner = group == "Owner"
    for url in (erase_url(enquiry), BREACH):
        assert client.get(url).status_code == (200 if is_owner else 403)
        assert (client.post(url).status_code == 403) == (not is_owner)
    response = client.post(act_url(enquiry, "erase"), {"is_confirmed": "on"})
    assert response.status_code == (404 if group in ACTORS else 403)
    chosen = {"action": "export", "_selected_action": enquiry.pk, "index": 0}
    response = client.post(LIST, chosen)
    may_export = group in ("Owner", "Front desk")
    assert response.streaming == may_export
    assert response.status_code == (403 if group not in ACTORS else 200)
    if may_export:
        rows_of(response)
    assert enquiry.events.filter(kind=Kind.EXPORTED).exists() == may_export
    may_look = group in ACTORS
    assert client.post(SEARCH, {"term": "x"}).status_code == (302 if may_look else 403)


def test_the_page_offers_what_a_person_may_do(client, enquiry):
    looker = user("lee")
    looker.user_permissions.add(
        *Group.objects.get(name="Front desk").permissions.filter(codename="view_enquiry")
    )
    client.force_login(looker)
    html = client.get(page(enquiry)).content.decode()
    assert "Zebra Marker" in html
    assert "<button" not in html.split('id="content"')[1]
    assert client.post(act_url(enquiry, "mark-seen")).status_code == 403


def test_a_stranger_is_sent_to_sign_in(client, enquiry):
    for url in (
        LIST,
        page(enquiry),
        act_url(enquiry, "mark-seen"),
        erase_url(enquiry),
        SEARCH,
        BREACH,
    ):
        response = client.post(url)
        assert response.status_code == 302
        assert "/login/" in response.headers["Location"]


def test_acts_need_the_form_s_own_token(enquiry, kim):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(kim)
    assert browser.post(act_url(enquiry, "mark-seen")).status_code == 403
    assert browser.get(act_url(enquiry, "mark-seen")).status_code == 302
    assert not enquiry.events.exists()


# The page of one


def test_buttons_do_what_they_say(desk, enquiry, kim):
    for name, typed in (
        ("mark-seen", {}),
        ("assign", {"shown_assignee": ""}),
        ("add-note", {"text": "Called."}),
        ("resend", {"address": "new@clinic.example"}),
        ("mark-answered", {}),
        ("hold", {}),
        ("release", {}),
        ("close", {"because": "booked"}),
        ("reopen", {}),
    ):
        response = desk.post(act_url(enquiry, name), typed, follow=True)
        assert response.redirect_chain == [(page(enquiry), 302)]
        assert ACTIONS[name].message in response.content.decode().replace("&#x27;", "'")
    html = desk.get(page(enquiry)).content.decode()
    assert html.count("Kim, <time") == 9
    assert "Called." in html


def test_what_is_refused_stays_as_it_was_typed(desk, enquiry, kim):
    inbox.erase(enquiry, kim, is_confirmed=True)
    html = desk.post(act_url(enquiry, "add-note"), {"text": "Typed for long"}).content.decode()
    assert "There is nothing left to do" in html
    other = make("two")
    html = desk.post(act_url(other, "resend"), {"address": "no@address@x"}).content.decode()
    assert "Enter a valid email address." in html
    assert 'value="no@address@x"' in html
    html = desk.post(act_url(other, "add-note"), {"text": "x" * 4001}).content.decode()
    assert "x" * 4001 in html
    for name in ("add-note", "close", "resend"):
        assert "first." in desk.post(act_url(other, name)).content.decode()
    assert not other.events.exists()


@pytest.mark.parametrize("typed", ["a\x00b", "\ud800", "x" * 500])
def test_bad_input_is_no_fault_of_ours(desk, enquiry, typed):
    typed = typed.encode("utf-8", "surrogatepass")
    for name in POSTS:
        body = b"&".join(
            b"%s=%s" % (field, typed)
            for field in (b"text", b"because", b"address", b"shown_assignee", b"term")
        )
        for url in (act_url(enquiry, name), SEARCH):
            response = desk.generic("POST", url, body, "application/x-www-form-urlencoded")
            assert response.status_code < 500
    assert desk.get(LIST + "?list=found").status_code == 200
    assert desk.get(LIST + "?list=no&assigned=no&emails=no&p=x").status_code == 200
    assert desk.get(f"{LIST}{10**30}/change/").status_code == 302
    assert desk.post(f"{LIST}{10**30}/act/mark-seen/").status_code == 404
    assert desk.post(f"{LIST}{enquiry.pk}/act/nothing/").status_code == 404


def test_the_page_says_honestly_where_notifications_stand(enquiry):
    now = timezone.make_aware(datetime(2026, 11, 24, 9, 12))
    notification = enquiry.deliveries.get()
    notification.next_attempt_at = now + timedelta(minutes=30)
    assert describe_delivery(notification, now) == "Waiting to be sent. Next try: today at 9:42 am."
    notification.last_error = "451 later"
    notification.next_attempt_at = now
    assert (
        describe_delivery(notification, now)
        == "Waiting to be sent. Was due: today at 9:12 am. Last problem: 451 later."
    )
    notification.state, notification.last_error = Delivery.State.REFUSED, "550 No such box"
    notification.next_attempt_at = now + timedelta(hours=24)
    assert describe_delivery(notification, now) == (
        "Rejected: 550 No such box. Still trying. Next try: Wednesday, November 25, 9:12 am."
    )
    notification.state = Delivery.State.SENDING
    assert describe_delivery(notification, now) == "Sending."
    notification.state, notification.accepted_at = Delivery.State.ACCEPTED, now
    assert describe_delivery(notification, now) == "Sent today at 9:12 am."
    assert describe_moment(now - timedelta(days=365), now) == "Monday, November 24, 2025, 9:12 am"


def test_no_page_says_delivered(owner, enquiry):
    enquiry.deliveries.update(state=Delivery.State.ACCEPTED, accepted_at=timezone.now())
    for url in (LIST, page(enquiry), "/admin/"):
        assert "delivered" not in owner.get(url).content.decode().lower()


def test_call_and_mail_are_one_tap_away_and_say_whether_to_leave_a_message(desk, clinic):
    for may_leave, said in ((True, "OK to leave a message"), (False, "Don’t leave a message")):
        one = make(str(may_leave), may_leave_message=may_leave)
        for url in (LIST, page(one)):
            html = desk.get(url).content.decode()
            assert "tel:+1-905-555-0111" in html
            assert "mailto:zebra@mail.example?subject=Your%20enquiry%20" + one.reference in html
            assert said in html
    assert one.token not in html


def test_likely_spam_says_why_and_where_it_is(desk, clinic):
    html = desk.get(page(quarantined())).content.decode()
    assert "This looks like spam" in html
    assert "A form sent twice." in html
    assert f'href="{LIST}?list=spam"' in html


def test_erasing_is_asked_once_more(owner, enquiry):
    html = owner.get(erase_url(enquiry)).content.decode()
    assert "can’t be undone" in html
    html = owner.post(erase_url(enquiry)).content.decode()
    assert "still waiting" in html
    response = owner.post(erase_url(enquiry), {"is_confirmed": "on"}, follow=True)
    html = response.content.decode()
    assert "This enquiry was erased" in html
    assert "Zebra" not in html


# The list


def test_age_and_urgency_are_words_and_a_shape(clinic, desk):
    now = timezone.now()
    cases = (
        (timedelta(seconds=10), timedelta(hours=5), "Just now", "in-time", ""),
        (timedelta(minutes=12), timedelta(hours=1), "12\xa0minutes ago", "due-soon", "due soon"),
        (timedelta(days=3, hours=4), -timedelta(hours=1), "3\xa0days ago", "overdue", "overdue"),
    )
    for number, (old, left, words, kind, word) in enumerate(cases):
        one = make(str(number), received_at=now - old, answer_by=now + left)
        assert describe_age(one, now) == words
        assert urgency(one, now) == (kind, word)
    html = desk.get(LIST).content.decode()
    assert '<span class="state state--overdue">3\xa0days ago, overdue</span>' in html
    assert urgency(Enquiry(state=State.ANSWERED, answer_by=now - timedelta(1)), now) == ("", "")


@pytest.fixture
def many(clinic, kim, robin):
    """One enquiry for each list, by its submission key."""
    now = timezone.now()
    late = {"answer_by": now - timedelta(hours=1)}
    make("new", answer_by=now + timedelta(hours=8))
    make("late", received_at=now - timedelta(days=6), **late)
    inbox.record_access(Enquiry.objects.get(submission_key="late"), kim)
    inbox.assign(make("kim's", ()), kim)
    inbox.assign(make("robin's"), robin)
    inbox.mark_answered(make("answered", **late), kim)
    inbox.close(make("closed", **late), kim, "booked")
    quarantined("spam", **late)
    inbox.erase(make("erased", ()), kim)
    Delivery.objects.exclude(enquiry__submission_key="late").update(state=Delivery.State.ACCEPTED)


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("", {"new", "late", "kim's", "robin's", "answered"}),
        ("list=new", {"new", "late"}),
        ("list=seen", {"kim's", "robin's"}),
        ("list=overdue", {"late"}),
        ("list=no-reply", {"late"}),
        ("list=answered", {"answered"}),
        ("list=closed", {"closed"}),
        ("list=spam", {"spam"}),
        (
            "list=all",
            {"new", "late", "kim's", "robin's", "answered", "closed", "spam", "erased"},
        ),
        ("assigned=me", {"kim's"}),
        ("assigned=nobody", {"new", "late", "answered"}),
        ("emails=not-sent", {"late", "kim's"}),
        ("list=seen&emails=not-sent&assigned=me", {"kim's"}),
        ("list=nonsense", {"new", "late", "kim's", "robin's", "answered"}),
    ],
)
def test_the_lists(desk, many, query, keys):
    assert set(listed(desk.get(f"{LIST}?{query}"))) == keys


def test_checking_likely_spam_starts_its_time(desk, clinic):
    spam, later, normal = quarantined("one"), quarantined("two"), make("three")
    html = desk.get(f"{LIST}?list=spam").content.decode()
    assert "I’ve checked these" in html
    data = {"action": "mark_checked", "_selected_action": [spam.pk, normal.pk], "index": 0}
    html = desk.post(f"{LIST}?list=spam", data, follow=True).content.decode()
    assert "1 checked." in html
    assert "I’ve checked these" in html  # the other one
    first = Enquiry.objects.get(pk=spam.pk).checked_at
    assert first
    desk.post(f"{LIST}?list=spam", data)
    assert Enquiry.objects.get(pk=spam.pk).checked_at == first
    assert list(Enquiry.objects.unchecked()) == [later]
    assert not Enquiry.objects.get(pk=normal.pk).checked_at
    assert "mark_checked" not in desk.get(LIST).content.decode()
    desk.post(f"{LIST}?list=spam", data | {"_selected_action": later.pk})
    assert "I’ve checked these" not in desk.get(f"{LIST}?list=spam").content.decode()


def test_only_those_who_may_act_check_likely_spam(client, clinic):
    spam, looker = quarantined(), user("lee")
    view = Group.objects.get(name="Front desk").permissions.filter(codename="view_enquiry")
    looker.user_permissions.add(*view)
    client.force_login(looker)
    assert "I’ve checked these" not in client.get(f"{LIST}?list=spam").content.decode()
    data = {"action": "mark_checked", "_selected_action": spam.pk, "index": 0}
    client.post(f"{LIST}?list=spam", data)
    assert list(Enquiry.objects.unchecked()) == [spam]


@pytest.mark.parametrize(
    ("term", "is_found"),
    [
        ("zebra", True),
        ("MARKER Zeb", True),
        ("zebra@mail", True),
        ("905 555-0111", True),
        ("(905) 555", True),
        ("+1 905 555 0111", True),
        ("0111", True),
        ("111", False),
        ("Zebra Other", False),
        ("room 0111", False),
        ("nobody", False),
    ],
)
def test_search(desk, enquiry, term, is_found):
    response = desk.post(SEARCH, {"term": term}, follow=True)
    assert listed(response) == (["one"] if is_found else [])


@pytest.mark.parametrize(
    ("stored", "typed", "others"),
    [
        (
            {"name": "Élodie Côté"},
            ("élodie", "ELODIE", "cote", "Côté Élodie", "e\u0301lodie", "ＣＯＴＥ", "lodi co"),
            ("Elodie Roy", "eloide"),
        ),
        (
            {"name": "Sean O’Brien"},
            ("O'Brien", "o‘brien", "OBrien", "o brien", "O`Brien", "O´Brien", "OʼBrien, Sean"),
            ("O'Neil",),
        ),
        ({"name": "Sean O'Brien"}, ("O’Brien", "OＢrien"), ()),
        ({"name": "Jean‑Luc St. John"}, ("jean luc", "Jean-Luc", "Luc St John", "st. john"), ()),
        ({"name": "Łukasz Straße Nguyễn"}, ("lukasz", "strasse", "NGUYEN", "Straße"), ("lukas x",)),
        ({"name": "陳美玲"}, ("陳美玲", "美玲", "Chen"), ("王",)),
        ({"name": "محمد أحمد"}, ("أحمد", "محمد"), ()),
        ({"name": "100% Ana_B"}, ("100%", "ana_b"), ("a%b", "ana?b")),
        ({"email": "Ana.Roy@Mail.example"}, ("ana.roy@mail.example", "ROY@mail"), ("roy@other",)),
        (
            {"phone": "+19055550142"},
            ("905-555-0142", "905.555.0142", "(905) 555-0142", "+1 905 555 0142", "19055550142",
             "1-905-555-0142", "001 905 555 0142", "９０５５５５０１４２", "905‑555‑0142",
             "0142", "555-0142", "905 555", "Ana 905-555-0142", "tel:+1-905-555-0142",
             "٩٠٥٥٥٥٠١٤٢"),
            ("142", "905-555-0143", "905-555-0142 ext 5", "room 0142", "9050142"),
        ),
        (
            {"phone": "+19055550142;ext=25"},
            ("905-555-0142", "905 555 0142 ext 25", "905-555-0142 ext. 25", "9055550142x25",
             "905.555.0142 x 25", "905-555-0142, poste 25", "+1 905 555 0142 #25", "0142 x25",
             "905 555 0142 25", "tel:+1-905-555-0142;ext=25", "905-555-0142 extension 25"),
            ("905-555-0142 ext 2", "905-555-0142 x5", "25"),
        ),
        (
            {"phone": "+442079460123"},
            ("020 7946 0123", "+44 20 7946 0123", "011 44 20 7946 0123", "+44 (0)20 7946 0123"),
            ("021 7946 0123",),
        ),
        ({"name": "Ana Sample 3"}, ("Ana 3", "3 ana"), ("Ana 5",)),
    ],
    ids=lambda one: next(iter(one.values())) if isinstance(one, dict) else "",
)  # fmt: skip
def test_search_folds_case_accents_apostrophes_width_and_phone_spellings(
    clinic, stored, typed, others
):
    enquiry = make(**{"name": "Ana Sample", "email": "", "phone": ""} | stored)
    found = {term: list(Enquiry.objects.search(term)) for term in (*typed, *others)}
    assert found == dict.fromkeys(typed, [enquiry]) | dict.fromkeys(others, [])


@pytest.mark.parametrize("term", ["", "  ", "'", "-", "☃" * 3, "\u200b", "%", "_"])
def test_a_search_for_nothing_that_can_be_compared_finds_nothing(enquiry, term):
    assert not Enquiry.objects.search(term)


def test_the_search_column_follows_every_way_to_store_and_is_emptied_with_the_rest(clinic):
    one, two = make("one"), make("two")

    def found(*terms):
        return [sorted(each.pk for each in Enquiry.objects.search(term)) for term in terms]

    Enquiry.objects.filter(name="Zebra Marker", pk=one.pk).update(name="Élodie", phone="")
    assert found("elodie", "zebra", "0111") == [[one.pk], [one.pk, two.pk], [two.pk]]
    two.name = "Côté"
    two.save(update_fields=["name"])
    assert found("cote") == [[two.pk]]
    two.name, one.email = "Zoë", ""
    Enquiry.objects.bulk_update([one, two], ["name", "email"])
    assert found("zoe", "zebra@mail") == [[two.pk], [two.pk]]
    third = Enquiry(name="Øyvind", reference="BULK22", token="bulk", submission_key="bulk")
    Enquiry.objects.bulk_create([third])
    assert found("oyvind") == [[third.pk]]
    Enquiry.objects.erase(timezone.now())
    assert set(Enquiry.objects.values_list("search_text", flat=True)) == {""}
    for erased in Enquiry.objects.all():
        erased.save()
    assert set(Enquiry.objects.values_list("search_text", flat=True)) == {""}
    assert list(Enquiry.objects.search(one.reference.lower())) == [one]


def test_search_by_reference_looks_in_every_list(desk, enquiry, kim):
    inbox.close(enquiry, kim, "booked")
    response = desk.post(SEARCH, {"term": enquiry.reference.lower()}, follow=True)
    assert listed(response) == ["one"]


def test_a_search_stays_in_the_session_and_not_for_long(desk, enquiry, time_machine):
    response = desk.post(SEARCH, {"term": "Zebra Marker"})
    assert response.headers["Location"] == f"{LIST}?list=found"
    html = desk.get(f"{LIST}?list=found").content.decode()
    assert 'value="Zebra Marker"' in html
    assert not any("Zebra" in link for link in re.findall(r'(?:href|action)="([^"]*)"', html))
    time_machine.move_to(timezone.now() + timedelta(minutes=31))
    assert 'value="Zebra Marker"' not in desk.get(f"{LIST}?list=found").content.decode()
    desk.post(SEARCH, {"term": "Zebra"})
    desk.post(SEARCH, {"term": " "})
    assert "enquiry_search" not in desk.session


def test_a_name_in_an_address_is_dropped_and_not_searched(desk, enquiry):
    response = desk.get(LIST, {"q": "Zebra Marker"})
    assert response.status_code == 302
    assert response.headers["Location"] == LIST


@pytest.mark.parametrize("query", ["", "list=all", "list=spam", "list=found"])
def test_the_list_asks_as_often_however_long_it_is(desk, clinic, kim, query):
    def queries():
        Enquiry.objects.update(checked_at=None)
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(f"{LIST}?{query}").status_code == 200
        return len(asked)

    desk.post(SEARCH, {"term": "Zebra"})
    quarantined("spam 0")
    make("0")
    queries()
    before = queries()
    for number in range(1, 6):
        quarantined(f"spam {number}")
        inbox.assign(make(str(number)), kim)
    assert queries() == before


def test_the_dashboard_counts_what_waits(desk, many, kim):
    counts = {key: number for number, _, key in lists.counts(kim)}
    assert counts == {"new": 2, "overdue": 1, "no-reply": 1, "spam": 1}
    html = desk.get("/admin/").content.decode()
    for key, number in counts.items():
        assert re.search(rf'\?list={key}"><strong>{number}</strong>', html)
    Enquiry.objects.update(checked_at=timezone.now())
    assert lists.counts(kim)[-1][0] == 0


def test_an_editor_sees_no_counts(client, many):
    client.force_login(user("ed", "Editor"))
    assert "inbox-counts" not in client.get("/admin/").content.decode()


# Exports


@pytest.mark.parametrize(
    "typed",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "\n1",
        " =1+1",
        "＝1",
        "\xa0@x",
        '=1,"2"',
        '"=1"',
        "﹢1",
        "﹫x",
        "+44 20 7946 0123",
    ],
)
def test_no_cell_is_a_formula(typed):
    assert exports.safe(typed) == f"'{typed}"
    assert next(csv.reader(io.StringIO(exports.csv_lines([[typed]]), newline="")))[0] == f"'{typed}"


@pytest.mark.parametrize(
    ("typed", "cell"),
    [
        ("hello;=1+1;x", "hello;'=1+1;x"),
        ("a; =1", "a; '=1"),
        ("a\t@SUM(A1)", "a\t'@SUM(A1)"),
        ("a\r\n+1\n-2", "a\r\n'+1\n'-2"),
        ('a;"=1"', 'a;"\'=1"'),
        ("a;＝1;﹣2|@x", "a;'＝1;'﹣2|'@x"),
        ("\n=1", "'\n'=1"),
        ("=1;=2", "'=1;'=2"),
    ],
)
def test_no_part_of_a_cell_is_a_formula_where_another_sign_separates_cells(typed, cell):
    assert exports.safe(typed) == cell
    line = exports.csv_lines([["Ana", typed]])
    for separator in ";\t|":
        for row in csv.reader(io.StringIO(line, newline=""), delimiter=separator):
            assert not any(re.match(rf'[\s"]*{exports.SIGN}', one) for one in row)


@pytest.mark.parametrize(
    "typed",
    ["Ana", "", "a=b", "5-6", "陈", "905-555-0142 ext. 5", "a; b", "one\ntwo", "'=1", "3; 4-5"],
)
def test_other_cells_stay_as_they_are(typed):
    assert exports.safe(typed) == typed


def test_the_chosen_rows_are_exported_and_each_knows(desk, enquiry, kim):
    other = make("two", name="=HYPERLINK(1)", message="Line one\nLine two, 陈")
    make("three")
    data = {"action": "export", "_selected_action": [enquiry.pk, other.pk], "index": 0}
    response = desk.post(LIST, data)
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(
        r'attachment; filename="enquiries-\d{4}-\d\d-\d\d.csv"',
        response.headers["Content-Disposition"],
    )
    heading, *rows = rows_of(response)
    assert [dict(zip(heading, row, strict=True))["Name"] for row in rows] == [
        "'=HYPERLINK(1)",
        "Zebra Marker",
    ]
    assert dict(zip(heading, rows[0], strict=True))["Message"] == "Line one\nLine two, 陈"
    assert rows[1][heading.index("Phone")] == "905-555-0111"
    exported = EnquiryEvent.objects.filter(kind=Kind.EXPORTED, by=kim)
    assert {one.enquiry for one in exported} == {enquiry, other}
    enquiry.refresh_from_db()
    assert enquiry.state == State.NEW


def test_the_filtered_rows_are_exported(desk, many, kim):
    first = Enquiry.objects.quarantined().get()
    data = {"action": "export", "_selected_action": first.pk, "select_across": 1, "index": 0}
    rows = rows_of(desk.post(f"{LIST}?list=spam", data))
    assert [row[0] for row in rows[1:]] == [first.reference]


def test_an_export_asks_as_often_however_long_it_is(enquiry, kim):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            rows_of(exports.enquiries_csv(Enquiry.objects.all(), kim))
        return len(asked)

    before = queries()
    for number in range(5):
        make(str(number))
    assert queries() == before


def test_the_breach_report_says_whom_what_and_who(owner, enquiry, kim, robin):
    now = timezone.now()
    old = make("old", received_at=now - timedelta(days=40))
    make("later", received_at=now + timedelta(days=3))
    inbox.add_note(enquiry, robin, "A secret note")
    inbox.erase(make("gone", ()), kim)
    Enquiry.objects.filter(submission_key="gone").update(erased_at=now - timedelta(days=20))
    enquiry.deliveries.update(state=Delivery.State.ACCEPTED, accepted_at=now)
    day = timezone.localdate()
    form = {"start": day - timedelta(days=7), "end": day}
    response = owner.post(BREACH, form)
    assert "no-store" in response.headers["Cache-Control"]
    rows = rows_of(response)
    split = rows.index([])
    accounts = {row[0]: row for row in rows[1:split]}
    assert set(accounts) == {"alex", "kim", "robin"}
    assert accounts["robin"][2] == "Physiotherapist"
    assert accounts["robin"][-1] == "Added a note"
    assert accounts["alex"][-1] == "nothing in this period"
    heading, *people = rows[split + 1 :]
    people = [dict(zip(heading, row, strict=True)) for row in people]
    assert [row["Reference"] for row in people] == [old.reference, enquiry.reference]
    assert people[1]["Data held"] == "Name, Phone, Email, Message"
    assert "desk@clinic.example" in people[1]["Emailed to"]
    assert re.match(r"Robin: Added a note \(", people[1]["Activity"])
    assert "secret" not in repr(rows)
    assert old.events.get().detail == "Breach report"


def test_the_days_of_a_breach_are_in_order(owner):
    html = owner.post(BREACH, {"start": "2026-11-02", "end": "2026-11-01"}).content.decode()
    assert "The last day must not be before the first day." in html
    assert "This field is required." in owner.post(BREACH, {"start": "x"}).content.decode()


# Nothing personal outside the pages


def visit_everything(browser, enquiry):
    """Look at, search, act on, export and refuse; yield each response."""
    yield browser.get(LIST)
    yield browser.post(SEARCH, {"term": "Zebra Marker"})
    yield browser.get(f"{LIST}?list=found")
    yield browser.get(LIST, {"q": "Zebra Marker"})
    yield browser.get(page(enquiry))
    for name in POSTS:
        yield browser.post(act_url(enquiry, name), POSTS[name] | {"text": "ZEBRAMESSAGE"})
    yield browser.post(act_url(enquiry, "close"), {"because": "Zebra Marker"})
    yield browser.post(LIST, {"action": "export", "_selected_action": enquiry.pk, "index": 0})
    yield browser.get(erase_url(enquiry))
    yield browser.post(erase_url(enquiry))
    yield browser.post(BREACH, {"start": "2020-01-01", "end": "2040-01-01"})
    yield browser.get(f"{page(enquiry)}../nothing/")


def test_no_address_header_log_or_title_holds_anything_personal(owner, enquiry, caplog):
    with caplog.at_level(logging.DEBUG):
        for response in visit_everything(owner, enquiry):
            told = [response.request["PATH_INFO"], *map(str, response.headers.items())]
            html = "" if response.streaming else response.content.decode()
            if response.streaming:
                list(response.streaming_content)
            told += re.findall(r'(?:href|src|action)="(?!mailto:|tel:)([^"]*)"', html)
            told += re.findall(r"<title>(.*?)</title>", html, re.DOTALL)
            assert not [word for word in MARKERS for one in told if word in one]
            assert "no-store" in response.headers["Cache-Control"]
            assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*(src=|nonce=))", html)
    ours = [one for one in caplog.records if one.name != "django.db.backends"]
    told = repr([(one.getMessage(), one.args, one.exc_text) for one in ours])
    assert not [word for word in MARKERS if word in told]


def test_many_enquiries_are_erased_a_few_at_a_time(clinic, monkeypatch):
    """Each few in a transaction of their own, so that no new enquiry waits for all."""
    monkeypatch.setattr("contact.models.enquiry.ERASED_AT_ONCE", 2)
    for number in range(5):
        make(f"key {number}", (), email=f"{number}@mail.example")
    with CaptureQueriesContext(connection) as queries:
        assert Enquiry.objects.filter(erased_at=None).erase(timezone.now()) == 5
    assert sum(query["sql"].startswith('UPDATE "contact_enquiry"') for query in queries) == 3
    assert set(Enquiry.objects.values_list("email", flat=True)) == {""}
