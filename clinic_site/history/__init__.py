"""History: who changed what, and when. Each save of an object with its parts is one version.

A model with a history extends version.Versioned. The admin records a version after each save, with
Version.objects.record(), or with recording() around a change. Django's own save() records nothing:
record_outside_changes() finds such changes before the next save in the admin. A version has a
snapshot of the whole object, so comparing and restoring need no other version.
"""
