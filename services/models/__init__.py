"""Services, practitioners, and the log of phrases that the colleges' rules are about."""

from services.models.flagged_phrase import FlaggedPhrase
from services.models.practitioner import Practitioner, Rostering
from services.models.service import Fee, Service, ServiceQuestion

__all__ = ["Fee", "FlaggedPhrase", "Practitioner", "Rostering", "Service", "ServiceQuestion"]
