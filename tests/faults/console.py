"""A Python inside the site's own settings, to look at its rows and change them."""

import json
import subprocess
import sys
import threading

from tests.running_site import ROOT


class Console:
    """A Python of the site's own settings that stays open; use as a context manager."""

    CODE = """
import json, sys
from django.db import connections
for line in sys.stdin:
    scope = {}
    exec(json.loads(line), scope)
    connections.close_all()  # an open database would keep its disk from being remounted
    print(json.dumps(scope.get("result")), flush=True)
"""

    def __init__(self, site):
        self.site = site
        self.lock = threading.Lock()

    def __enter__(self):
        self.process = subprocess.Popen(
            [sys.executable, ROOT / "manage.py", "shell", "--no-imports", "-c", self.CODE],
            env=self.site.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_):
        self.process.communicate()

    def run(self, code):
        """Run Python there and return its `result`."""
        with self.lock:
            self.process.stdin.write(json.dumps(code) + "\n")
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())
