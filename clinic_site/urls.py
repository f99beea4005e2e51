"""Every address of the site; standing pages stand last, because they match any word."""

from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from clinic_site import views
from clinic_site.richtext.internal_links import REFERENCE
from clinic_site.sitemaps import SITEMAPS

handler400 = "clinic_site.web.error_pages.bad_request"
handler404 = "clinic_site.web.error_pages.page_not_found"
handler403 = "clinic_site.web.error_pages.permission_denied"
handler500 = "clinic_site.web.error_pages.server_error"

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("services.urls")),
    path("blog/", include("blog.urls")),
    path("contact/", include("contact.urls")),
    path("fees/", views.page_detail, {"slug": "fees"}, name="fees"),
    path("privacy/", views.page_detail, {"slug": "privacy"}, name="privacy"),
    re_path(rf"^{REFERENCE.removeprefix('/')}$", views.go, name="go"),
    path("preview/<str:token>/", views.preview, name="preview"),
    # Staff's cookies are sent below /admin/ alone.
    path("styleguide/", RedirectView.as_view(pattern_name="admin:styleguide"), name="styleguide"),
    path("sitemap.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
    path("healthz/service", views.service_health, name="service_health"),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon, name="favicon"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path("admin/account/", include("clinic_site.accounts.urls")),
    path("admin/", admin.site.urls),
    path("media/<path:path>", views.media, name="media"),
    path("<slug:slug>/", views.page_detail, name="page_detail"),
]
