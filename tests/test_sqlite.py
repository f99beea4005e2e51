"""The SQLite backend: who waits for the write lock, and from when on."""

import sqlite3

import pytest
from django.db import OperationalError, connection, transaction

from blog.models import Topic

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.sqlite,
]


@pytest.fixture
def topic():
    return Topic.objects.create(title="Knees", slug="knees")


@pytest.fixture
def other():
    """Somebody else's connection, which waits for no lock."""
    name = connection.settings_dict["NAME"]
    other = sqlite3.connect(name, timeout=0, isolation_level=None)
    yield other
    other.close()


def write(other):
    other.execute("UPDATE blog_topic SET description = 'theirs'")


def run(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_others_write_while_a_transaction_only_reads(topic, other):
    with transaction.atomic():
        assert Topic.objects.get() == topic
        with transaction.atomic():
            assert Topic.objects.get() == topic
        run("\n  WITH all_of_them AS (SELECT * FROM blog_topic) SELECT * FROM all_of_them")
        write(other)
        assert Topic.objects.get().description == "theirs"


def test_a_write_after_another_one_s_write_does_not_fail(topic, other):
    """BEGIN DEFERRED would say that the database is locked."""
    with transaction.atomic():
        Topic.objects.get()
        write(other)
        Topic.objects.update(title="Hips")
    topic.refresh_from_db()
    assert (topic.title, topic.description) == ("Hips", "theirs")


@pytest.mark.parametrize(
    "locking",
    [
        lambda: Topic.objects.update(title="Hips"),
        lambda: Topic.objects.create(title="Hips", slug="hips"),
        lambda: Topic.objects.select_for_update().get(),
        lambda: Topic.objects.select_for_update(no_key=True).order_by("title").first(),
        lambda: run("WITH one AS (SELECT 1) DELETE FROM blog_post WHERE id IN one"),
    ],
)
def test_nobody_writes_from_the_first_write_or_locking_read_on(topic, other, locking):
    with transaction.atomic():
        locking()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            write(other)
    write(other)


def test_a_failed_block_is_rolled_back_whole(topic):
    with transaction.atomic():
        Topic.objects.create(title="Hips", slug="hips")
        with transaction.atomic():
            Topic.objects.update(title="Feet")
        transaction.set_rollback(True)
    assert Topic.objects.get().title == "Knees"


def test_an_inner_block_is_rolled_back_alone(topic):
    with transaction.atomic():
        with transaction.atomic():
            Topic.objects.update(title="Feet")
            transaction.set_rollback(True)
        Topic.objects.create(title="Hips", slug="hips")
    assert {topic.title for topic in Topic.objects.all()} == {"Knees", "Hips"}


@pytest.mark.parametrize("reads_first", [False, True])
@pytest.mark.parametrize("is_undone", [False, True])
def test_savepoints_before_the_first_write_are_kept(topic, reads_first, is_undone):
    with transaction.atomic(), transaction.atomic():
        if reads_first:
            with transaction.atomic():
                Topic.objects.get()
        with transaction.atomic():
            Topic.objects.update(title="Feet")
            with transaction.atomic():
                Topic.objects.update(description="Toes")
                transaction.set_rollback(is_undone)
    topic.refresh_from_db()
    assert (topic.title, topic.description) == ("Feet", "" if is_undone else "Toes")


def test_savepoints_by_hand(topic):
    with transaction.atomic():
        first = transaction.savepoint()
        second = transaction.savepoint()
        transaction.savepoint_rollback(second)
        transaction.savepoint_commit(second)
        Topic.objects.update(title="Feet")
        transaction.savepoint_rollback(first)
        Topic.objects.update(description="Toes")
    topic.refresh_from_db()
    assert (topic.title, topic.description) == ("Knees", "Toes")
    with transaction.atomic():
        transaction.savepoint()  # never released, and not sent in the next transaction
    with transaction.atomic():
        Topic.objects.update(title="Hips")
    topic.refresh_from_db()
    assert topic.title == "Hips"


def test_a_lock_that_is_never_free_is_an_outage_of_the_database(topic, other, monkeypatch):
    connection.ensure_connection()
    connection.connection.execute("PRAGMA busy_timeout = 10")
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(OperationalError, match="locked"), transaction.atomic():
            Topic.objects.update(title="Hips")
    finally:
        other.rollback()
        connection.close()
