"""The data that a browser sends for a form, with fields or whole inlines replaced.

The functions with_… return new data and leave the old data as it is. Their forms are unbound ones
of the stored object.
"""

import re

from clinic_site.richtext.html import MOST_KEY_DIGITS


def sent(form):
    """Return {name: values} that a browser would send for an unbound form."""
    data = {}
    for bound in form:
        value, widget = bound.value(), bound.field.widget
        if value is False or widget.needs_multipart_form:
            continue  # browsers send neither empty check boxes nor stored files
        if isinstance(value, list):
            data[bound.html_name] = [str(getattr(one, "pk", one)) for one in value]
        else:
            shown = "on" if value is True else widget.format_value(value)
            data[bound.html_name] = shown if isinstance(shown, list) else [shown or ""]
    return data


def with_stored(data, names, form, formsets):
    """Return a form's data with stored values for the fields and inlines called `names`."""
    data, stored = data.copy(), sent(form)
    for name in names & form.fields.keys():
        data.pop(name, None)
        if name in stored:
            data.setlist(name, stored[name])
    for formset in formsets:
        if formset.prefix in names:
            _, data = without_rows(data, formset.prefix)
            for one in (formset.management_form, *formset.forms):
                for name, values in sent(one).items():
                    data.setlist(name, values)
    return data


def with_rows_of_now(data, formset):
    """Return a form's data in which the rows of an inline match the stored rows.

    Rows that somebody has deleted become new ones, because Django refuses an unknown key. Rows that
    somebody has added are marked for deletion, because the typed rows do not include them.
    """
    prefix, stored = formset.prefix, {}
    for one in formset.initial_forms:
        row = {name.removeprefix(f"{one.prefix}-"): values for name, values in sent(one).items()}
        stored[str(one.instance.pk)] = row | {"DELETE": ["on"]}
    known, new = [], []
    rows, data = without_rows(data, prefix)
    for row in rows:
        if stored.pop(row.get("id", [""])[0], None):
            known.append(row)
        elif "DELETE" not in row:
            new.append(row | {"id": [""]})
    known += stored.values()
    for number, row in enumerate(known + new):
        for name, values in row.items():
            data.setlist(f"{prefix}-{number}-{name}", values)
    data[f"{prefix}-INITIAL_FORMS"] = str(len(known))
    data[f"{prefix}-TOTAL_FORMS"] = str(len(known) + len(new))
    return data


def without_rows(data, prefix):
    """Return the rows of an inline as {field: values}, in order, and the data without them."""
    row_field = re.compile(rf"{re.escape(prefix)}-(\d{{1,9}})-(.+)")
    rows, data = {}, data.copy()
    for name in list(data):
        if match := row_field.fullmatch(name):
            rows.setdefault(int(match[1]), {})[match[2]] = data.pop(name)
    return [row for _, row in sorted(rows.items())], data


def stays(form):
    """Return whether a part stays, and is not an empty form."""
    is_deleted = form.data.get(form.add_prefix("DELETE"))
    return not is_deleted and (key_of(form) or form.has_changed())


def key_of(form):
    """Return the key that was sent for a part, even if it is deleted by now, or 0."""
    sent = form.data.get(form.add_prefix(form.instance._meta.pk.name), "")
    return int(sent) if sent.isdecimal() and len(sent) <= MOST_KEY_DIGITS else 0
