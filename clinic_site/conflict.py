"""Two people edit one thing: who saves second sees what the first changed, and chooses."""

from dataclasses import dataclass

from django.utils.text import capfirst

from clinic_site.history.records import values
from clinic_site.history.state import bring_up_to_date, parts_of, state_at, state_now
from clinic_site.history.version import Version
from clinic_site.history.words import in_words, parts_in_words
from clinic_site.moments import date_and_time

# What a form carries: the version it was opened on, and the one its writer chose to replace.
SEEN, REPLACED = "_version", "_replace_version"
REFUSED = "Not saved yet: choose above between your text and the one that was saved meanwhile."


@dataclass
class Conflict:
    """What was saved since a form was opened.

    `last` is the newest version, `saves` tells each save in a sentence, the newest first, and
    `names` the fields and models of parts that are no longer as they were.
    """

    last: Version
    saves: list
    names: set
    row: object

    def differences(self, form, formsets):
        """Return (label, theirs, mine) texts of what they changed and the form says otherwise."""
        rows = []
        for field in self.row._meta.get_fields():
            if field.name in self.names and field.name in form.fields:
                theirs = getattr(self.row, field.name)
                theirs = theirs.all() if field.many_to_many else theirs
                mine = form.cleaned_data.get(field.name, form[field.name].value())
                rows.append((field.verbose_name, in_words(field, theirs), in_words(field, mine)))
        parts = state_now(self.row).parts
        for formset in formsets:
            if formset.model in self.names:
                kept = [one.instance for one in formset.forms if is_kept(one)]
                theirs, mine = map(parts_in_words, (parts[formset.model].values(), kept))
                rows.append((formset.model._meta.verbose_name_plural, theirs, mine))
        return [(capfirst(label), theirs, mine) for label, theirs, mine in rows if theirs != mine]


def is_kept(form):
    """Say whether a row of an inline is to stay, and is no empty one."""
    gone = form.data.get(form.add_prefix("DELETE"))
    return not gone and (form.instance.pk or form.has_changed())


def conflict_of(row, form_data, user):
    """Return the Conflict that stops a save, or None.

    Args:
        row: the thing as stored.
        form_data: what was posted. One without a version was made by no form of ours.
        user: who saves.
    """
    last = bring_up_to_date(row)
    seen = form_data.get(SEEN)
    if seen is None or str(last.pk) in (seen, form_data.get(REPLACED)):
        return None
    versions = Version.objects.of(row)
    base = versions.filter(pk=seen).first() if seen.isdecimal() and len(seen) < 19 else None
    since = versions.filter(pk__gt=base.pk) if base else versions[:1]
    saves = [told(version, user) for version in since[:5]]
    return Conflict(last, saves, changed_names(row, base), row)


def told(version, user):
    """Return a sentence about who saved a version, and when."""
    who = version.by_name or "The site itself"
    if version.by_id == user.pk:
        who = "In another window you"
    return f"{who} saved it on {date_and_time(version.at)}."


def changed_names(row, base):
    """Return the names of fields, and the models of parts, that differ from a version's."""
    now, then = state_now(row), base and state_at(base, type(row))
    fields = [*row._meta.fields, *row._meta.many_to_many]
    if then is None:
        return {field.name for field in fields} | {model for model, _ in parts_of(type(row))}
    new, old = values(now.row), values(then.row)
    names = {field.name for field in fields if new.get(field.attname) != old.get(field.attname)}
    names |= {name for name in now.links if now.links[name] != then.links.get(name)}
    for model, _ in parts_of(type(row)):
        ours, theirs = (
            {pk: values(one) for pk, one in s.parts[model].items()} for s in (now, then)
        )
        if ours != theirs:
            names.add(model)
    return names


def refusing(form):
    """Return a form class that keeps what was typed and saves nothing."""

    class RefusedForm(form):
        def clean(self):
            super().clean()
            self.add_error(None, REFUSED)
            return self.cleaned_data

    return RefusedForm
