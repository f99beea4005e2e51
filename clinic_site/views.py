"""Pages made from several apps, and addresses for machines: health, robots, media."""

from datetime import UTC, timedelta
from hmac import compare_digest
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.static import serve

from blog.models import Post
from clinic_site.models import Page, ShareLink
from clinic_site.publishing.preview import page_of, render_preview
from clinic_site.richtext.internal_links import addresses_of
from clinic_site.web.dates import date_and_time
from clinic_site.web.middleware import PRIVATE
from contact.outbox.health import service_state
from services.models import Fee, Practitioner, Service

MEDIA_TYPES = {".jpg": "image/jpeg"}
MEDIA_TYPES |= {f".{kind}": f"image/{kind}" for kind in ("png", "webp", "avif")}


@require_safe
def home(request):
    context = {
        "services": Service.objects.for_cards(),
        "practitioners": Practitioner.objects.for_cards(),
        "posts": Post.objects.for_cards()[:3],
    }
    return render(request, "home.html", context)


@require_safe
def page_detail(request, slug):
    return render(request, *standing_page(get_object_or_404(Page.objects.for_detail(), slug=slug)))


@page_of(Page)
def standing_page(page):
    """Return the template and context of a standing page; two have more than their text."""
    if page.slug == "fees":
        return "pages/fees.html", {"page": page, "fees": Fee.objects.current()}
    if page.slug == "privacy":
        return "pages/privacy.html", {"page": page}
    return "pages/page_detail.html", {"page": page}


@require_safe
def go(request):
    """Redirect from a stored internal link to the page's present address."""
    address = addresses_of([request.path]).get(request.path)
    if address is None:
        raise Http404
    return HttpResponseRedirect(address)


@require_safe
def preview(request, token):
    """Show a saved draft to somebody who was sent its link."""
    link = ShareLink.objects.of_token(token)
    if link is None:
        raise Http404
    until = date_and_time(link.expires_at)
    response = render_preview(
        link.obj, f"This draft is not published. The link works until {until}."
    )
    response["Cache-Control"] = PRIVATE
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def robots(request):
    lines = ["User-agent: *", "Disallow: /admin/", "Disallow: /contact/sent/", "",
             f"Sitemap: {settings.SITE_URL}/sitemap.xml", ""]  # fmt: skip
    return HttpResponse("\n".join(lines), "text/plain")


@require_safe
def security_txt(request):
    """Say whom to tell about a security problem (RFC 9116); 404 until a contact is set."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    expires = (timezone.now() + timedelta(days=180)).astimezone(UTC).replace(microsecond=0)
    lines = [f"Contact: {settings.SECURITY_CONTACT}", f"Expires: {expires:%Y-%m-%dT00:00:00Z}",
             "Preferred-Languages: en, fr",
             f"Canonical: {settings.SITE_URL}/.well-known/security.txt", ""]  # fmt: skip
    return HttpResponse("\n".join(lines), "text/plain; charset=utf-8")


@require_safe
def service_health(request):
    """Say whether enquiries reach people: 200 or 503; details are for senders of HEALTH_TOKEN."""
    state = service_state()
    lines = ["trouble" if state.troubles else "ok"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    if settings.HEALTH_TOKEN and compare_digest(given, settings.HEALTH_TOKEN.encode()):
        lines += state.troubles
    response = HttpResponse("\n".join([*lines, ""]), "text/plain")
    response.status_code = 503 if state.troubles else 200
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def favicon(request):
    return HttpResponsePermanentRedirect(staticfiles_storage.url("img/favicon.ico"))


@require_safe
def media(request, path):
    """Serve an upload as an image and never as a page; in production the proxy does this."""
    content_type = MEDIA_TYPES.get(Path(path).suffix.lower())
    if content_type is None:
        raise Http404
    response = serve(request, path, document_root=settings.MEDIA_ROOT)
    response["Content-Type"] = content_type
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
