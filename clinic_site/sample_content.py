"""The sample clinic: read from samples/, stored in an empty site, and taken out again unchanged."""

import tomllib
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from blog.models import Post, Source, Topic
from clinic_site.history.version import saving
from clinic_site.models import Page
from clinic_site.publishing.publishable import this_minute
from clinic_site.publishing.review import REVIEW_EVERY
from clinic_site.richtext.field import ProseField
from clinic_site.richtext.rendering import models_with
from contact.models import (
    Clinic,
    ClinicFact,
    FirstVisitStep,
    Location,
    MapStreet,
    Recipient,
    SpecialDay,
    WeeklyHours,
)
from services.models import Fee, Practitioner, Rostering, Service, ServiceQuestion

FOLDER = Path(__file__).parent / "samples"
MODELS = (Clinic, Page, Topic, Practitioner, Service, Post)  # parents before children
HOLIDAYS = ((1, 1, "New Year’s Day"), (7, 1, "Canada Day"), (12, 25, "Christmas Day"))


@dataclass
class Sample:
    """One row as it is delivered.

    `content` is compared with the stored row before it is removed; `moments` are counted from the
    day of loading and are not. `children` maps a related name to (model, list of contents);
    `links` maps a many-to-many field to slugs.
    """

    model: type
    key: dict
    content: dict
    moments: dict = field(default_factory=dict)
    children: dict = field(default_factory=dict)
    links: dict = field(default_factory=dict)

    def __str__(self):
        return f"{self.model._meta.verbose_name} {next(iter(self.key.values()))}"


def read(path):
    """Return (front matter, HTML) of a sample file: TOML between two +++ lines, then the text."""
    _, head, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    facts = tomllib.loads(head)
    # As a form would store it, so that a first save without a change is none.
    facts = {name: value.strip() if type(value) is str else value for name, value in facts.items()}
    return facts, body.strip()


def texts(folder):
    """Yield (slug, front matter, HTML) of each file in a folder of samples/."""
    for path in sorted((FOLDER / folder).glob("*.html")):
        yield path.stem, *read(path)


def numbered(rows):
    return [{"order": number, **row} for number, row in enumerate(rows)]


def holidays(today):
    """Return the next three public holidays as closed days."""
    for month, day, note in HOLIDAYS:
        coming = date(today.year, month, day)
        yield {"day": coming if coming >= today else coming.replace(year=today.year + 1),
               "note": note}  # fmt: skip


def samples(today):
    """Return every Sample, parents first.

    Args:
        today: the day of loading, from which dates are counted.
    """
    facts = tomllib.loads((FOLDER / "clinic.toml").read_text(encoding="utf-8"))
    clinic = facts["clinic"]
    recipients = clinic.pop("recipients")
    rows = [
        Sample(
            Clinic,
            {"name": clinic.pop("name")},
            clinic | {"is_sample": True},
            children={
                "facts": (ClinicFact, numbered(facts["facts"])),
                "first_visit_steps": (FirstVisitStep, numbered(facts["steps"])),
                "recipients": (Recipient, [{"address": address} for address in recipients]),
            },
        ),
        location_sample(facts, today),
    ]
    rows += [
        Sample(Page, {"slug": slug}, head | {"body": body, "status": Page.Status.PUBLISHED})
        for slug, head, body in texts("pages")
    ]
    for topic in facts["topics"]:
        rows.append(Sample(Topic, {"slug": topic.pop("slug")}, topic))
    rows += [practitioner_sample(*text) for text in texts("practitioners")]
    rows += [service_sample(*text, today) for text in texts("services")]
    rows += [post_sample(*text, today) for text in texts("posts")]
    return rows


def location_sample(facts, today):
    location = facts["location"]
    for name in ("latitude", "longitude"):
        location[name] = Decimal(str(location[name]))
    hours = [
        row | {name: time.fromisoformat(row[name]) for name in ("opens", "closes")}
        for row in facts["hours"]
    ]
    return Sample(
        Location,
        {"name": location.pop("name")},
        location,
        moments={"special_days": [SpecialDay(**row) for row in holidays(today)]},
        children={
            "weekly_hours": (WeeklyHours, hours),
            "streets": (MapStreet, facts["streets"]),
        },
    )


def practitioner_sample(slug, head, body):
    acts = head.pop("rostered_acts")
    return Sample(
        Practitioner,
        {"slug": slug},
        head | {"biography": body, "is_sample": True},
        children={"rosterings": (Rostering, [{"act": act} for act in acts])},
    )


