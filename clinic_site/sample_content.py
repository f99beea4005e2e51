"""The sample clinic: loaded from samples/ into an empty site, and removed again.

Each sample object starts with one version named SAMPLE. An object without a later version is
untouched, so it can be removed; everything else stays.
"""

import tomllib
from datetime import date, timedelta
from pathlib import Path

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone

from blog.models import Post, Topic
from clinic_site.history.snapshot import snapshot
from clinic_site.history.version import Version
from clinic_site.models import Page
from clinic_site.publishing.publishable import this_minute
from clinic_site.publishing.review import REVIEW_EVERY
from contact.models import Clinic, Location
from services.models import Practitioner, Service

FOLDER = Path(__file__).parent / "samples"
MODELS = (Clinic, Location, Page, Topic, Practitioner, Service, Post)  # parents before children
SAMPLE = "Sample content"  # the words of the first version
HOLIDAYS = ((1, 1, "New Year’s Day"), (7, 1, "Canada Day"), (12, 25, "Christmas Day"))


def read(path):
    """Return (front matter, HTML) of a sample file: TOML between two +++ lines, then the text."""
    _, head, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    return tomllib.loads(head), body.strip()


def texts(folder, body="body", **values):
    """Yield the values of each file in a folder of samples/; `body` names the field of its text."""
    today = timezone.localdate()
    for path in sorted((FOLDER / folder).glob("*.html")):
        head, html = read(path)
        if (days := head.pop("published_days_ago", None)) is not None:
            head["publish_at"] = this_minute(days)
        if (days := head.pop("reviewed_days_ago", None)) is not None:
            head["reviewed_on"] = today - timedelta(days=days)
            head["review_due_on"] = head["reviewed_on"] + REVIEW_EVERY
        if acts := head.pop("rostered_acts", None):
            head["rosterings"] = [{"act": act} for act in acts]
        yield {"slug": path.stem, body: html} | values | head


def holidays(today):
    """Yield the next date of each of three public holidays, as closed days."""
    for month, day, note in HOLIDAYS:
        coming = date(today.year, month, day)
        yield {
            "day": coming if coming >= today else coming.replace(year=today.year + 1),
            "note": note,
        }


def samples():
    """Yield (model, values) of each sample object, parents first."""
    facts = tomllib.loads((FOLDER / "clinic.toml").read_text(encoding="utf-8"))
    yield Clinic, facts["clinic"]
    yield Location, facts["location"] | {"special_days": holidays(timezone.localdate())}
    yield from ((Page, values) for values in texts("pages", status="published"))
    yield from ((Topic, values) for values in facts["topics"])
    yield from ((Practitioner, v) for v in texts("practitioners", "biography", is_sample=True))
    yield from ((Service, values) for values in texts("services", status="published"))
    yield from ((Post, values) for values in texts("posts", status="published"))


def create(model, values):
    """Create an object with its parts and links.

    Args:
        values: by field; related objects are given by slug, parts as lists of their values.
    """
    own, parts, links = {}, {}, {}
    for name, value in values.items():
        field = model._meta.get_field(name)
        if field.one_to_many:
            parts[name] = value
        elif field.many_to_many:
            links[name] = value
        elif field.is_relation:
            own[name] = field.related_model.objects.get(slug=value)
        else:  # stripped, as a form stores it
            own[name] = value.strip() if isinstance(value, str) else value
    if model is Location:
        own["clinic"] = Clinic.objects.get()
    obj = model.objects.create(**own)
    for name, rows in parts.items():
        manager = getattr(obj, name)
        has_order = any(field.name == "order" for field in manager.model._meta.fields)
        for number, row in enumerate(rows):
            manager.create(**({"order": number} if has_order else {}), **row)
    for name, slugs in links.items():
        manager = getattr(obj, name)
        manager.set(manager.model.objects.filter(slug__in=slugs))


def is_empty():
    """Say whether nobody has entered anything yet."""
    return not any(model.objects.exists() for model in MODELS)


def is_loaded():
    """Say whether an untouched sample object is stored."""
    later = Version.objects.exclude(words=SAMPLE).filter(
        content_type=models.OuterRef("content_type"), object_id=models.OuterRef("object_id")
    )
    return Version.objects.filter(~models.Exists(later), words=SAMPLE).exists()


@transaction.atomic
def load():
    """Create every sample object, with one version each, and return how many there are."""
    for model, values in samples():
        create(model, values)
    objects = [obj for model in MODELS for obj in model.objects.all()]
    for obj in objects:
        obj.save()  # texts find the pages that they link to only now that all pages are there
        Version.objects.record(obj, words=SAMPLE)
    return len(objects)


def stored_samples():
    """Yield each stored sample object, children first."""
    for model in reversed(MODELS):
        kind = ContentType.objects.get_for_model(model)
        keys = Version.objects.filter(content_type=kind, words=SAMPLE).values("object_id")
        yield from model._base_manager.filter(pk__in=keys)


def is_changed(obj):
    last = Version.objects.for_object(obj).first()
    return last.words != SAMPLE or last.state != snapshot(obj)


def removal():
    """Return (the samples to remove, [(sample to keep, reason)]), children first."""
    removed, kept = [], []
    for obj in stored_samples():
        if is_changed(obj):
            kept.append((obj, "it was changed"))
        elif is_needed(obj, removed):
            kept.append((obj, "other content uses it"))
        else:
            removed.append(obj)
    return removed, kept


def is_needed(obj, removed):
    """Say whether an object that stays points at this one."""
    for relation in obj._meta.related_objects:
        model = relation.related_model
        if relation.one_to_many and model in MODELS:
            going = [one.pk for one in removed if type(one) is model]
            users = model._base_manager.filter(**{relation.field.name: obj.pk})
            if users.exclude(pk__in=going).exists():
                return True
    return False


def remove():
    """Delete the untouched samples; return (how many, [(sample that stays, reason)]).

    Each is deleted in a transaction of its own, so that no enquiry waits for all of them.
    """
    removed, kept = removal()
    for obj in removed:
        obj.delete()
    return len(removed), kept
