"""A migrated SQLite database, saved between runs until a migration changes.

PostgreSQL is migrated from nothing in each run, and so is SQLite in a fresh clone.
"""

import hashlib
import shutil
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection


def saved_file():
    """Return the path of the database saved for the present migrations."""
    folders = [Path(app.path) / "migrations" for app in apps.get_app_configs()]
    files = sorted(file for folder in folders for file in folder.glob("*.py"))
    content = b"".join(file.read_bytes() for file in files)
    return settings.VAR_DIR / f"migrated-{hashlib.sha256(content).hexdigest()[:16]}.sqlite3"


def restore():
    """Copy the saved database to the place of the tests' own, and return whether there was one."""
    name = connection.settings_dict["TEST"].get("NAME")
    if connection.vendor != "sqlite" or not saved_file().exists():
        return False
    for rest in ("-wal", "-shm"):
        Path(f"{name}{rest}").unlink(missing_ok=True)
    shutil.copy(saved_file(), name)
    return True


def save():
    """Save the tests' database as it is now, and delete those for other migrations."""
    if connection.vendor == "sqlite":
        for old in set(settings.VAR_DIR.glob("migrated-*.sqlite3")) - {saved_file()}:
            old.unlink(missing_ok=True)
        draft = Path(f"{connection.settings_dict['NAME']}.saved")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(draft)])
        draft.replace(saved_file())
