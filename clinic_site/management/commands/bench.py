"""Measures what pages cost in CPU time, queries and bytes, with many rows in an empty site."""

import gzip
import statistics
import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.models import Post
from clinic_site import sample_content
from services.models import Service

PATHS = (
    "/",
    "/services/",
    "/services/dry-needling/",
    "/team/",
    "/blog/",
    "/blog/topic/treatments/",
    "/blog/what-is-dry-needling/",
    "/blog/feed/",
    "/fees/",
    "/contact/",
    "/sitemap.xml",
)


def fill(posts, services):
    """Copy the first sample article and service until there are so many of each."""
    post = Post.objects.get(slug="what-is-dry-needling")
    Post.objects.bulk_create(
        Post(
            title=f"{post.title} {number}",
            slug=f"{post.slug}-{number}",
            summary=post.summary,
            body=post.body,
            status=post.status,
            publish_at=timezone.now(),
            author=post.author,
            reviewer=post.reviewer,
            topic=post.topic,
        )
        for number in range(posts - Post.objects.count())
    )
    service = Service.objects.get(slug="dry-needling")
    Service.objects.bulk_create(
        Service(
            title=f"{service.title} {number}",
            slug=f"{service.slug}-{number}",
            summary=service.summary,
            body=service.body,
            status=service.status,
            joint=service.joint,
        )
        for number in range(services - Service.objects.count())
    )


def measure(client, path, times):
    """Return (queries, CPU milliseconds as median and range, bytes, bytes with gzip) of a page."""
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    if response.status_code != 200:
        raise CommandError(f"{path} answered {response.status_code}")
    count = len(queries)  # before the next request empties the log
    taken = []
    for _ in range(times):
        start = time.process_time()
        client.get(path)
        taken.append((time.process_time() - start) * 1000)
    size, packed = len(response.content), len(gzip.compress(response.content, 6))
    return count, statistics.median(taken), min(taken), max(taken), size, packed


class Command(BaseCommand):
    help = "Print what pages cost; bin/bench runs it on an empty site of its own."

    def add_arguments(self, parser):
        parser.add_argument("--posts", type=int, default=1000)
        parser.add_argument("--services", type=int, default=60)
        parser.add_argument("--times", type=int, default=5, help="requests a page, after one more")

    def handle(self, *args, posts, services, times, **options):
        if not sample_content.is_empty():
            raise CommandError("This site has content. Run bin/bench, which makes one of its own.",
                               returncode=2)  # fmt: skip
        sample_content.load()
        fill(posts, services)
        client = Client(headers={"host": settings.ALLOWED_HOSTS[0]})
        self.stdout.write(
            f"{Post.objects.count()} posts, {Service.objects.count()} services, "
            f"{connection.vendor}, CPU time of {times} requests in one process"
        )
        self.stdout.write(f"{'page':32}{'queries':>8}{'CPU ms':>9}{'min–max':>16}"
                          f"{'bytes':>10}{'gzip':>8}")  # fmt: skip
        for path in PATHS:
            queries, median, low, high, size, packed = measure(client, path, times)
            span = f"{low:.1f}–{high:.1f}"
            self.stdout.write(
                f"{path:32}{queries:>8}{median:>9.1f}{span:>16}{size:>10,}{packed:>8,}"
            )
