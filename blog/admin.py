"""Articles and their topics in the admin."""

from django.contrib import admin
from django.db.models import Count

from blog.models import Post, Source, Topic
from clinic_site.editing.base import ModelAdmin, StackedInline
from clinic_site.editing.publishable import ReviewableAdmin, ReviewableForm
from services.compliance.admin import CheckedForm, ChecksMixin
from services.models import Practitioner


class SourceInline(StackedInline):
    model = Source
    fields = ("title", "publisher", ("year", "order"), "url")
    verbose_name_plural = "Sources"


class PostForm(CheckedForm, ReviewableForm):
    def practitioners(self):
        post = self.instance
        return Practitioner.objects.filter(pk__in=[post.author_id, post.reviewer_id])

    def needs_source(self):
        return not self.part_values("sources", ["title"])


@admin.register(Post)
class PostAdmin(ChecksMixin, ReviewableAdmin):
    form = PostForm
    fieldsets = (
        (None, {"fields": ("title", "slug", "topic", "summary", "body", "lead_image")}),
        (
            "When to seek urgent care",
            {
                "fields": ("urgent_care",),
                "description": "Shown in a box that readers cannot miss.",
            },
        ),
        (
            "Author and clinical review",
            {"fields": ("author", *ReviewableAdmin.review)},
        ),
        ("Related services", {"fields": ("services",)}),
        ReviewableAdmin.publishing,
        ReviewableAdmin.search_engines,
    )
    inlines = (SourceInline,)
    list_display = ("title", "state", "topic", "author", "publish_at")
    list_filter = (*ReviewableAdmin.list_filter, "topic", "author")
    list_select_related = ("topic", "author")
    date_hierarchy = "publish_at"


@admin.register(Topic)
class TopicAdmin(ModelAdmin):
    fields = ("title", "slug", "description")
    prepopulated_fields = {"slug": ["title"]}
    list_display = ("title", "description", "articles")
    search_fields = ("title", "description")

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(post_count=Count("posts"))

    @admin.display(description="Articles", ordering="post_count")
    def articles(self, topic):
        return topic.post_count

    def is_on_site(self, obj):
        return Topic.objects.with_posts().filter(pk=obj.pk).exists()
