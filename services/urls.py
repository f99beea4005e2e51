"""Addresses of services and of the people who provide them."""

from django.urls import path

from services import views

app_name = "services"
urlpatterns = [
    path("services/", views.service_list, name="service_list"),
    path("services/<slug:slug>/", views.service_detail, name="service_detail"),
    path("team/", views.practitioner_list, name="practitioner_list"),
    path("team/<slug:slug>/", views.practitioner_detail, name="practitioner_detail"),
]
