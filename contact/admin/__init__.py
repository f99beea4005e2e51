"""The clinic's facts, its hours, and the enquiries that reached it, in the admin."""

from contact.admin.clinic import ClinicAdmin
from contact.admin.enquiry import EnquiryAdmin
from contact.admin.location import LocationAdmin

__all__ = ["ClinicAdmin", "EnquiryAdmin", "LocationAdmin"]
