"""The data that a browser sends for a form, with fields or whole inlines replaced.

Each function returns new data and leaves the old data as it is.
"""

import re


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
    """Return a form's data with stored values in place of some typed ones.

    Args:
        data: a QueryDict.
        names: names of fields, and labels of inline models.
        form, formsets: unbound ones of the stored object.
    """
    data, stored = data.copy(), sent(form)
    for name in names & form.fields.keys():
        put(data, stored, {name})
    for formset in formsets:
        if formset.model._meta.label_lower in names:
            own = {name for name in data if name.startswith(f"{formset.prefix}-")}
            rows = [sent(one) for one in (formset.management_form, *formset.forms)]
            of_rows = {name: values for row in rows for name, values in row.items()}
            put(data, of_rows, own | of_rows.keys())
    return data


def put(data, stored, names):
    for name in names:
        data.pop(name, None)
        if name in stored:
            data.setlist(name, stored[name])


def with_rows_of_now(data, formset):
    """Return a form's data in which the rows of an inline match the stored rows.

    Rows that somebody has deleted become new ones, because Django refuses an unknown key. Rows that
    somebody has added are marked for deletion, because the typed rows do not include them.

    Args:
        data: a QueryDict.
        formset: the unbound formset of the stored rows.
    """
    rows, data = taken_out(data, formset.prefix)
    stored = {
        str(one.instance.pk): {
            name.removeprefix(f"{one.prefix}-"): values for name, values in sent(one).items()
        }
        for one in formset.initial_forms
    }
    keys = [row.get("id", [""])[0] for row in rows]
    known = [row for row, key in zip(rows, keys, strict=True) if key in stored]
    known += [row | {"DELETE": ["on"]} for key, row in stored.items() if key not in keys]
    new = [
        row | {"id": [""]}
        for row, key in zip(rows, keys, strict=True)
        if key not in stored and "DELETE" not in row
    ]
    for number, row in enumerate(known + new):
        for name, values in row.items():
            data.setlist(f"{formset.prefix}-{number}-{name}", values)
    data[f"{formset.prefix}-INITIAL_FORMS"] = str(len(known))
    data[f"{formset.prefix}-TOTAL_FORMS"] = str(len(known) + len(new))
    return data


def taken_out(data, prefix):
    """Return the rows of an inline as {field: values}, in order, and the data without them."""
    row_field = re.compile(rf"{re.escape(prefix)}-(\d+)-(.+)")
    rows, data = {}, data.copy()
    for name in list(data):
        if match := row_field.fullmatch(name):
            rows.setdefault(int(match[1]), {})[match[2]] = data.pop(name)
    return [row for _, row in sorted(rows.items())], data
