"""What public pages cost in queries, CPU time and bytes, with many rows."""

import gzip
import statistics
import time

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.models import Post
from services.models import Service
from tests.bench.own_site import make_site
from tests.bench.report import Report

MOST_QUERIES = 12
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
        for number in range(Post.objects.count(), posts)
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
        for number in range(Service.objects.count(), services)
    )


def measure(client, path, times):
    """Return a page's queries, CPU milliseconds (median, least, most), bytes, bytes with gzip."""
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    assert response.status_code == 200, f"{path} answered {response.status_code}"
    count = len(queries)  # before the next request empties the log
    taken = []
    for _ in range(times):
        start = time.process_time()
        client.get(path)
        taken.append((time.process_time() - start) * 1000)
    size, packed = len(response.content), len(gzip.compress(response.content, 6))
    return count, statistics.median(taken), min(taken), max(taken), size, packed


def add_arguments(parser):
    parser.add_argument("--posts", type=int, default=1000, help="articles there are")
    parser.add_argument("--services", type=int, default=60, help="services there are")
    parser.add_argument("--times", type=int, default=5, help="requests a page, after one more")


def run(options):
    make_site()
    fill(options.posts, options.services)
    client = Client(headers={"host": settings.ALLOWED_HOSTS[0]})
    report = Report(
        f"{Post.objects.count()} posts, {Service.objects.count()} services, {connection.vendor}, "
        f"CPU time of {options.times} requests in one process",
        ("page", "queries", "CPU ms", "least", "most", "bytes", "gzip"),
    )
    for path in PATHS:
        cost = measure(client, path, options.times)
        report.add(path, *cost)
        report.promise(cost[0] <= MOST_QUERIES, f"{path} takes over {MOST_QUERIES} queries")
    return report
