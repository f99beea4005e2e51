"""Room on Python's call stack, which CPython 3.11 otherwise gets from the system bit by bit.

CPython keeps its call stack in pieces of 16 kB, and returns each to the system as soon as it is
empty. A function that is called often where a piece ends costs two system calls each time: 15 to
25 % of a page. The first call of a function that wants half a megabyte gets it, and the rest of
that piece holds everything that it calls.
"""

SLOTS = 70_000  # of 8 bytes; CPython rounds up to a megabyte, and only what is used takes memory


def with_room(function):
    """Return the function, to be called with room for all that it calls."""

    def call(*args, **kwargs):
        return function(*args, **kwargs)

    call.__code__ = call.__code__.replace(co_stacksize=SLOTS)
    return call
