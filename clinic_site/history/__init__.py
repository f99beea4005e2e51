"""History: who changed what when. Each save of a thing with its parts is one version of it."""

from clinic_site.history.records import Records

__all__ = ["Records"]
