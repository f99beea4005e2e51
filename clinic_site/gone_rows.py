"""Rows of a form's inlines that somebody deleted meanwhile: sent again, they are new rows."""

import re


def renewed(data, prefix, kept_keys):
    """Return a form's data in which the rows of an inline that are gone count as new ones.

    Django refuses a row whose key it does not find, by an error at a hidden field.

    Args:
        data: a QueryDict.
        prefix: the inline's.
        kept_keys: the keys of its rows that are stored, as text.
    """
    row_field = re.compile(rf"{re.escape(prefix)}-(\d+)-(.+)")
    rows, renewed_data = {}, data.copy()
    for name in data:
        if match := row_field.fullmatch(name):
            rows.setdefault(int(match[1]), {})[match[2]] = renewed_data.pop(name)
    is_known = {number: row.get("id", [""])[0] in kept_keys for number, row in rows.items()}
    known = [rows[number] for number in sorted(rows) if is_known[number]]
    new = [
        row | {"id": [""]}
        for number, row in sorted(rows.items())
        if not is_known[number] and "DELETE" not in row
    ]
    for number, row in enumerate([*known, *new]):
        for name, values in row.items():
            renewed_data.setlist(f"{prefix}-{number}-{name}", values)
    renewed_data[f"{prefix}-INITIAL_FORMS"] = str(len(known))
    renewed_data[f"{prefix}-TOTAL_FORMS"] = str(len(known) + len(new))
    return renewed_data
