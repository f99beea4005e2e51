"""Ontario's two colleges: their protected titles and the acts that need a roster."""

import re

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


# (title after the name, title in words) by college and class. Sources: Titles Standard
# of the College of Physiotherapists of Ontario, in force 1 November 2024; O. Reg. 544/94 for
# massage therapists.
TITLES = {
    (College.PHYSIOTHERAPISTS, RegistrationClass.INDEPENDENT): ("PT", "Physiotherapist"),
    (College.PHYSIOTHERAPISTS, RegistrationClass.PROVISIONAL): ("Physiotherapy Resident",) * 2,
    **{
        (College.MASSAGE_THERAPISTS, one): ("RMT", "Registered Massage Therapist")
        for one in RegistrationClass
    },
}

# Words that a college does not allow with a name (College of Physiotherapists of Ontario,
# Advertising and Marketing Standard, in force 1 May 2025; O. Reg. 544/94 s. 6).
HONORIFIC = re.compile(r"^\s*(?:dr|doctor|prof|professor)\b", re.IGNORECASE)
CLAIM = re.compile(r"\b(?:specialist|expert|best|leading|top|acupuncturist)\b", re.IGNORECASE)


def titled_name(name, college, registration_class, degrees):
    """Return a name as the college wants it: name, protected title, degrees."""
    title, _ = TITLES.get((college, registration_class), ("", ""))
    return ", ".join(part for part in (name, title, degrees) if part)


def title_in_words(college, registration_class):
    """Return the protected title written out, or "" without a college."""
    return TITLES.get((college, registration_class), ("", ""))[1]
