"""The site's settings as the plain tests want them; the environment is set before they are read."""

import os
from pathlib import Path

os.environ["DEVELOPMENT"] = "1"
os.environ.setdefault("VAR_DIR", str(Path(__file__).resolve().parent.parent / "var" / "test"))
# Playwright's sync API leaves a loop running, which Django would take for an async caller.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
for name in ("EMAIL_URL", "SITE_URL", "SECURITY_CONTACT"):
    os.environ.pop(name, None)

from clinic_site.settings import *  # noqa: E402, F403
from clinic_site.settings import STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# {% static %} raises under manifest storage until somebody has collected.
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
PAGE_CACHE_BYTES = 0  # a test sees its own rows at once; test_page_cache.py makes its own cache
