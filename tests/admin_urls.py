"""Every address of the admin, read from the resolver, with what it takes to ask for it."""

import re

from django.urls import get_resolver, reverse
from django.urls.resolvers import URLResolver

PREFIX = "admin/"


def named_patterns(resolver=None, route="", space="", arguments=()):
    """Yield (name to reverse, names of its arguments) of each named pattern below /admin/."""
    for one in (resolver or get_resolver()).url_patterns:
        whole, all_arguments = route + str(one.pattern), arguments + arguments_of(one.pattern)
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from named_patterns(one, whole, inner, all_arguments)
        elif whole.startswith(PREFIX) and one.name:
            yield space + one.name, all_arguments


def arguments_of(pattern):
    """Return the names of a pattern's arguments; None for each that has none."""
    found = re.compile(pattern.regex.pattern)
    return tuple(found.groupindex) or (None,) * found.groups


def address(name, arguments, values):
    """Return the address of a pattern, with the value each of its arguments is to have."""
    if None in arguments:
        return reverse(name, args=[values[None]] * len(arguments))
    return reverse(name, kwargs={one: values[one] for one in arguments})
