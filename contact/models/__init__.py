"""The clinic's facts, and the enquiries that reach it."""

from contact.models.clinic import (
    Clinic,
    ClinicFact,
    FirstVisitStep,
    Location,
    MapStreet,
    Recipient,
    SpecialDay,
    WeeklyHours,
)
from contact.models.enquiry import Delivery, Enquiry

__all__ = [
    "Clinic",
    "ClinicFact",
    "Delivery",
    "Enquiry",
    "FirstVisitStep",
    "Location",
    "MapStreet",
    "Recipient",
    "SpecialDay",
    "WeeklyHours",
]
