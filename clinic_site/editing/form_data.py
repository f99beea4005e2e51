"""What a browser sends of a form: what one field or one inline sent, put in another's place."""

import re


def sent(form):
    """Return what a browser would send of an unbound form, nothing changed, {name: values}."""
    data = {}
    for bound in form:
        value, widget = bound.value(), bound.field.widget
        if value is False or widget.needs_multipart_form:
            continue  # neither an empty box nor a stored file is sent
        if isinstance(value, list):
            data[bound.html_name] = [str(getattr(one, "pk", one)) for one in value]
        else:
            shown = "on" if value is True else widget.format_value(value)
            data[bound.html_name] = shown if isinstance(shown, list) else [shown or ""]
    return data


def with_stored(data, names, form, formsets):
    """Return a form's data with what is stored in the place of some of what was typed.

    Args:
        data: a QueryDict.
        names: of fields, and labels of the models of inlines.
        form, formsets: those of the stored row, unbound.
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
    """Return a form's data in which the rows of an inline fit what is stored.

    Rows that somebody deleted meanwhile count as new ones: Django refuses a row whose key it does
    not find, by an error at a hidden field. Rows that somebody added are marked to be deleted,
    since what is typed does without them.

    Args:
        data: a QueryDict.
        formset: that of the stored rows, unbound.
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
    """Return the rows of an inline, each {field: values}, in order, and the data without them."""
    row_field = re.compile(rf"{re.escape(prefix)}-(\d+)-(.+)")
    rows, data = {}, data.copy()
    for name in list(data):
        if match := row_field.fullmatch(name):
            rows.setdefault(int(match[1]), {})[match[2]] = data.pop(name)
    return [row for _, row in sorted(rows.items())], data
