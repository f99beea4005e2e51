"""What the tests share: sample rows, and the real parts they may need."""

import datetime
import gc
import os
import shutil

import hypothesis
import pytest
from django.core.management.color import no_style
from django.db import connection, transaction
from django.template import RequestContext
from django.template.base import Template

from blog.models import Post, Source, Topic
from clinic_site import sample_content
from clinic_site.accounts.sessions import PROOF
from clinic_site.images import library, uploads
from clinic_site.models import Page, Version
from clinic_site.web.error_pages import stored_clinic_facts
from contact import signals
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
from tests import migrated_database
from tests.call_stack import with_room
from tests.enquiries import make, user
from tests.mail_server import MailServer

# `pytest --hypothesis-profile thorough` tries more examples; bin/bench inputs tries thousands.
for name, most in (("quick", 15), ("thorough", 1000)):
    hypothesis.settings.register_profile(
        name,
        max_examples=most,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
hypothesis.settings.load_profile("quick")


def need(*programs):
    """Skip where a program, or a file by its path, is missing; under CI=true that is a failure."""
    missing = [str(one) for one in programs if not (shutil.which(one) or os.path.exists(one))]
    if missing:
        words = f"not installed: {', '.join(missing)}"
        if os.environ.get("CI") == "true":
            pytest.fail(words)
        pytest.skip(words)


def pytest_addoption(parser):
    parser.addoption(
        "--database-only",
        action="store_true",
        help="run only the tests that use the database: what another database can change",
    )


def pytest_collection_modifyitems(config, items):
    without = [item for item in items if not is_wanted(config, item)]
    items[:] = [item for item in items if is_wanted(config, item)]
    config.hook.pytest_deselected(items=without)


def is_wanted(config, item):
    if item.get_closest_marker("sqlite") and connection.vendor != "sqlite":
        return False
    return uses_database(item) or not config.getoption("--database-only")


def uses_database(item):
    fixtures = getattr(item, "fixturenames", ())
    return bool(item.get_closest_marker("django_db") or {"db", "transactional_db"} & {*fixtures})


def pytest_ignore_collect(collection_path, config):
    """Read no group of tests that -m leaves out."""
    group = collection_path.name
    if group in ("browser", "drive") and f"not {group}" in config.getoption("markexpr"):
        return True
    return None


def pytest_collection_finish():
    """Let the garbage collector pass over what stays for good: Django and all tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    pyfuncitem.obj = with_room(pyfuncitem.obj)


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings):
    return migrated_database.restore()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_keepdb, django_db_blocker):
    if not django_db_keepdb:
        with django_db_blocker.unblock():
            migrated_database.save()


@pytest.fixture(scope="session", autouse=True)
def page_contexts(django_test_environment):
    """Let a response keep the contexts of its page's templates, not of each field and option."""
    keeping = Template._render

    def render(template, context):
        if isinstance(context, RequestContext):
            return keeping(template, context)
        return template.nodelist.render(context)

    Template._render = render


@pytest.fixture(autouse=True)
def images_in_this_process(request, monkeypatch):
    """Start no process for each image; a test of the child itself has the fixture `child`."""
    if "child" not in request.fixturenames:

        def run(function, *args, patience=None):
            return function(*args)

        for module in (library, uploads):
            monkeypatch.setattr(module, "run_in_child", run)


@pytest.fixture
def child():
    """Images are decoded and encoded in a process of their own, as on the site."""


@pytest.fixture(scope="session")
def sample_rows(django_db_setup, django_db_blocker):
    """The sample clinic, loaded once: statements with their rows, parents first; and its facts.

    The statements come by whether they belong to the history.
    """
    statements = {False: [], True: []}
    with django_db_blocker.unblock(), transaction.atomic(), connection.cursor() as cursor:
        sample_content.load()
        signals.store_facts()
        for model in (*sample_models(), *history_models()):
            table = model._meta.db_table
            cursor.execute(f"SELECT * FROM {table}")
            places = ", ".join(["%s"] * len(cursor.description))
            # sqlite3 reads a time of day, and writes it as text alone.
            rows = [
                [str(value) if isinstance(value, datetime.time) else value for value in row]
                for row in cursor.fetchall()
            ]
            insert = f"INSERT INTO {table} VALUES ({places})", rows
            statements[model in history_models()].append(insert)
        transaction.set_rollback(True)
    return statements, stored_clinic_facts()


def sample_models():
    """Return every model the sample has rows of, parents first."""
    clinic = (Clinic, ClinicFact, FirstVisitStep, Recipient)
    place = (Location, WeeklyHours, SpecialDay, MapStreet)
    people = (Practitioner, Rostering, Service, Fee, ServiceQuestion)
    links = (Post.services.through, Service.practitioners.through)
    return (*clinic, *place, Page, *people, Topic, Post, Source, *links)


def history_models():
    """Return the models of the sample's versions, parents first."""
    recorded = [model for model in sample_models() if hasattr(model, "history")]
    links = {one for model in recorded for one in model.history_records.m2m_models.values()}
    return (Version, *(model.history.model for model in recorded), *links)


def insert_rows(statements, models):
    with connection.cursor() as cursor:
        for insert, rows in statements:
            cursor.executemany(insert, rows)
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


@pytest.fixture
def sample_history(sample_site, sample_rows):
    """The versions that loading the sample makes; most tests need none."""
    insert_rows(sample_rows[0][True], history_models())


@pytest.fixture
def sample_site(db, sample_rows):
    """The sample clinic in the database, and its facts kept for the error pages."""
    statements, facts = sample_rows
    insert_rows(statements[False], sample_models())
    if stored_clinic_facts() != facts:
        signals.store_facts()


@pytest.fixture
def mail_server(settings):
    """A real SMTP server that the site sends to."""
    with MailServer() as server:
        settings.EMAIL_BACKEND = "clinic_site.web.mail.SMTPBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def with_second_factor(client):
    """Return a function that signs a user in as if with a code, and returns their browser."""

    def sign_in(user, browser=client):
        browser.force_login(user)
        session = browser.session
        session[PROOF] = {"user": str(user.pk), "second_factor": True}
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


@pytest.fixture
def editor(client):
    """A browser of somebody who writes articles."""
    client.force_login(user("alex", "Editor"))
    return client
