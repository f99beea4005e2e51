"""Whether the site can work here: its migrations ran, its static files are collected, the database
can be written."""

import os
import shutil
from pathlib import Path

from django.apps import apps
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

OLD_DATABASE = "The database is older than the code. Run manage.py migrate."
OLD_FILES = "Static files are older than the code. Run manage.py collectstatic --noinput."
LEAST_DISK = 20_000_000  # bytes


def has_missing_migrations():
    """Say whether the code has migrations that did not run; their files are not imported."""
    applied = MigrationRecorder(connection).applied_migrations()
    return any(
        (app.label, file.stem) not in applied
        for app in apps.get_app_configs()
        for file in Path(app.path, "migrations").glob("[0-9]*.py")
    )


def has_uncollected_files():
    """Say whether the code has static files that collectstatic has not seen."""
    return not all(
        staticfiles_storage.is_collected(path)
        for finder in get_finders()
        for path, _ in finder.list([])
    )


def start_troubles():
    """Return a sentence for each command that has to run before the site can start."""
    found = {OLD_DATABASE: has_missing_migrations(), OLD_FILES: has_uncollected_files()}
    return [sentence for sentence in found if found[sentence]]


def write_troubles():
    """Return a sentence when the database cannot be written; nothing is written to find out."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_read_only")
            is_read_only = cursor.fetchone()[0] == "on"
        return ["The database is read-only."] if is_read_only else []
    file = Path(connection.settings_dict["NAME"])
    if not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)):
        return ["The database file is read-only."]
    if shutil.disk_usage(file.parent).free < LEAST_DISK:
        return ["The disk is full."]
    return []
