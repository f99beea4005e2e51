"""The outbox when the database is locked and when two senders run at once."""

import sqlite3
import threading
import time
from contextlib import contextmanager

import pytest
from django.core.mail import get_connection
from django.db import connection, connections

from contact.models import Clinic, Delivery, Enquiry
from contact.outbox import sender as outbox
from contact.outbox.sender import deliver_due

DESK = "desk@clinic.example"


def take(number):
    typed = {"name": f"Ana {number}", "email": "ana@mail.example"}
    return Enquiry.objects.create_once(typed, str(number), [DESK])


@contextmanager
def locked(seconds):
    """Hold what the sender must write from another connection, for so long."""
    if connection.vendor == "sqlite":
        other = sqlite3.connect(connection.settings_dict["NAME"], check_same_thread=False)
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
    else:
        other = connection.copy("default")
        other.inc_thread_sharing()
        other.set_autocommit(False)
        other.cursor().execute("LOCK TABLE contact_delivery IN EXCLUSIVE MODE")
    timer = threading.Timer(seconds, other.rollback)
    timer.start()
    yield
    timer.join()
    other.close()


@pytest.mark.django_db(transaction=True)
def test_what_was_taken_is_marked_when_the_database_is_free_again(mail_server, monkeypatch):
    """Without its mark it would go out a second time."""
    Clinic.objects.create(name="A clinic").recipients.create(address=DESK)
    take(1)
    monkeypatch.setattr(outbox, "RETRY_SECONDS", 0.05)
    delivery = next(outbox.claimed())
    connection.close()
    options = connection.settings_dict["OPTIONS"]
    patience = (
        {"timeout": 0.05} if connection.vendor == "sqlite" else {"options": "-c lock_timeout=50"}
    )
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options | patience)
    try:
        started = time.monotonic()
        with locked(0.4):
            assert outbox.attempt(delivery, get_connection(), lambda: False) is None
            assert time.monotonic() - started >= 0.4
    finally:
        connection.close()  # it keeps its patience
    assert Delivery.objects.get().state == Delivery.State.ACCEPTED
    assert len(mail_server.messages) == 1


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_each_once(mail_server):
    Clinic.objects.create(name="A clinic").recipients.create(address=DESK)
    references = [take(number).reference for number in range(20)]
    accepted = []
    together = threading.Barrier(2)

    def sender():
        connection.ensure_connection()
        together.wait()
        accepted.append(deliver_due())
        connections.close_all()

    senders = [threading.Thread(target=sender) for _ in range(2)]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    assert sum(accepted) == 20
    assert min(accepted) > 0
    sent = [message["Subject"].rpartition(" ")[2] for _, message in mail_server.messages]
    assert sorted(sent) == sorted(references)
