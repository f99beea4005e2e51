"""What the clinic offers and who provides it."""

from services.models.practitioner import Practitioner, Rostering
from services.models.service import Fee, Service, ServiceQuestion

__all__ = ["Fee", "Practitioner", "Rostering", "Service", "ServiceQuestion"]
