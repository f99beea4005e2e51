"""People who use the site: some send the form until somebody answers, one only reads."""

import threading
import time
from collections import Counter
from http.client import HTTPException

from tests.running_site import ask, post_enquiry

PAUSE = 0.1  # seconds between one person's requests

# Forms of their own, opened a minute ago: a burst of hasty ones would be quarantined as spam.
KEYS = """
import time
from contact.intake.submissions import sign_submission
result = [sign_submission(time.time() - 60) for _ in range(200)]
"""


class Person(threading.Thread):
    """Uses the site until it is over.

    Attributes:
        answered: the address of the sent page by the patient's name.
        unsent: how many answers to a form were no sent page, by what they were.
        read: how many answers to a GET, by status.
        slowest: seconds of the slowest answer.
    """

    def __init__(self, url, is_over):
        super().__init__()
        self.url, self.is_over = url, is_over
        self.answered = {}
        self.unsent, self.read = Counter(), Counter()
        self.slowest = 0

    def answer_of(self, act):
        """Return the answer to a request, or None when the server was killed meanwhile."""
        started = time.monotonic()
        try:
            answer = act()
        except (OSError, HTTPException):
            return None  # nothing was promised
        self.slowest = max(self.slowest, time.monotonic() - started)
        return answer


class Poster(Person):
    """Sends one enquiry after another, each with the same form until it is answered."""

    def __init__(self, url, console, number, is_over):
        super().__init__(url, is_over)
        self.console, self.number = console, number

    def run(self):
        count = 0
        while not self.is_over.is_set():
            for key in self.console.run(KEYS):
                count += 1
                self.send(key, f"Ana {self.number} {count}")
                if self.is_over.wait(PAUSE):
                    return

    def send(self, key, name):
        while not self.is_over.is_set():
            answer = self.answer_of(lambda: post_enquiry(self.url, key, name))
            if answer and answer.status == 302:
                self.answered[name] = answer.headers["Location"]
                return
            if answer:
                self.unsent[kind_of(answer, name)] += 1
            self.is_over.wait(5 * PAUSE if answer else PAUSE / 4)


class Reader(Person):
    """Opens the home page again and again."""

    def run(self):
        while not self.is_over.wait(PAUSE * 4):
            if answer := self.answer_of(lambda: ask(f"{self.url}/")):
                self.read[answer.status] += 1


def kind_of(answer, name):
    """Return what an answer is that promises nothing: its status, and what a 503 lacks."""
    needed = {"the text": name, "the phone number": "tel:+1-905-555-0142"}
    lacks = [what for what, words in needed.items() if words not in answer.text]
    return f"503 without {' and '.join(lacks)}" if answer.status == 503 and lacks else answer.status
