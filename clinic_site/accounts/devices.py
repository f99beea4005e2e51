"""Known devices: a cookie remembers who signed in on a browser; the site stores nothing."""

from django.conf import settings

from clinic_site.accounts.retention import keyed_hash

MAX_TOKENS = 20  # people who share a device; the oldest token goes first
DAYS = 180
# In this order: a browser's user agent also contains the names of later lines.
BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "Firefox": "Firefox", "FxiOS": "Firefox",
            "SamsungBrowser": "Samsung Internet", "CriOS": "Chrome", "Chrome": "Chrome",
            "Safari": "Safari"}  # fmt: skip
SYSTEMS = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows",
           "Macintosh": "Mac", "CrOS": "Chromebook", "Linux": "Linux"}  # fmt: skip


def token_of(user):
    """Return the user's token for the cookie; a new password makes it worthless."""
    return keyed_hash("device", f"{user.pk} {user.password}")[:32]


def tokens(request):
    cookie = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    return [token for token in cookie.split(".") if token]


def is_known(request, user):
    return token_of(user) in tokens(request)


def remember(request, response, user):
    """Add the user to the browser's cookie."""
    token = token_of(user)
    others = [other for other in tokens(request) if other != token]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        ".".join([token, *others][:MAX_TOKENS]),
        max_age=DAYS * 24 * 3600,
        path=settings.COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def browser_name(request):
    """Return the kind of browser, for example `Firefox on Windows`, without its version."""
    agent = request.headers.get("User-Agent", "")
    browser = next((name for sign, name in BROWSERS.items() if sign in agent), "Another browser")
    system = next((name for sign, name in SYSTEMS.items() if sign in agent), "another system")
    return f"{browser} on {system}"