def review(head, today):
    """Take the days since the review out of a front matter; return the review's dates."""
    reviewed_on = today - timedelta(days=head.pop("reviewed_days_ago"))
    return {"reviewed_on": reviewed_on, "review_due_on": reviewed_on + REVIEW_EVERY}


def service_sample(slug, head, body, today):
    reviewed = review(head, today)
    practitioners, questions = head.pop("practitioners"), head.pop("questions", [])
    fees = [row | {"price": Decimal(row["price"])} for row in head.pop("fees", [])]
    return Sample(
        Service,
        {"slug": slug},
        head | {"body": body, "status": Service.Status.PUBLISHED},
        moments=reviewed,
        children={
            "fees": (Fee, numbered(fees)),
            "questions": (ServiceQuestion, numbered(questions)),
        },
        links={"practitioners": practitioners},
    )


def post_sample(slug, head, body, today):
    services, sources = head.pop("services", []), head.pop("sources", [])
    publish_at = this_minute(head.pop("published_days_ago"))
    reviewed = review(head, today)
    return Sample(
        Post,
        {"slug": slug},
        head | {"body": body, "status": Post.Status.PUBLISHED},
        moments={"publish_at": publish_at} | reviewed,
        children={"sources": (Source, numbered(sources))},
        links={"services": services},
    )


def is_empty():
    """Say whether nobody has entered anything yet."""
    return not any(model.objects.exists() for model in MODELS)


def resolved(model, content):
    """Return content with slugs of related rows turned into the rows."""
    values = {}
    for name, value in content.items():
        model_field = model._meta.get_field(name)
        if model_field.is_relation:
            value = model_field.related_model.objects.get(slug=value)
        values[name] = value
    return values


@transaction.atomic
def load():
    """Store every sample row and return how many there are."""
    rows = samples(timezone.localdate())
    with saving():
        for row in rows:
            store(row)
        # Now that all are there, a second save finds the rows that the texts link to.
        for model, _ in models_with(ProseField):
            for stored in model.objects.all():
                stored.save()
    return len(rows)


def store(sample):
    values = sample.key | resolved(sample.model, sample.content)
    moments = dict(sample.moments)
    special_days = moments.pop("special_days", [])
    if sample.model is Location:
        values["clinic"] = Clinic.objects.current()
    stored = sample.model.objects.create(**values, **moments)
    for name, (model, contents) in sample.children.items():
        getattr(stored, name).bulk_create(
            [model(**{parent_field(sample.model, name): stored}, **one) for one in contents]
        )
    if sample.model is Location:
        stored.draw_map()
    for day in special_days:
        day.location = stored
        day.save()
    for name, slugs in sample.links.items():
        links = getattr(stored, name)
        links.set(links.model.objects.filter(slug__in=slugs))


def parent_field(model, related_name):
    """Return the name of the foreign key behind a related name."""
    return model._meta.get_field(related_name).field.name


def comparable(instance, names):
    """Return an instance's values as the database would hold them, for a comparison."""
    values = {}
    for name in names:
        model_field = instance._meta.get_field(name)
        value = getattr(instance, model_field.attname)
        if hasattr(model_field, "clean_html"):
            value = model_field.clean_html(value)
        values[name] = model_field.get_prep_value(model_field.to_python(value))
    return values


def is_as_delivered(sample, stored):
    """Say whether a stored row, its children and links are still what was delivered."""
    delivered = sample.model(**sample.key, **resolved(sample.model, sample.content))
    if comparable(stored, sample.content) != comparable(delivered, sample.content):
        return False
    for name, (model, contents) in sample.children.items():
        names = list(contents[0]) if contents else []
        kept = [comparable(child, names) for child in getattr(stored, name).all()]
        new = [comparable(model(**one), names) for one in contents]
        if sorted(map(repr, kept)) != sorted(map(repr, new)):
            return False
    return all(
        set(getattr(stored, name).values_list("slug", flat=True)) == set(slugs)
        for name, slugs in sample.links.items()
    )


@transaction.atomic
def remove():
    """Delete the rows that are still as delivered.

    Returns:
        (how many were deleted, the rows left with the reason).
    """
    rows = samples(timezone.localdate())
    stored = [(row, row.model.objects.filter(**row.key).first()) for row in rows]
    unchanged = [(row, one, is_as_delivered(row, one)) for row, one in stored if one]
    deleted, left = 0, []
    for row, one, as_delivered in reversed(unchanged):
        if not as_delivered:
            left.append((row, "was changed"))
            continue
        try:
            with transaction.atomic():
                one.delete()
            deleted += 1
        except ProtectedError:
            left.append((row, "is used by something that stays"))
    return deleted, left
