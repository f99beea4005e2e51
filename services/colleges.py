"""Ontario's two colleges: their protected titles and the acts that need a roster."""

import re

from django.db import models
from django.utils.text import get_text_list

from clinic_site.web.folding import fold_lookalikes


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


# The titles that a registrant may choose from, by college and class; the first is the usual one.
# Sources: Titles Standard of the College of Physiotherapists of Ontario, in force 1 November 2024;
# the College of Massage Therapists of Ontario on the use of titles (Massage Therapy Act, 1991).
MASSAGE_TITLES = (
    *("RMT", "Registered Massage Therapist", "Massage Therapist", "MT"),
    *("Massothérapeute", "Massothérapeute inscrit", "Massothérapeute inscrite"),
)
TITLES = {
    (College.PHYSIOTHERAPISTS, RegistrationClass.INDEPENDENT): (
        *("PT", "Physiotherapist", "Physical Therapist", "Physiothérapeute", "PHT"),
    ),
    (College.PHYSIOTHERAPISTS, RegistrationClass.PROVISIONAL): (
        *("Physiotherapist Resident", "Physical Therapist Resident", "PT Resident"),
        *("Physiothérapeute Résident", "Résident en Physiothérapie", "Résident PT", "Résident PHT"),
    ),
    **{(College.MASSAGE_THERAPISTS, one): MASSAGE_TITLES for one in RegistrationClass},
}
IN_WORDS = {
    "PT": "Physiotherapist",
    "PHT": "Physiothérapeute",
    "PT Resident": "Physiotherapist Resident",
    "Résident PT": "Physiothérapeute Résident",
    "Résident PHT": "Physiothérapeute Résident",
    "RMT": "Registered Massage Therapist",
    "MT": "Massage Therapist",
}
TITLE_CHOICES = [
    ("Physiotherapist", [(one, one) for one in TITLES[College.PHYSIOTHERAPISTS, "independent"]]),
    ("Resident", [(one, one) for one in TITLES[College.PHYSIOTHERAPISTS, "provisional"]]),
    ("Massage therapist", [(one, one) for one in MASSAGE_TITLES]),
]

# Words that a college does not allow with a name (Titles Standard; Advertising and Marketing
# Standard, in force 1 May 2025; O. Reg. 544/94 s. 6). "Pt." is also short for Pandit, and "M.T."
# are initials, so abbreviations in front of a name count as titles only in
# capitals without stops.
DOCTOR = r"(?:dr|dre|dra|doc|doctor|docteure?|doktor|dott)"
HONORIFIC = re.compile(
    rf"^\W*(?:{DOCTOR}|prof|professor|professeure?|mr|mrs|ms|mx|mme|mlle)(?=[.\s].*\w)"
    rf"|(?-i:^\W*Dre?(?=[A-Z])|^\W*(?:PT|PHT|RMT|MT)\b(?!\.)|\b(?:PT|PHT|RMT)\b(?!\.))"
    rf"|\b(?:dr|doctor)\b\.?|(?:醫生|医生|醫師|医师|博士)",
    re.IGNORECASE,
)
TITLE_WORDS = (
    r"(?:(?:registered |licensed )?(?:physio|physiotherap(?:ist|y)|physical therapist"
    r"|massage therapist|physiothérapeute|massothérapeute)(?: resident| résident)?"
    r"|r\.? ?p\.? ?t|p\.? ?h\.? ?t|p\.? ?t|r\.? ?m\.? ?t|m\.? ?t|résident\w*|resident)"
)
TITLE_BEHIND = re.compile(rf"\S(?:\s+[(\[–—-]*\s*|[(\[]){TITLE_WORDS}\W*$", re.IGNORECASE)
LEFT_OUT_OF_NAMES = re.compile(r",(?!\s*(?:jr|sr|i{1,3}|iv)\b)|[;/|]", re.IGNORECASE)
TITLE_AMONG_DEGREES = re.compile(
    rf"(?:^|[,;/|])\s*{TITLE_WORDS}\.?\s*(?=$|[,;/|])|\b{DOCTOR}\b", re.IGNORECASE
)
CLAIM = re.compile(
    r"\b(?:specialists?|specialite|spécialistes?|specialty|experte?s?|best|meilleure?|leading|top"
    r"|guru|acupunct(?:urist|eur|rice)\w*|r\.? ?ac)\b",
    re.IGNORECASE,
)


def name_fault(name):
    """Return why a name may not stand so on the site, or ""."""
    plain = fold_lookalikes(name)
    if plain.casefold() != name.casefold():
        plain = plain.upper()  # look-alike letters come back in lower case
    if HONORIFIC.search(plain) or TITLE_BEHIND.search(plain):
        return (
            "Leave out titles such as Dr. or PT. The College allows only its protected title, and "
            "the site adds it after the name."
        )
    if LEFT_OUT_OF_NAMES.search(plain):
        return "Enter the name alone, first name first. Degrees have a field of their own."
    return ""


def degrees_fault(degrees):
    """Return why degrees may not stand so after a name, or ""."""
    plain = fold_lookalikes(degrees)
    if CLAIM.search(plain):
        return "Enter degrees only. The College does not allow words like expert."
    if TITLE_AMONG_DEGREES.search(plain):
        return (
            "Enter degrees only, for example DPT or PhD. The College allows no “Dr.” or “Doctor”, "
            "and the site adds the protected title before the degrees."
        )
    return ""


def title_fault(title, college, registration_class):
    """Return why a registrant may not use a title, or "". Without a title, the usual one counts."""
    allowed = TITLES.get((college, registration_class), ())
    if not title or title in allowed:
        return ""
    if not allowed:
        return "A person without a college has no protected title. Choose the empty line."
    choices = get_text_list(allowed, "or")
    return f"The College does not allow this title in this class. Choose {choices}."


def usual_title(college, registration_class):
    """Return the title of those who chose none, or "" without a college."""
    return TITLES.get((college, registration_class), ("",))[0]


def titled_name(name, title, degrees):
    """Return a name as the college wants it: name, protected title, degrees."""
    return ", ".join(part for part in (name, title, degrees) if part)
