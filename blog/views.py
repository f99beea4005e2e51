"""The article list by topic, in pages of ten, and the article itself."""

from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from blog.models import Post, Topic
from clinic_site.publishing.preview import page_of
from services.models import Service

POSTS_A_PAGE = 10


def page_of_list(posts, number):
    """Return one page of a list; a number that does not exist is a 404, not the last page."""
    try:
        return Paginator(posts, POSTS_A_PAGE).page(number)
    except (EmptyPage, PageNotAnInteger):
        raise Http404 from None


@require_safe
def post_list(request):
    context = {
        "page": page_of_list(Post.objects.for_cards(), request.GET.get("page", 1)),
        "topics": Topic.objects.with_posts(),
    }
    return render(request, "blog/post_list.html", context)


@require_safe
def topic_detail(request, slug):
    topic = get_object_or_404(Topic.objects.with_posts(), slug=slug)
    context = {
        "topic": topic,
        "page": page_of_list(topic.posts.for_cards(), request.GET.get("page", 1)),
        "topics": Topic.objects.with_posts(),
    }
    return render(request, "blog/topic_detail.html", context)


@require_safe
def post_detail(request, slug):
    return render(request, *post_page(get_object_or_404(Post.objects.for_detail(), slug=slug)))


@page_of(Post)
def post_page(post, sources=None, services=None):
    """Return the template and context of an article; a preview passes unsaved parts and links."""
    cards = Service.objects.for_cards()
    return "blog/post_detail.html", {
        "post": post,
        "sources": post.sources.all() if sources is None else sources,
        "services": cards.filter(**{"posts": post} if services is None else {"pk__in": services}),
        "related_posts": Post.objects.related_to(post)[:3],
    }
