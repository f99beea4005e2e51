"""Addresses of articles, topics and the feed."""

from django.urls import path

from blog import views
from blog.feeds import PostFeed

app_name = "blog"
urlpatterns = [
    path("", views.post_list, name="post_list"),
    path("feed/", PostFeed(), name="feed"),
    path("topic/<slug:slug>/", views.topic_detail, name="topic_detail"),
    path("<slug:slug>/", views.post_detail, name="post_detail"),
]
