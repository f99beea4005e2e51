"""Conflicts: two people edit one object. Changes by only one of them are kept as they are.

Where both changed the same field, or the same kind of parts, the second person chooses.
"""

from clinic_site.editing.form_data import key_of, stays, with_rows_of_now, with_stored
from clinic_site.editing.history import TOKEN
from clinic_site.history.snapshot import changed_names, part_values, values
from clinic_site.history.version import Version
from clinic_site.web.dates import date_and_time

REPLACES = "_replace_version"  # the form field with the token of the state to be replaced
CHOICE, THEIRS = "_choice-", "theirs"  # before a name: which of the two the writer chose
CHOOSE = "Not saved yet. Choose your text or the other one above, then save."
LOOK = "Not saved yet. Check the other changes above, then save."
MOST_SAVES = 5


def conflict_page(model_admin, request, obj):
    """Return the form again, with what others saved since it was opened, or None if nobody did.

    The object's last version must be recorded.
    """
    opened, saves = saves_since(obj, request.POST)
    if not saves:
        return None
    now = saves[0].state
    form, formsets = model_admin.bind_forms(request, obj, request.POST)
    typed = typed_state(now, form, formsets)
    # Without the state that the form was opened on, every difference counts as theirs and mine.
    theirs, mine = (opened or typed, now), (opened or now, typed)
    by_others, by_me = changed_names(*theirs), changed_names(*mine)
    differing = by_me & changed_names(now, typed)
    contested = by_others & (differing | names_in_error(form, formsets))

    stored_form, stored_formsets = model_admin.bind_forms(request, obj)
    data = with_stored(request.POST, by_others - contested, stored_form, stored_formsets)
    for formset in stored_formsets:
        if formset.prefix in contested:
            data = with_rows_of_now(data, formset)
    form, formsets = model_admin.bind_forms(request, obj, data)
    form.add_error(None, CHOOSE if contested else LOOK)

    chosen, their_changes = chosen_theirs(request.POST), model_admin.changes(*theirs)
    my_changes = {one.name: one for one in model_admin.changes(*mine)}
    context = {
        "replaces": saves[0].token,
        "saves": [
            {
                "sentence": sentence(version, request.user),
                "words": model_admin.summary(version.before, version.state),
            }
            for version in saves[:MOST_SAVES]
        ],
        "whose": whose(saves, request.user),
        "contested": [
            {"theirs": one, "mine": my_changes.get(one.name), "is_theirs": one.name in chosen}
            for one in their_changes
            if one.name in contested
        ],
        "theirs": [one for one in their_changes if one.name not in contested],
        "mine": [one for name, one in my_changes.items() if name not in by_others],
    }
    if contested:  # saving again without a choice is refused again
        context["version"] = request.POST[TOKEN]
    return model_admin.form_page(request, obj, form, formsets, context)


def saves_since(obj, data):
    """Return the state that a form was opened on (or None), and the Versions since, newest first.

    Data without a token was not sent by a form of ours.
    """
    versions = Version.objects.for_object(obj).with_before()
    last = versions.first()
    if data.get(TOKEN) in (None, last.token) or data.get(REPLACES) == last.token:
        return None, []
    token = data[TOKEN].replace("\0", "")  # which PostgreSQL takes in no text
    if opened := versions.filter(token=token).first():
        return opened.state, list(versions.filter(pk__gt=opened.pk))
    return None, [last]


def chosen_theirs(data):
    """Return the names of which the writer chose to keep what others saved."""
    return {
        name.removeprefix(CHOICE)
        for name, choice in data.items()
        if name.startswith(CHOICE) and choice == THEIRS
    }


def with_choices(data, model_admin, request, obj):
    """Return a form's data with the stored values that its writer chose to keep."""
    return with_stored(data, chosen_theirs(data), *model_admin.bind_forms(request, obj))


def typed_state(now, form, formsets):
    """Return the snapshot that saving a form would leave; fields with an error stay as `now`."""
    typed = values(form.instance)
    state = now | {name: typed[name] for name in form.cleaned_data.keys() & typed.keys()}
    for field in form.instance._meta.many_to_many:
        if field.name in form.cleaned_data:
            state[field.name] = sorted(one.pk for one in form.cleaned_data[field.name])
    for formset in formsets:
        if formset.is_bound:
            parts = [part_values(one.instance, key_of(one)) for one in formset.forms if stays(one)]
            # New parts come last.
            state[formset.prefix] = sorted(parts, key=lambda part: (not part["pk"], part["pk"]))
    return state


def names_in_error(form, formsets):
    """Return the names of what has an error, other than parts that somebody has deleted."""
    return set(form.errors) | {
        formset.prefix
        for formset in formsets
        if formset.non_form_errors()
        or any(set(one.errors) - {one.instance._meta.pk.name} for one in formset.forms)
    }


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
