"""The clinic's facts, and the enquiries that reach it."""

from contact.models.clinic import Clinic, ClinicFact, FirstVisitStep, Recipient
from contact.models.delivery import Delivery, SenderHeartbeat
from contact.models.enquiry import Enquiry, EnquiryEvent
from contact.models.location import Location, MapStreet, SpecialDay, WeeklyHours
from contact.models.spam_word import SpamWord

__all__ = ["Clinic", "ClinicFact", "Delivery", "Enquiry", "EnquiryEvent", "FirstVisitStep"]
__all__ += ["Location", "MapStreet", "Recipient", "SenderHeartbeat", "SpamWord", "SpecialDay"]
__all__ += ["WeeklyHours"]
