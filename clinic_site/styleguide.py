"""The style guide: every component of the public pages in its states, with made-up objects."""

from datetime import timedelta
from decimal import Decimal

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from blog.models import Post, Source, Topic
from clinic_site.richtext.html import CALLOUTS
from contact.forms import EnquiryForm
from contact.models import Clinic
from services.colleges import College
from services.models import Fee, Practitioner, Service, ServiceQuestion

LONG = "A title so long that it takes several lines on a phone, with physiotherapeutically in it"
PROSE = """
<h2>A large heading</h2><p>A paragraph with <strong>bold</strong> and <em>italic</em> words and
<a href="https://www.ontario.ca/">a link to another site</a>.</p>
<h3>A small heading</h3><ul><li><p>One</p></li><li><p>Two</p><ul><li><p>Within two</p></li></ul>
</li></ul><ol><li><p>First</p></li><li><p>Second</p></li></ol>
<blockquote><p>What somebody said.</p></blockquote>
<table><tbody><tr><th><p>Week</p></th><th><p>What to do</p></th></tr>
<tr><td><p>1</p></td><td><p>Rest between short walks.</p></td></tr></tbody></table>
<h2>Callouts</h2>%s<h2>Questions</h2>
<details class="question"><summary>Does it hurt?</summary><p>For a moment, perhaps.</p></details>
"""


@require_safe
def styleguide(request):
    return render(request, "styleguide.html", context())


def context():
    """Return what the components print: objects that are never saved."""
    today = timezone.localdate()
    robin, jo = (
        Practitioner(
            name=name,
            slug="sample",
            college=College.PHYSIOTHERAPISTS,
            summary="Looks after shoulders and necks.",
            languages="English, French",
            is_sample=True,
            verified_on=today,
        )
        for name in ("Robin Sample", "Jo Sample-With-A-Very-Long-Family-Name")
    )
    topic = Topic(title="Topic", slug="sample")
    posts = [
        Post(
            title=title,
            slug=slug,
            summary="What it is about, in one or two sentences.",
            topic=topic,
            author=robin,
            reviewer=reviewer,
            reviewed_on=today,
            review_due_on=today + timedelta(days=365),
            publish_at=timezone.now(),
        )
        for title, slug, reviewer in (("A title", "sample", jo), (LONG, "sample-two", robin))
    ]
    callouts = "".join(
        f'<aside class="callout callout--{degree}"><p>What to know, or to do.</p></aside>'
        for degree in CALLOUTS
    )
    posts[0].body = Post._meta.get_field("body").clean_html(PROSE % callouts)
    services = [
        Service(title=joint.label, slug="sample", summary="Who it is for.", joint=joint)
        for joint in Service.Joint
    ]
    fee = {"service": services[0], "minutes": 45, "effective_on": today}
    return {
        "urgent_care": "You cannot move your arm.\n\nYou cannot feel your hand.",
        "posts": posts,
        "practitioners": [robin, jo],
        "services": services,
        "fees": [
            Fee(name="First visit", price=Decimal(95), **fee),
            Fee(name="Visits in a package", price=Decimal(450), visits=5, **fee),
        ],
        "sources": [
            Source(title="With a link", publisher="Publisher", year=2024, url="https://a.example"),
            Source(title="Without a link", publisher="Publisher", year=2020),
        ],
        "questions": [ServiceQuestion(question="What do I wear?", answer="Loose clothes.")],
        "pages": [Paginator(range(3), 1).page(number) for number in (1, 2, 3)],
        "forms": [
            ("Empty", EnquiryForm(clinic=Clinic(), auto_id="empty_%s")),
            ("With errors", EnquiryForm({"email": "a@"}, clinic=Clinic(), auto_id="wrong_%s")),
        ],
    }
