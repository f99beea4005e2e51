"""URLs of the enquiry form and of the page after it."""

from django.urls import path, re_path

from contact import views

app_name = "contact"
urlpatterns = [
    path("", views.enquiry, name="enquiry"),
    re_path(r"^sent/(?P<token>[A-Za-z0-9_-]{22})/$", views.sent, name="sent"),
]
