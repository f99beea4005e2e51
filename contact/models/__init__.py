"""The clinic's facts, and the enquiries that reach it."""

from contact.models.clinic import Clinic, ClinicFact, FirstVisitStep, Recipient
from contact.models.enquiry import Delivery, Enquiry, SenderHeartbeat
from contact.models.location import Location, MapStreet, SpecialDay, WeeklyHours

__all__ = [
    "Clinic",
    "ClinicFact",
    "Delivery",
    "Enquiry",
    "FirstVisitStep",
    "Location",
    "MapStreet",
    "Recipient",
    "SenderHeartbeat",
    "SpecialDay",
    "WeeklyHours",
]
