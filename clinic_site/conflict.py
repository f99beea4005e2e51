"""Two people edit one thing: who saves second sees what the first changed, and chooses."""

from copy import copy
from dataclasses import dataclass

from clinic_site.history.changes import changes, summary
from clinic_site.history.state import State, bring_up_to_date, state_at, state_now, states_at
from clinic_site.history.version import Version
from clinic_site.moments import date_and_time

# What a form carries: the version it was opened on, and the one its writer chose to replace.
SEEN, REPLACED = "_version", "_replace_version"
REFUSED = "Not saved yet: choose above between your text and the one that was saved meanwhile."
SAVES_TOLD = 5
UNSAVED = 1 << 63  # as a key it stands behind those of stored rows


@dataclass
class Conflict:
    """What was saved since a form was opened.

    `saves` are the last Versions, the newest first, `before` is the State that the form was opened
    on, or None where nobody knows, and `now` how the thing stands.
    """

    saves: list
    before: State | None
    now: State

    @property
    def last(self):
        return self.saves[0]

    def told(self, user, part_names):
        """Return each save in a sentence: who, when and what."""
        states = states_at(self.saves, type(self.now.row))
        keys = [*(version.pk for version in self.saves), None]
        return [
            {
                "sentence": sentence(version, user),
                "words": summary(states[before], states[version.pk], part_names),
            }
            for version, before in zip(self.saves, keys[1:], strict=True)
        ]

    def theirs(self, part_names):
        """Return the Changes that were saved meanwhile."""
        return changes(self.before, self.now, part_names) if self.before else []

    def mine(self, form, formsets, part_names):
        """Return the Changes that saving a form would make to what is saved now."""
        return changes(self.now, typed(self.now, form, formsets), part_names)


def typed(now, form, formsets):
    """Return the State that saving a form would leave; what has an error stays as in `now`."""
    row, links, parts = copy(now.row), dict(now.links), dict(now.parts)
    for field in (*row._meta.concrete_fields, *row._meta.many_to_many):
        if field.name not in form.cleaned_data:
            continue
        if field.many_to_many:
            links[field.name] = {one.pk for one in form.cleaned_data[field.name]}
        else:
            setattr(row, field.attname, getattr(form.instance, field.attname))
    for formset in formsets:
        kept = [one.instance for one in formset.forms if is_kept(one)]
        parts[formset.model] = {
            part.pk or UNSAVED + number: part for number, part in enumerate(kept)
        }
    return State(row, links, parts)


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
    saves = list((versions.filter(pk__gt=base.pk) if base else versions[:1])[:SAVES_TOLD])
    return Conflict(saves, base and state_at(base, type(row)), state_now(row))


def sentence(version, user):
    """Return who saved a version, and when, in a sentence."""
    who = version.by_name or "The site itself"
    if version.by_id == user.pk:
        who = "In another window you"
    return f"{who} saved it on {date_and_time(version.at)}"


def refusing(form):
    """Return a form class that keeps what was typed and saves nothing."""

    class RefusedForm(form):
        def clean(self):
            super().clean()
            self.add_error(None, REFUSED)
            return self.cleaned_data

    return RefusedForm
