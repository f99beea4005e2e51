"""What every answer passes through: health, cache headers, content policy, database outage.

Public pages read no user, set no cookie and print no token, so everybody may get the same
answer, and its header says how long a cache may keep it. The content policy of public pages
allows no inline script or style; that of the admin allows those with a nonce."""

import logging

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpResponse

from clinic_site.web.error_pages import is_outage, service_unavailable

logger = logging.getLogger(__name__)

# A publish shows within 10 seconds: s-maxage + stale-while-revalidate + 1, because nginx counts
# whole seconds, + 1 for the page cache (page_cache.CHECK_SECONDS). A proxy keeps the page for a day
# while the app is down.
PUBLIC = "public, max-age=0, s-maxage=4, stale-while-revalidate=4, stale-if-error=86400"
PRIVATE = "private, no-store"


def health_check(get_response):
    """Answer /healthz before the Host header is checked: a balancer asks by address."""

    def middleware(request):
        if request.path == "/healthz":
            return HttpResponse("ok\n", "text/plain", headers={"Cache-Control": "no-store"})
        return get_response(request)

    return middleware


def cache_headers(get_response):
    """Say how long a page may be kept, unless its view did: public ones some seconds, others never.

    A redirect that adds a slash is never kept: made-up addresses would push out pages.
    """

    def middleware(request):
        response = get_response(request)
        if "Cache-Control" not in response:
            with_slash = request.get_full_path(force_append_slash=True)
            is_public = (
                request.method in ("GET", "HEAD")
                and response.status_code in (200, 301, 302, 304, 404, 410)
                and not request.path.startswith(settings.ADMIN_PREFIX)
                and response.get("Location") != with_slash
            )
            response["Cache-Control"] = PUBLIC if is_public else PRIVATE
        return response

    return middleware


class PolicyByPrefix(CSPMiddleware):
    """Send the strict policy to the public and one with a nonce to the admin."""

    def get_policy_parts(self, request, response, report_only=False):
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and request.path.startswith(settings.ADMIN_PREFIX):
            parts.replace = parts.replace or settings.ADMIN_POLICY
        return parts

    def process_response(self, request, response):
        response = super().process_response(request, response)
        response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        response["Cross-Origin-Embedder-Policy"] = "require-corp"  # a page embeds only our files
        return response


class DatabaseOutage:
    """Answer 503 with the clinic's phone number when the database cannot be reached or written."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if is_outage(exception):
            # The exception's own words may hold what was typed; its class does not.
            logger.error("database outage: %s at %s", type(exception).__name__, request.path)
            return service_unavailable(request)
        return None
