"""Two people edit one object: what only one changed is kept; for the rest, the second chooses."""

from copy import copy
from dataclasses import dataclass
from functools import cached_property

from clinic_site.editing.form_data import with_rows_of_now, with_stored
from clinic_site.editing.history import TOKEN
from clinic_site.history.changes import changed_names, changes, summary
from clinic_site.history.state import (
    State,
    before,
    is_same_state,
    state_now,
    states_of,
    token_of,
    version_of,
)
from clinic_site.history.version import Version
from clinic_site.web.dates import date_and_time

REPLACES = "_replace_version"  # the form field with the token of the state to be replaced
CHOICE, THEIRS = "_choice-", "theirs"  # before a name: which of the two the writer chose
CHOOSE = "Not saved yet. Choose your text or the other one above, then save."
LOOK = "Not saved yet. Check the other changes above, then save."
MOST_SAVES = 5
UNSAVED = 1 << 63  # keys of new parts, which sort after those of stored ones


@dataclass
class Conflict:
    """What was saved since a form was opened, and what its writer typed.

    `saves` are the Versions since, newest first. `before` is the State that the form was opened on,
    or None if unknown, `now` the stored one, and `typed` the one that saving the form would leave.
    `faulty` has the names of what has an error. Names are those of changed_names().
    """

    saves: list
    before: State | None
    now: State
    typed: State
    faulty: set

    @cached_property
    def theirs(self):
        """The names of what others changed."""
        return changed_names(self.before or self.typed, self.now)

    @cached_property
    def contested(self):
        """The names of what both changed, differently."""
        mine = changed_names(self.before or self.now, self.typed)
        differing = mine & changed_names(self.now, self.typed)
        return self.theirs & (differing | self.faulty)

    def describe(self, user, part_names, chosen):
        """Return the context of the conflict on the form's page.

        Args:
            user: the writer.
            part_names: the form's name for each model of parts.
            chosen: the names of which the writer has chosen theirs so far.
        """
        theirs = changes(self.before or self.typed, self.now, part_names)
        mine = {one.name: one for one in changes(self.before or self.now, self.typed, part_names)}
        return {
            "replaces": token_of(self.now.obj),
            "saves": self.describe_saves(user, part_names),
            "whose": whose(self.saves, user),
            "contested": [
                {"theirs": one, "mine": mine.get(one.name), "is_theirs": one.name in chosen}
                for one in theirs
                if one.name in self.contested
            ],
            "theirs": [one for one in theirs if one.name not in self.contested],
            "mine": [one for name, one in mine.items() if name not in self.theirs],
        }

    def describe_saves(self, user, part_names):
        """Return who made each of the last saves, when, and what changed."""
        states = states_of(type(self.now.obj), self.now.obj.pk)
        earlier = before(states)
        return [
            {
                "sentence": sentence(version, user),
                "words": summary(earlier[version.pk], states[version.pk], part_names),
            }
            for version in self.saves[:MOST_SAVES]
        ]


def conflict_page(model_admin, request, obj):
    """Return the form again, with what others saved since it was opened, or None if nobody did.

    The object's last version must be recorded.
    """
    base, saves = saves_since(obj, request.POST)
    if not saves:
        return None
    typed_form, typed_formsets = model_admin.bind_forms(request, obj, request.POST)
    now, opened_on = state_now(obj), base and states_of(type(obj), obj.pk)[base.pk]
    typed, faulty = (
        typed_state(now, typed_form, typed_formsets),
        errors_in(typed_form, typed_formsets),
    )
    conflict = Conflict(saves, opened_on, now, typed, faulty)
    stored_form, stored_formsets = model_admin.bind_forms(request, obj)
    data = request.POST
    for formset in stored_formsets:
        if formset.model._meta.label_lower in conflict.contested:
            data = with_rows_of_now(data, formset)
    unchanged_by_me = conflict.theirs - conflict.contested
    data = with_stored(data, unchanged_by_me, stored_form, stored_formsets)
    form, formsets = model_admin.bind_forms(request, obj, data)
    form.add_error(None, CHOOSE if conflict.contested else LOOK)
    context = conflict.describe(request.user, model_admin.part_names, chosen_theirs(request.POST))
    if conflict.contested:  # saving again without a choice is refused again
        context["version"] = request.POST[TOKEN]
    return model_admin.form_page(request, obj, form, formsets, context)


def saves_since(obj, data):
    """Return the Version a form was opened on (or None), and those since, newest first.

    Data without a token was not sent by a form of ours.
    """
    seen, now = data.get(TOKEN), token_of(obj)
    if seen is None or is_same_state(seen, now) or is_same_state(data.get(REPLACES, ""), now):
        return None, []
    base, versions = version_of(seen, obj), Version.objects.for_object(obj)
    return base, list(versions.filter(pk__gt=base.pk) if base else versions[:1])


def chosen_theirs(data):
    """Return the names of which the writer chose to keep what others saved."""
    return {
        name.removeprefix(CHOICE)
        for name, choice in data.items()
        if name.startswith(CHOICE) and choice == THEIRS
    }


def with_choices(data, model_admin, request, obj):
    """Return a form's data with what is stored in place of what its writer gave up."""
    return with_stored(data, chosen_theirs(data), *model_admin.bind_forms(request, obj))


def typed_state(now, form, formsets):
    """Return the State that saving a form would leave; fields with an error stay as in `now`."""
    obj, links, parts = copy(now.obj), dict(now.links), dict(now.parts)
    for field in (*obj._meta.concrete_fields, *obj._meta.many_to_many):
        if field.name not in form.cleaned_data:
            continue
        if field.many_to_many:
            links[field.name] = {one.pk for one in form.cleaned_data[field.name]}
        else:
            setattr(obj, field.attname, getattr(form.instance, field.attname))
    for formset in formsets:
        if formset.is_bound:
            stays = [one for one in formset.forms if is_kept(one)]
            parts[formset.model] = {
                key_of(one) or UNSAVED + number: one.instance for number, one in enumerate(stays)
            }
    return State(obj, links, parts)


def errors_in(form, formsets):
    """Return the names of what has an error, other than parts that somebody has deleted."""
    return set(form.errors) | {
        formset.model._meta.label_lower
        for formset in formsets
        if formset.non_form_errors()
        or any(set(one.errors) - {one.instance._meta.pk.name} for one in formset.forms)
    }


def is_kept(form):
    """Return whether a part stays, and is not an empty form."""
    is_deleted = form.data.get(form.add_prefix("DELETE"))
    return not is_deleted and (key_of(form) or form.has_changed())


def key_of(form):
    """Return the key that was sent for a part, even if it is deleted by now, or None."""
    sent = form.data.get(form.add_prefix(form.instance._meta.pk.name), "")
    return int(sent) if sent.isdecimal() else None


def sentence(version, user):
    """Return who saved a version, and when."""
    who = version.by_name or "The site itself"
    if version.by_id == user.pk:
        who = "In another window you"
    return f"{who} saved it on {date_and_time(version.at)}"


def whose(saves, user):
    """Return what to call the text that others saved."""
    (key, name), *others = {(version.by_id, version.by_name) for version in saves}
    return f"{name}’s" if name and key != user.pk and not others else "what is saved now"
