"""Queries whose SQL is made once in each process.

Making it takes Django some five times as long as all the rest of a query. So the pages that are
read most ask for their rows this way; everything else asks as usual.
"""

from copy import copy
from functools import cached_property

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import DateTimeField, Expression, QuerySet
from django.db.models.query import ModelIterable
from django.utils import timezone


class Given(Expression):
    """Stands in a prepared queryset for a value of each time it is asked.

    Args:
        name: under which Prepared.rows is given the value.
    """

    def __init__(self, name):
        super().__init__()
        self.name = name

    def as_sql(self, compiler, connection):
        return "%s", [self]

    def value(self, given):
        return given[self.name]


class Moment(Expression):
    """The moment at which a query is asked, prepared or not."""

    output_field = DateTimeField()

    def as_sql(self, compiler, connection):
        if hasattr(connection, "prepares"):
            return "%s", [self]
        return "%s", [connection.ops.adapt_unknown_value(self.value({}))]

    def value(self, given):
        return timezone.now()


class Prepared:
    """A queryset with places for values, made into SQL when it is asked first.

    Args:
        make: a function that returns the queryset, with a Given wherever a value goes. It returns
            rows of its model.

    Raises:
        TypeError: it has prefetch_related or values, at the first use.
    """

    def __init__(self, make):
        self.make = make

    @cached_property
    def compiler(self):
        connection = copy(connections[DEFAULT_DB_ALIAS])
        connection.prepares = True
        queryset = self.make()
        if queryset._prefetch_related_lookups or queryset._iterable_class is not ModelIterable:
            raise TypeError("prefetch_related and values cannot be prepared")
        compiler = queryset.query.get_compiler(connection=connection)
        compiler.statement = compiler.as_sql()
        compiler.converters = compiler.get_converters([column for column, _, _ in compiler.select])
        return compiler

    def rows(self, **given):
        """Return the list of rows for these values."""
        connection = connections[DEFAULT_DB_ALIAS]
        sql, params = self.compiler.statement
        params = [
            connection.ops.adapt_unknown_value(one.value(given)) if is_place(one) else one
            for one in params
        ]
        return list(QuerySet(query=Statement(self.compiler, connection, (sql, params))))


def is_place(param):
    return isinstance(param, Given | Moment)


class Statement:
    """What a QuerySet wants of its query: a compiler, here one that has its SQL already."""

    def __init__(self, compiler, connection, statement):
        # A copy: threads ask at once, each by its own connection.
        self.compiler = copy(compiler)
        self.compiler.connection = connection
        self.compiler.as_sql = lambda: statement
        self.compiler.get_converters = lambda columns: compiler.converters

    def get_compiler(self, using):
        return self.compiler
