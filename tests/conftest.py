"""What the tests share: sample rows, and the real parts they may need."""

import os
import shutil
import time
from copy import copy
from itertools import chain

import pytest
from django.core.management.color import no_style
from django.db import connection, transaction

from blog.models import Post, Source, Topic
from clinic_site import sample_content
from clinic_site.models import Page
from clinic_site.prose import CleanHtml, ProseField
from contact import kept_facts
from contact.models import (
    Clinic,
    ClinicFact,
    FirstVisitStep,
    Location,
    MapStreet,
    Recipient,
    SpecialDay,
    WeeklyHours,
)
from services.models import Fee, Practitioner, Rostering, Service, ServiceQuestion
from tests.enquiries import make, user
from tests.mail_server import MailServer


def need(*programs):
    """Skip where a program is missing; under CI=true that is a failure instead."""
    missing = [name for name in programs if not shutil.which(name)]
    if missing:
        words = f"not installed: {', '.join(missing)}"
        if os.environ.get("CI") == "true":
            pytest.fail(words)
        pytest.skip(words)


@pytest.fixture(scope="session")
def sample_rows(django_db_setup, django_db_blocker):
    """The sample clinic's rows by model, parents first: loaded once, for it takes a while."""
    with django_db_blocker.unblock(), transaction.atomic():
        sample_content.load()
        links = [Post.services.through, Service.practitioners.through]
        rows = {model: list(model.objects.all()) for model in (*sample_models(), *links)}
        transaction.set_rollback(True)
    for row in chain(*rows.values()):
        for field in row._meta.fields:
            if isinstance(field, ProseField):
                setattr(row, field.attname, CleanHtml(getattr(row, field.attname)))
    return rows


def sample_models():
    """Return every model the sample has rows of, parents first."""
    clinic = (Clinic, ClinicFact, FirstVisitStep, Recipient)
    place = (Location, WeeklyHours, SpecialDay, MapStreet)
    people = (Practitioner, Rostering, Service, Fee, ServiceQuestion)
    return (*clinic, *place, Page, *people, Topic, Post, Source)


@pytest.fixture
def sample_site(db, sample_rows):
    """The sample clinic in the database, and its facts kept for the error pages."""
    for model, rows in sample_rows.items():
        model.objects.bulk_create(map(copy, rows))
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(sample_rows)):
            cursor.execute(statement)
    kept_facts.keep()


@pytest.fixture
def mail_server(settings):
    """A real SMTP server that the site sends to."""
    with MailServer() as server:
        settings.EMAIL_BACKEND = "clinic_site.mail.SMTPBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 2
        yield server


@pytest.fixture
def with_second_factor(client):
    """Return a function that signs a user in as if with a code, and returns their browser."""

    def sign_in(user, browser=client):
        browser.force_login(user)
        session = browser.session
        session["account_authentication_methods"] = [{"method": "mfa", "at": time.time()}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
        return browser

    return sign_in


@pytest.fixture
def clinic(db):
    clinic = Clinic.objects.create(name="A clinic")
    Recipient.objects.create(clinic=clinic, address="desk@clinic.example")
    return clinic


@pytest.fixture
def enquiry(clinic):
    return make()


@pytest.fixture
def kim(db):
    return user("kim", "Front desk")


@pytest.fixture
def robin(db):
    return user("robin", "Physiotherapist")


@pytest.fixture
def desk(client, kim):
    """A browser of the front desk."""
    client.force_login(kim)
    return client


@pytest.fixture
def owner(client):
    client.force_login(user("alex", "Owner"))
    return client
