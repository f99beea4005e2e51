"""Ontario's two colleges: the titles they protect and the acts that need a roster."""

import re

from django.core.exceptions import ValidationError
from django.db import models


class College(models.TextChoices):
    PHYSIOTHERAPISTS = "physiotherapists", "College of Physiotherapists of Ontario"
    MASSAGE_THERAPISTS = "massage_therapists", "College of Massage Therapists of Ontario"
    NONE = "none", "No college"


class RegistrationClass(models.TextChoices):
    INDEPENDENT = "independent", "Independent practice or general"
    PROVISIONAL = "provisional", "Provisional practice (resident)"


class RosteredAct(models.TextChoices):
    """Acts a physiotherapist must be rostered for (College of Physiotherapists of Ontario)."""

    ACUPUNCTURE = "acupuncture", "Acupuncture, which includes dry needling"
    SPINAL_MANIPULATION = "spinal_manipulation", "Spinal manipulation"
    TRACHEAL_SUCTIONING = "tracheal_suctioning", "Tracheal suctioning"
    WOUND_CARE = "wound_care", "Treating wounds below the dermis"
    INTERNAL_PELVIC_EXAMINATION = "internal_pelvic_examination", "Internal pelvic examination"
    INHALED_SUBSTANCES = "inhaled_substances", "Giving a substance by inhalation"


# The title after the name and the title in words, by college and class. Sources: Titles Standard
# of the College of Physiotherapists of Ontario, in force 1 November 2024; O. Reg. 544/94 for
# massage therapists.
TITLES = {
    (College.PHYSIOTHERAPISTS, RegistrationClass.INDEPENDENT): ("PT", "Physiotherapist"),
    (College.PHYSIOTHERAPISTS, RegistrationClass.PROVISIONAL): (
        "Physiotherapy Resident",
        "Physiotherapy Resident",
    ),
    (College.MASSAGE_THERAPISTS, RegistrationClass.INDEPENDENT): (
        "RMT",
        "Registered Massage Therapist",
    ),
    (College.MASSAGE_THERAPISTS, RegistrationClass.PROVISIONAL): (
        "RMT",
        "Registered Massage Therapist",
    ),
}


# Words a college allows only where it has recognised them (College of Physiotherapists of
# Ontario, Advertising and Marketing Standard, in force 1 May 2025; O. Reg. 544/94 s. 6).
PREFIX = re.compile(r"^\s*(?:dr|doctor|prof|professor)\b", re.IGNORECASE)
CLAIM = re.compile(r"\b(?:specialist|expert|best|leading|top|acupuncturist)\b", re.IGNORECASE)


def validate_name(name):
    """Refuse a title in front of a name: the site prints the protected one in its place."""
    if PREFIX.search(name):
        raise ValidationError("Leave out titles like Dr.: the site adds the protected title.")


def validate_degrees(degrees):
    """Refuse what is no degree but a claim."""
    if CLAIM.search(degrees):
        raise ValidationError("Write degrees only: a college does not allow claims like expert.")


def titled_name(name, college, registration_class, degrees):
    """Return a name in the college's order: name, protected title, degrees.

    Args:
        name: as it stands on the public register.
        college, registration_class: values of College and RegistrationClass.
        degrees: text like "MScPT", or empty.
    """
    title, _ = TITLES.get((college, registration_class), ("", ""))
    return ", ".join(part for part in (name, title, degrees) if part)


def title_in_words(college, registration_class):
    """Return the protected title written out, or "" for a person with no college."""
    return TITLES.get((college, registration_class), ("", ""))[1]
