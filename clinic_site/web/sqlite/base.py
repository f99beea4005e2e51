"""The database backend on SQLite. A transaction takes the write lock at its first write.

SQLite has one write lock for everybody. Django sends BEGIN when an atomic block starts, and each
mode of BEGIN has a fault there. IMMEDIATE takes the lock at once, so a patient's enquiry waits
while the admin, which wraps a whole request in a block, decodes an image. DEFERRED takes a snapshot
at the first read, and the write after it fails at once ("database is locked") if somebody has
written in the meantime.

Here BEGIN IMMEDIATE is sent just before the first statement that writes. What a block reads before
is not locked, as on PostgreSQL. So the same rule holds on both databases: do slow work before the
first write, and read with select_for_update() what must not change until then. That takes the lock
too.

Only this module uses a private method of Django's backend.
"""

from django.db.backends.sqlite3 import base, features, operations

LOCKING = "/* FOR UPDATE */"


class DatabaseFeatures(features.DatabaseFeatures):
    has_select_for_update = True
    has_select_for_no_key_update = True


class DatabaseOperations(operations.DatabaseOperations):
    def for_update_sql(self, **kwargs):
        return LOCKING


def only_reads(sql):
    """Return whether a statement needs no write lock; BEGIN takes it by itself."""
    return sql.startswith(("SELECT", "BEGIN")) and LOCKING not in sql


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.execute_wrappers.append(self.begin_before_write)

    def _start_transaction_under_autocommit(self):
        """Leave BEGIN to the first statement that writes."""

    def begin_before_write(self, execute, sql, params, many, context):
        if self.in_atomic_block and not self.connection.in_transaction and not only_reads(sql):
            super()._start_transaction_under_autocommit()
        return execute(sql, params, many, context)
