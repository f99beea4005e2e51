"""What the tests share: sample rows, and the real parts they may need."""

import os
import shutil

import pytest

from tests.mail_server import MailServer


def need(*programs):
    """Skip where a program is missing; under CI=true that is a failure instead."""
    missing = [name for name in programs if not shutil.which(name)]
    if missing:
        words = f"not installed: {', '.join(missing)}"
        if os.environ.get("CI") == "true":
            pytest.fail(words)
        pytest.skip(words)


@pytest.fixture
def sample_site(db, django_capture_on_commit_callbacks):
    """The sample clinic in the database, and its facts kept for the error pages."""
    from clinic_site import sample_content

    with django_capture_on_commit_callbacks(execute=True):
        sample_content.load()


@pytest.fixture
def mail_server(settings):
    """A real SMTP server that the site sends to."""
    with MailServer() as server:
        settings.EMAIL_BACKEND = "clinic_site.mail.SMTPBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 2
        yield server
