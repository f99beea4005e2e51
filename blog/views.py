"""The article list by topic, in pages of ten, and the article itself."""

from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from blog.models import Post, Topic

POSTS_A_PAGE = 10


def page_of(posts, number):
    """Return one page of a list; a number that does not exist is a 404, not the last page."""
    try:
        return Paginator(posts, POSTS_A_PAGE).page(number)
    except (EmptyPage, PageNotAnInteger):
        raise Http404 from None


@require_safe
def post_list(request):
    context = {
        "page": page_of(Post.objects.for_cards(), request.GET.get("page", 1)),
        "topics": Topic.objects.with_posts(),
    }
    return render(request, "blog/post_list.html", context)


@require_safe
def topic_detail(request, slug):
    topic = get_object_or_404(Topic.objects.with_posts(), slug=slug)
    context = {
        "topic": topic,
        "page": page_of(topic.posts.for_cards(), request.GET.get("page", 1)),
        "topics": Topic.objects.with_posts(),
    }
    return render(request, "blog/topic_detail.html", context)


@require_safe
def post_detail(request, slug):
    post = get_object_or_404(Post.objects.for_detail(), slug=slug)
    context = {
        "post": post,
        "sources": post.sources.all(),
        "services": post.services.for_cards(),
        "related_posts": Post.objects.related_to(post)[:3],
    }
    return render(request, "blog/post_detail.html", context)
