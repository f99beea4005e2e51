"""The least a web server can do: a WSGI application that sends one answer, made before."""

import json
import os
from pathlib import Path

import django

django.setup()  # which the site's settings of gunicorn rely on
HEADERS, _, BODY = Path(os.environ["PLAIN_ANSWER"]).read_bytes().partition(b"\n")
HEADERS = [tuple(header) for header in json.loads(HEADERS)]


def application(environ, start_response):
    start_response("200 OK", HEADERS)
    return [BODY]
