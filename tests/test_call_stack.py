"""Room on the call stack: calls at the end of a piece ask the system for nothing."""

import resource
from concurrent.futures import ThreadPoolExecutor

from tests.call_stack import with_room


def page_faults_of_deep_calls(levels=400):
    """Return how often the system gave memory while many functions were called at each depth."""

    def leaf():
        return None

    def descend(level):
        for _ in range(50):
            leaf()
        if level:
            descend(level - 1)

    before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    descend(levels)
    return resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before


def test_deep_calls_get_their_memory_once():
    with ThreadPoolExecutor(1) as threads:  # a thread has a call stack of its own
        threads.submit(page_faults_of_deep_calls).result()
        assert threads.submit(with_room(page_faults_of_deep_calls)).result() < 40


def test_arguments_and_errors_pass():
    assert with_room(divmod)(7, 2) == (3, 1)
    assert with_room(dict)(a=1) == {"a": 1}
