"""Two people edit one thing: what one alone changed is kept; of what both did, one chooses."""

from copy import copy
from dataclasses import dataclass
from functools import cached_property

from clinic_site.history.changes import changed_names, changes, summary
from clinic_site.history.state import State, record_outside_changes, state_at, state_now, states_at
from clinic_site.history.version import Version
from clinic_site.web.dates import date_and_time

# What a form carries: the version it was opened on, and the one its writer chose to replace.
SEEN, REPLACED = "_version", "_replace_version"
CHOOSE = "Not saved yet: choose above between your text and the one that was saved meanwhile."
LOOK = "Not saved yet: look above at what was saved meanwhile, then save."
SAVES_TOLD = 5
UNSAVED = 1 << 63  # as a key it stands behind those of stored rows


@dataclass
class Conflict:
    """What was saved since a form was opened, beside what its writer typed.

    `saves` are the Versions since, the newest first, `before` is the State that the form was opened
    on, or None where nobody knows, `now` how the thing stands, `typed` what saving the form would
    leave, and `faulty` names what of it has an error. Names are those of changed_names().
    """

    saves: list
    before: State | None
    now: State
    typed: State
    faulty: set

    @property
    def last(self):
        return self.saves[0]

    @cached_property
    def theirs(self):
        """The names of what was changed meanwhile."""
        return changed_names(self.before or self.typed, self.now)

    @cached_property
    def contested(self):
        """The names of what the writer changed too, and otherwise."""
        mine = changed_names(self.before or self.now, self.typed)
        differing = mine & changed_names(self.now, self.typed)
        return self.theirs & (differing | self.faulty)

    @property
    def refusal(self):
        return CHOOSE if self.contested else LOOK

    def told(self, user, part_names, chosen):
        """Return what a page says of the conflict.

        Args:
            user: who typed.
            part_names: a form's name for each model of parts.
            chosen: the names of which the writer chose theirs so far.
        """
        theirs = changes(self.before or self.typed, self.now, part_names)
        mine = {one.name: one for one in changes(self.before or self.now, self.typed, part_names)}
        return {
            "last": self.last,
            "saves": self.told_saves(user, part_names),
            "whose": whose(self.saves, user),
            "contested": [
                {"theirs": one, "mine": mine.get(one.name), "is_theirs": one.name in chosen}
                for one in theirs
                if one.name in self.contested
            ],
            "theirs": [one for one in theirs if one.name not in self.contested],
            "mine": [one for name, one in mine.items() if name not in self.theirs],
        }

    def told_saves(self, user, part_names):
        """Return each of the last saves in a sentence: who, when and what."""
        saves = self.saves[:SAVES_TOLD]
        states = states_at(saves, type(self.now.row))
        keys = [*(version.pk for version in saves), None]
        return [
            {
                "sentence": sentence(version, user),
                "words": summary(states[before], states[version.pk], part_names),
            }
            for version, before in zip(saves, keys[1:], strict=True)
        ]


def saved_meanwhile(row, data):
    """Return (the Version a form was opened on, or None; those that stop its save, newest first).

    Args:
        row: the thing as stored.
        data: what was posted. One without a version was made by no form of ours.
    """
    last, seen = record_outside_changes(row), data.get(SEEN)
    if seen is None or str(last.pk) in (seen, data.get(REPLACED)):
        return None, []
    versions = Version.objects.for_object(row)
    base = versions.filter(pk=seen).first() if seen.isdecimal() and len(seen) < 19 else None
    return base, list(versions.filter(pk__gt=base.pk) if base else versions[:1])


def conflict_of(row, base, saves, form, formsets):
    """Return the Conflict of what was typed into a form with what was saved meanwhile."""
    now, before = state_now(row), base and state_at(base, type(row))
    return Conflict(saves, before, now, typed(now, form, formsets), faulty(form, formsets))


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
        kept = [one for one in formset.forms if is_kept(one)]
        parts[formset.model] = {
            key_of(one) or UNSAVED + number: one.instance for number, one in enumerate(kept)
        }
    return State(row, links, parts)


def faulty(form, formsets):
    """Return the names of what has an error; a row that somebody deleted meanwhile is none."""
    return set(form.errors) | {
        formset.model._meta.label_lower
        for formset in formsets
        if formset.non_form_errors()
        or any(set(one.errors) - {one.instance._meta.pk.name} for one in formset.forms)
    }


def is_kept(form):
    """Say whether a row of an inline is to stay, and is no empty one."""
    gone = form.data.get(form.add_prefix("DELETE"))
    return not gone and (key_of(form) or form.has_changed())


def key_of(form):
    """Return the key of an inline's row, also of one that somebody deleted meanwhile, or None."""
    sent = form.data.get(form.add_prefix(form.instance._meta.pk.name), "")
    return int(sent) if sent.isdecimal() else None


def sentence(version, user):
    """Return who saved a version, and when, in a sentence."""
    who = version.by_name or "The site itself"
    if version.by_id == user.pk:
        who = "In another window you"
    return f"{who} saved it on {date_and_time(version.at)}"


def whose(saves, user):
    """Return how to call what one other person saved, or several did."""
    people = {(version.by_id, version.by_name) for version in saves}
    (key, name), *others = people
    return f"{name}’s" if name and key != user.pk and not others else "what is saved now"


def refusing(form, words):
    """Return a form class that keeps what was typed and saves nothing, and says why."""

    class RefusedForm(form):
        def clean(self):
            super().clean()
            self.add_error(None, words)
            return self.cleaned_data

    return RefusedForm
