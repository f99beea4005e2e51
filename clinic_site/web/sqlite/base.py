"""The database backend on SQLite. A transaction takes the write lock at its first write.

SQLite has one write lock for everybody. Django sends BEGIN when an atomic block starts, and each
mode of BEGIN has a fault there. IMMEDIATE takes the lock at once, so a patient's enquiry waits
while the admin, which wraps a whole request in a block, decodes an image. DEFERRED takes a snapshot
at the first read, and the write after it fails at once ("database is locked") if somebody has
written in the meantime.

Here BEGIN IMMEDIATE, with the savepoints so far, is sent just before the first statement that
writes. What a block reads before is not locked, as on PostgreSQL. So the same rule holds on both
databases: do slow work before the first write, and read with select_for_update() what must not
change until then. That takes the lock too.

Only this module uses a private method of Django's backend.
"""

import re

from django.db.backends.sqlite3 import base, features, operations

LOCKING = "/* FOR UPDATE */"
READS = re.compile(r"\s*(SELECT|WITH|BEGIN)\b")
# WITH may begin an INSERT, too.
LOCKS = re.compile(rf"{re.escape(LOCKING)}|\b(INSERT|UPDATE|DELETE|REPLACE)\b")


class DatabaseFeatures(features.DatabaseFeatures):
    has_select_for_update = True
    has_select_for_no_key_update = True


class DatabaseOperations(operations.DatabaseOperations):
    def for_update_sql(self, **kwargs):
        return LOCKING


def only_reads(sql):
    """Return whether a statement needs no write lock; BEGIN takes it by itself."""
    return READS.match(sql) and not LOCKS.search(sql)


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.savepoints = []  # those of the transaction that are not sent yet
        self.execute_wrappers.append(self.begin_before_write)

    def _start_transaction_under_autocommit(self):
        """Leave BEGIN to the first statement that writes."""
        self.savepoints = []

    def begin_before_write(self, execute, sql, params, many, context):
        if self.in_atomic_block and not self.connection.in_transaction:
            act, _, name = sql.rpartition(" ")
            if act == "SAVEPOINT":
                self.savepoints.append(name)
                return None
            if act == "RELEASE SAVEPOINT":
                self.savepoints.remove(name)
                return None
            if act == "ROLLBACK TO SAVEPOINT":
                return None  # nothing was written
            if not only_reads(sql):
                super()._start_transaction_under_autocommit()
                for name in self.savepoints:
                    self.connection.execute(f"SAVEPOINT {name}")
        return execute(sql, params, many, context)
