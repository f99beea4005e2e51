"""Devices a person signed in on before, known by a cookie alone; nothing is kept of them here."""

from django.conf import settings

from clinic_site.accounts.retention import keyed_hash

MOST_MARKS = 20  # people who share a device; the one who was there longest ago goes
DAYS = 180
# In this order: the later names of a line stand in the earlier ones' signature too.
BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "Firefox": "Firefox", "FxiOS": "Firefox",
            "SamsungBrowser": "Samsung Internet", "CriOS": "Chrome", "Chrome": "Chrome",
            "Safari": "Safari"}  # fmt: skip
SYSTEMS = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows",
           "Macintosh": "Mac", "CrOS": "Chromebook", "Linux": "Linux"}  # fmt: skip


def mark_of(user):
    """Return what a device keeps of a user: a hash that a new password makes worthless."""
    return keyed_hash("device", f"{user.pk} {user.password}")[:32]


def marks(request):
    return [
        mark for mark in request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "").split(".") if mark
    ]


def is_known(request, user):
    return mark_of(user) in marks(request)


def remember(request, response, user):
    """Let the browser keep that this user signed in on it."""
    mark = mark_of(user)
    kept = [mark, *(other for other in marks(request) if other != mark)][:MOST_MARKS]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        ".".join(kept),
        max_age=DAYS * 24 * 3600,
        path=settings.COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def browser_of(request):
    """Return which kind of browser asks, like `Firefox on Windows`, and nothing finer."""
    agent = request.headers.get("User-Agent", "")
    browser = next((name for sign, name in BROWSERS.items() if sign in agent), "Another browser")
    system = next((name for sign, name in SYSTEMS.items() if sign in agent), "another system")
    return f"{browser} on {system}"
