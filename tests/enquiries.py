"""Enquiries and staff for the tests of the inbox; the fixtures are in conftest."""

from django.contrib.auth.models import Group, User
from django.urls import reverse

from contact.models import Enquiry

LIST = reverse("admin:contact_enquiry_changelist")
SEARCH = reverse("admin:contact_enquiry_search")


def make(key="one", addresses=("desk@clinic.example",), **typed):
    typed = {"name": "Zebra Marker", "email": "zebra@mail.example", "phone": "+19055550111"} | typed
    return Enquiry.objects.create_once({"message": "ZEBRAMESSAGE"} | typed, key, addresses)


def quarantined(key="spam", **typed):
    return make(
        key, (), is_quarantined=True, spam_reasons="Three links.\nA form sent twice.", **typed
    )


def user(name, group=None):
    found = User.objects.create_user(name, is_staff=True, first_name=name.title())
    if group:
        found.groups.add(Group.objects.get(name=group))
    return found


def page(enquiry):
    return reverse("admin:contact_enquiry_change", args=[enquiry.pk])


def act_url(enquiry, name):
    return reverse("admin:contact_enquiry_act", args=[enquiry.pk, name])


def erase_url(enquiry):
    return reverse("admin:contact_enquiry_erase", args=[enquiry.pk])
