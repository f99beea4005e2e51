"""Addresses of the enquiry form and its sent page."""

from django.urls import path

from contact import views

app_name = "contact"
urlpatterns = [
    path("", views.enquiry, name="enquiry"),
    path("sent/<str:token>/", views.sent, name="sent"),
]
