"""Open emails follow the recipients under Clinic; what staff chose by hand or stopped stays so."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from contact.inbox.actions import cancel, resend, stop_sending
from contact.models import Delivery, Recipient
from contact.outbox.sender import claimed, deliver_due, escalate, follow_recipients, reconcile
from services.models import Practitioner
from tests.enquiries import make, user

pytestmark = pytest.mark.django_db
DESK, NEW, PT = "desk@clinic.example", "new@clinic.example", "pt@clinic.example"


@pytest.fixture
def correct(clinic):
    """Return a function that replaces the clinic's recipients."""

    def replace(*addresses, kind=Recipient.Kind.ENQUIRIES):
        clinic.recipients.all().delete()
        for address in addresses:
            clinic.recipients.create(address=address, kind=kind)

    return replace


def sent_to(mail_server):
    return sorted(to for recipients, _ in mail_server.messages for to in recipients)


def due_now():
    Delivery.objects.update(next_attempt_at=timezone.now())


@pytest.mark.parametrize("is_reconciled", [True, False])
def test_a_corrected_recipient_gets_what_the_wrong_one_did_not(
    enquiry, mail_server, correct, is_reconciled
):
    mail_server.replies["RCPT"] = "550 No such person"
    deliver_due()
    mail_server.replies.clear()
    correct(NEW)
    if is_reconciled:  # at the latest after 30 seconds
        reconcile()
    else:
        due_now()
        deliver_due()
    deliver_due()
    assert sent_to(mail_server) == [NEW]
    assert [one.address for one in enquiry.deliveries.all()] == [NEW]


def test_a_removed_recipient_gets_nothing_even_before_another_is_entered(
    enquiry, mail_server, correct
):
    correct()
    assert deliver_due() == 0
    correct(NEW)
    reconcile()
    assert deliver_due() == 1
    assert sent_to(mail_server) == [NEW]


def test_a_further_recipient_gets_what_is_open_and_not_what_was_sent(clinic, mail_server):
    make("sent")
    deliver_due()
    make("open")
    clinic.recipients.create(address=NEW)
    reconcile()
    assert deliver_due() == 2
    assert sent_to(mail_server) == [DESK, DESK, NEW]


def test_the_same_address_in_other_letters_gets_no_second_email(enquiry, mail_server, correct):
    correct("Desk@Clinic.example")
    reconcile()
    assert deliver_due() == 1


def test_a_practitioner_s_corrected_address_gets_what_is_open(clinic, mail_server):
    ana = Practitioner.objects.create(name="Ana", slug="ana", enquiry_address=PT)
    make("one", (DESK, PT), practitioner=ana)
    Practitioner.objects.update(enquiry_address=NEW)
    reconcile()
    assert deliver_due() == 2
    assert sent_to(mail_server) == [DESK, NEW]


def test_an_email_sent_by_hand_stays_whoever_the_recipients_are(enquiry, mail_server, correct):
    kim = user("kim")
    resend(enquiry, kim, PT)
    correct(NEW)
    resend(enquiry, kim, DESK)  # who was removed, and gets this one all the same
    reconcile()
    assert deliver_due() == 3
    assert sent_to(mail_server) == [DESK, NEW, PT]


def test_a_wrong_recipient_that_staff_tried_again_is_replaced_too(enquiry, mail_server, correct):
    resend(enquiry, user("kim"), DESK)
    correct(NEW)
    reconcile()
    assert deliver_due() == 1
    assert sent_to(mail_server) == [NEW]


def test_an_email_that_is_being_sent_is_not_taken_away(enquiry, correct):
    leaving = next(claimed())
    correct(NEW)
    reconcile()
    assert Delivery.objects.get(pk=leaving.pk).state == Delivery.State.SENDING


def test_an_email_that_another_sender_has_sent_meanwhile_stays_as_sent(clinic, enquiry, correct):
    read_before = Delivery.objects.get()
    assert deliver_due() == 1
    correct(NEW)
    assert follow_recipients(read_before, clinic)
    assert Delivery.objects.get(pk=read_before.pk).state == Delivery.State.ACCEPTED


def test_a_reminder_follows_its_own_recipients(clinic, mail_server, correct):
    now = timezone.now()
    make(addresses=(), answer_by=now - timedelta(hours=1))
    correct(PT, kind=Recipient.Kind.OVERDUE)
    escalate(now)
    correct(NEW, kind=Recipient.Kind.OVERDUE)
    deliver_due()
    deliver_due()
    assert sent_to(mail_server) == [NEW]


@pytest.mark.sqlite  # PostgreSQL stores no broken text
def test_a_broken_text_stops_no_reminder(clinic, correct):
    now = timezone.now()
    make(answer_by=now - timedelta(hours=1))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE contact_enquiry SET message = CAST(X'ff' AS TEXT)")
    correct(PT, kind=Recipient.Kind.OVERDUE)
    escalate(now)
    assert Delivery.objects.filter(kind=Delivery.Kind.OVERDUE).count() == 1


def test_a_cancellation_goes_to_the_recipients_of_now(enquiry, mail_server, correct):
    deliver_due()
    correct(NEW)
    cancel(enquiry)
    deliver_due()
    deliver_due()
    assert sent_to(mail_server) == [DESK, NEW]
    assert mail_server.messages[-1][1]["Subject"].startswith("Cancelled")
    assert enquiry.deliveries.get(address=DESK).state == Delivery.State.ACCEPTED


# What staff stopped


def test_a_cancellation_does_not_go_where_staff_stopped(clinic, mail_server):
    clinic.recipients.create(address=PT)
    enquiry = make("one", (DESK, PT))
    stop_sending(enquiry, user("kim"), PT)
    deliver_due()
    cancel(enquiry)
    reconcile()
    deliver_due()
    assert sent_to(mail_server) == [DESK, DESK]
    assert enquiry.deliveries.get(address=PT).state == Delivery.State.STOPPED


def test_a_reminder_does_not_go_where_staff_stopped(clinic, mail_server):
    now = timezone.now()
    enquiry = make(answer_by=now - timedelta(hours=1))
    stop_sending(enquiry, user("kim"), DESK)
    clinic.recipients.create(address="Desk@clinic.example", kind=Recipient.Kind.OVERDUE)
    escalate(now)
    assert deliver_due() == 0


def test_a_stopped_reminder_stops_the_cancellation_too(clinic, mail_server):
    now = timezone.now()
    enquiry = make(answer_by=now - timedelta(hours=1))
    deliver_due()
    clinic.recipients.create(address=DESK, kind=Recipient.Kind.OVERDUE)
    escalate(now)
    stop_sending(enquiry, user("kim"), DESK)
    cancel(enquiry)
    assert deliver_due() == 0


def test_a_stopped_email_starts_again_by_hand_alone(enquiry, mail_server):
    kim = user("kim")
    stop_sending(enquiry, kim, DESK)
    reconcile()
    assert deliver_due() == 0
    resend(enquiry, kim, DESK)
    assert deliver_due() == 1
