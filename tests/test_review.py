"""Reviewing: a practitioner checks a text before readers see it, and again each year."""

import threading
from datetime import timedelta

import pytest
from cabinet.models import Folder
from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from blog.models import Post
from clinic_site.images.library import Image
from clinic_site.management.reminders import remind_of_reviews
from clinic_site.models import Version
from clinic_site.publishing.review import APPROVED
from clinic_site.web.staff_mail import THREAD_NAME
from services.models import Practitioner, Service
from tests.test_admin import address, form_page, typed_in
from tests.test_images import image_bytes

pytestmark = pytest.mark.usefixtures("sample_site")


@pytest.fixture
def post():
    return Post.objects.get(slug="what-is-dry-needling")


def store(row, **values):
    type(row).objects.filter(pk=row.pk).update(**values)


@pytest.mark.parametrize(
    ("days", "is_overdue", "is_due_soon"),
    [
        (-1, True, True),
        (0, True, True),
        (1, False, True),
        (30, False, True),
        (31, False, False),
    ],
)
def test_a_review_is_due_by_its_day(post, days, is_overdue, is_due_soon):
    store(post, review_due_on=timezone.localdate() + timedelta(days=days))
    assert (post in Post.objects.review_due_within(0)) == is_overdue
    assert (post in Post.objects.review_due_within(30)) == is_due_soon


def test_nothing_is_due_of_what_readers_do_not_see(post):
    store(post, review_due_on=timezone.localdate(), needs_review=True)
    assert list(Post.objects.changed_since_review()) == [post]
    store(post, status=Post.Status.DRAFT)
    assert not Post.objects.review_due_within(0)
    assert not Post.objects.changed_since_review()


def test_the_sample_is_reviewed_and_due_in_the_year_to_come():
    for model in (Post, Service):
        assert not model.objects.filter(reviewer=None).exists()
        assert not model.objects.review_due_within(30)
        assert model.objects.review_due_within(365).count() == model.objects.count()


def test_a_service_page_says_who_checked_it_and_when(client):
    service = Service.objects.get(slug="dry-needling")
    html = client.get(service.get_absolute_url()).text
    assert ">Checked by<" in html
    assert "Written" not in html.split("review-dates")[1]
    assert f"{service.reviewed_on:%Y-%m-%d}" in html


@pytest.fixture
def robin(client, post):
    """A browser of the physiotherapist who is the article's reviewer."""
    user = User.objects.create_user("robin", "robin@clinic.example", is_staff=True)
    user.groups.add(Group.objects.get(name="Physiotherapist"))
    store(post.reviewer, account=user)
    client.force_login(user)
    return client


def signed_in(name, group):
    user = User.objects.create_user(name, first_name=name.title(), is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.fixture
def editor(db):
    return signed_in("alex", "Editor")


@pytest.fixture
def owner(db):
    return signed_in("olive", "Owner")


def save(browser, row, *, follow=False, **typed):
    page = address(type(row), "change", row.pk)
    return browser.post(page, typed_in(form_page(browser, page)) | typed, follow=follow)


def review(browser, row, act, **typed):
    page = address(type(row), "review", row.pk)
    form = form_page(browser, page).context_data["form"]
    typed = {name: form[name].value() or "" for name in form.fields} | typed | {"act": act}
    return browser.post(page, typed, follow=True)


SIGN_OFF = ("reviewer", "reviewed_on", "review_due_on")


@pytest.mark.parametrize("model", [Post, Service])
def test_nothing_is_published_before_it_was_checked(owner, editor, model):
    row = model.objects.first()
    without = dict.fromkeys(SIGN_OFF, "")
    errors = save(owner, row, **without).context["adminform"].form.errors
    assert set(errors) == set(SIGN_OFF)
    assert all(told.endswith("before you publish.") for (told,) in errors.values())
    draft = save(owner, row, status="draft", **without)
    assert draft.status_code == 302
    # Who cannot enter a check is told beside the state.
    refused = save(editor, row, status="published", title="Kept")
    errors = refused.context["adminform"].form.errors
    assert list(errors) == ["status"]
    assert "A practitioner has to approve it" in errors["status"][0]
    assert typed_in(refused)["title"] == "Kept"
    assert "No, it is a draft." in refused.text


def test_a_check_lies_behind_and_the_next_one_ahead(owner, post):
    today = timezone.localdate()
    answer = save(owner, post, reviewed_on=today + timedelta(days=1))
    assert "reviewed_on" in answer.context["adminform"].form.errors
    answer = save(owner, post, reviewed_on=today, review_due_on=today)
    assert "review_due_on" in answer.context["adminform"].form.errors


def standing(row):
    return [getattr(type(row).objects.get(pk=row.pk), name) for name in SIGN_OFF]


@pytest.mark.parametrize("who", ["editor", "robin"])
def test_nobody_types_that_a_text_was_checked(request, who, post):
    browser = request.getfixturevalue(who)
    assert not set(SIGN_OFF) & set(typed_in(form_page(browser, address(Post, "change", post.pk))))
    before, today = standing(post), timezone.localdate()
    forged = {
        "reviewer": post.author_id,
        "reviewed_on": today,
        "review_due_on": today + timedelta(days=99),
    }
    assert save(browser, post, title="New", **forged).status_code == 302
    assert Post.objects.get(pk=post.pk).title == "New"
    assert standing(post) == before


def test_an_owner_enters_a_check_on_paper_and_history_says_who_did(owner, post):
    today, other = timezone.localdate(), Practitioner.objects.exclude(pk=post.reviewer_id).first()
    due_on = today + timedelta(days=99)
    save(owner, post, reviewer=other.pk, reviewed_on=today, review_due_on=due_on)
    assert standing(post) == [other, today, due_on]
    told = owner.get(address(Post, "history", post.pk)).context["versions"][0]
    assert told["version"].by_name == "Olive"
    assert told["words"] == ["Reviewed by", "Reviewed on", "Next review due"]


@pytest.mark.parametrize(
    ("typed", "is_marked"),
    [
        ({"body": "<p>Take two a day.</p>"}, True),
        ({"urgent_care": "Never mind."}, True),
        ({"seo_title": "Other words for a search"}, False),
        ({"sources-0-title": "Another source"}, True),
        ({"sources-0-title": "A source that nobody has read", "is_typo_fix": "on"}, True),
        ({"sources-0-DELETE": "on"}, True),
        ({"sources-0-order": "9"}, False),
    ],
)
def test_another_text_needs_another_check_and_a_typo_does_not(editor, post, typed, is_marked):
    answer = save(editor, post, follow=True, **typed)
    stored = Post.objects.get(pk=post.pk)
    assert stored.needs_review == is_marked
    assert ("Review needed: the text was changed after its review" in answer.text) == is_marked
    assert stored.reviewed_on == post.reviewed_on


MISTAKE = "<p>Rest in the mornng.</p><p>Stay warm.</p>"
FIXED = "<p>Rest in the morning.</p><p>Stay warm.</p>"


@pytest.fixture
def post_with_typo(post):
    """An article that was approved with a typo in it."""
    store(post, body=MISTAKE)
    Version.objects.record(post, words=APPROVED)
    return post


def test_a_fixed_typo_needs_no_review_and_the_reviewer_is_told(
    robin,
    editor,
    post_with_typo,
    mailoutbox,
    settings,
    tmp_path,
    django_capture_on_commit_callbacks,
):
    settings.MEDIA_ROOT = tmp_path  # the share card is drawn too
    with django_capture_on_commit_callbacks(execute=True):
        answer = save(editor, post_with_typo, body=FIXED, is_typo_fix="on", follow=True)
    assert "Review needed: the" not in answer.text
    assert not Post.objects.get(pk=post_with_typo.pk).needs_review
    for thread in threading.enumerate():
        if thread.name == THREAD_NAME:
            thread.join()
    (mail,) = mailoutbox
    assert mail.to == ["robin@clinic.example"]
    assert "Alex fixed a typo" in mail.body
    assert "  removed: mornng.\n  added: morning.\n" in mail.body
    assert address(Post, "history", post_with_typo.pk) in mail.body


def test_a_review_from_before_the_model_had_a_field_stays_valid(editor, post_with_typo):
    Version.objects.for_object(post_with_typo).delete()
    store(post_with_typo, urgent_care="")
    Version.objects.record(post_with_typo, words=APPROVED)
    approved = post_with_typo.approved_version()
    del approved.state["urgent_care"]
    approved.save()
    for fixes in ({"body": FIXED, "is_typo_fix": "on"}, {"body": MISTAKE}):
        assert save(editor, post_with_typo, urgent_care="", **fixes).status_code == 302
        assert not Post.objects.get(pk=post_with_typo.pk).needs_review


def test_more_than_a_typo_is_refused_beside_the_tick_and_kept(editor, post_with_typo):
    typed = "<p>Take codeine every night. You do not need a doctor.</p>"
    answer = save(editor, post_with_typo, body=typed, is_typo_fix="on")
    (error,) = answer.context["adminform"].form.errors["is_typo_fix"]
    assert error.startswith("This is more than a typo: ")
    assert typed_in(answer)["body"] == typed
    assert Post.objects.get(pk=post_with_typo.pk).body == MISTAKE


def test_small_steps_do_not_add_up_to_another_text(editor, post_with_typo):
    for words in ("morning, always", "morning, always, dear friends"):
        body = MISTAKE.replace("mornng", words)
        answer = save(editor, post_with_typo, body=body, is_typo_fix="on")
    assert "more than 20 characters" in str(answer.context["adminform"].form.errors["is_typo_fix"])


def test_a_page_names_no_reviewer_until_its_change_is_approved(
    robin, editor, post_with_typo, client
):
    url = post_with_typo.get_absolute_url()
    assert "Last checked" in Client().get(url).text
    save(editor, post_with_typo, body="<p>Something that nobody approved.</p>")
    page = Client().get(url).text
    assert "Last checked" not in page
    assert "reviewedBy" not in page
    assert "Written by" in page
    review(robin, post_with_typo, "approve")
    assert "Last checked" in Client().get(url).text


def test_going_back_to_the_approved_text_needs_no_review(editor, post_with_typo):
    save(editor, post_with_typo, body="<p>Something else.</p>")
    assert Post.objects.get(pk=post_with_typo.pk).needs_review
    save(editor, post_with_typo, body=MISTAKE)
    assert not Post.objects.get(pk=post_with_typo.pk).needs_review


def test_another_answer_of_a_service_needs_a_check_too(editor):
    service = Service.objects.filter(questions__gt=0).first()
    save(editor, service, **{"questions-0-answer": "Something else."})
    service.refresh_from_db()
    assert service.needs_review


def figure(picture, alt):
    src = picture.image_file.url
    return f'<figure><img src="{src}" alt="{alt}" data-file="{picture.pk}"></figure>'


def callout(degree):
    return f'<aside class="callout callout--{degree}"><p>Rest today.</p></aside>'


@pytest.fixture
def pictures(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    folder = Folder.objects.create(name="Pictures")
    return [
        Image.objects.create(
            folder=folder,
            image_file=ContentFile(image_bytes(), "knee.jpg"),
            image_alt_text="A knee",
        )
        for _ in range(2)
    ]


def test_another_picture_in_the_text_needs_another_check(editor, post, pictures):
    one, other = pictures
    store(post, body=f"<p>Rest.</p>{figure(one, 'A bent knee')}")
    save(editor, post, seo_title="Nothing to do with it")
    assert not Post.objects.get(pk=post.pk).needs_review
    body = f"<p>Rest.</p>{figure(other, 'A bent knee')}"
    refused = save(editor, post, body=body, is_typo_fix="on")
    assert "an image changed" in str(refused.context["adminform"].form.errors)
    save(editor, post, body=body)
    assert Post.objects.get(pk=post.pk).needs_review


def test_another_description_of_a_picture_needs_another_check(editor, post, pictures):
    store(post, body=figure(pictures[0], "A bent knee"))
    save(editor, post, body=figure(pictures[0], "A straight knee"))
    assert Post.objects.get(pk=post.pk).needs_review


@pytest.mark.parametrize(("name", "is_marked"), [("lead_image", True), ("share_image", False)])
def test_another_picture_above_the_text_needs_another_check(
    editor, post, pictures, name, is_marked
):
    save(editor, post, **{name: pictures[0].pk})
    assert Post.objects.get(pk=post.pk).needs_review == is_marked


def test_another_degree_of_a_callout_needs_another_check(editor, post):
    store(post, body=callout("note"))
    save(editor, post, body=callout("emergency"))
    assert Post.objects.get(pk=post.pk).needs_review


def test_a_question_in_the_text_that_is_gone_needs_another_check(editor, post):
    question = '<details class="question"><summary>Does it hurt?</summary><p>A bit.</p></details>'
    store(post, body=f"<p>Rest.</p>{question}")
    save(editor, post, body="<p>Rest.</p>")
    assert Post.objects.get(pk=post.pk).needs_review


@pytest.mark.parametrize(
    ("typed", "is_marked"),
    [({"questions-0-DELETE": "on"}, True), ({"questions-0-order": "9"}, False)],
)
def test_a_question_that_is_gone_needs_a_check_and_one_that_moved_none(editor, typed, is_marked):
    service = Service.objects.filter(questions__gt=0).first()
    save(editor, service, **typed)
    service.refresh_from_db()
    assert service.needs_review == is_marked


def test_the_same_words_in_other_markup_need_none(editor, post):
    save(editor, post, body=post.body.replace("<li>", "<li><p>").replace("</li>", "</p></li>"))
    assert not Post.objects.get(pk=post.pk).needs_review


def test_a_link_that_leads_elsewhere_needs_another_check(editor, post):
    link = '<p>Read <a href="https://{}.example/dose">how much</a> to take.</p>'
    store(post, body=link.format("one"))
    refused = save(editor, post, body=link.format("other"), is_typo_fix="on")
    assert "a link" in str(refused.context["adminform"].form.errors)
    save(editor, post, body=link.format("other"))
    assert Post.objects.get(pk=post.pk).needs_review


def test_a_link_to_a_page_of_ours_that_got_a_new_address_needs_none(editor, post):
    other = Post.objects.exclude(pk=post.pk).first()
    store(post, body=f'<p>Read <a href="{other.get_absolute_url()}">more on it</a>.</p>')
    Post.objects.filter(pk=other.pk).update(slug="moved")
    save(editor, post)
    assert not Post.objects.get(pk=post.pk).needs_review


def test_an_approval_sets_who_and_when_and_takes_the_mark_away(robin, editor, post):
    save(editor, post, body="<p>Take two a day.</p>")
    today = timezone.localdate()
    answer = review(robin, post, "approve", text="Good now.")
    assert "Approved." in answer.text
    stored = Post.objects.get(pk=post.pk)
    assert (stored.reviewer, stored.reviewed_on) == (post.reviewer, today)
    assert stored.review_due_on == today + timedelta(days=365)
    assert not stored.needs_review
    assert Version.objects.for_object(post).first().words == "Reviewed and approved"
    page = editor.get(address(Post, "review", post.pk)).text
    assert "robin" in page
    assert "Good now." in page


def test_who_wrote_it_may_check_it_and_the_page_says_so(robin, post):
    store(post, author=post.reviewer)
    review(robin, post, "approve", review_due_on=timezone.localdate() + timedelta(days=90))
    assert Post.objects.get(pk=post.pk).review_due_on == timezone.localdate() + timedelta(days=90)
    assert "Written and checked by" in robin.get(post.get_absolute_url()).text


def test_no_text_is_approved_that_was_not_read(robin, editor, post):
    page = address(Post, "review", post.pk)
    form = robin.get(page).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields} | {"act": "approve"}
    save(editor, post, body="<p>Something new.</p>")
    assert "Please read it again before approving." in robin.post(page, typed, follow=True).text
    assert Post.objects.get(pk=post.pk).needs_review


@pytest.mark.parametrize("day", ["", "2020-01-01", "9999-01-01", "soon"])
def test_an_approval_with_a_wrong_day_keeps_what_was_typed(robin, post, day):
    answer = review(robin, post, "approve", text="Kept words", review_due_on=day)
    assert answer.context["form"].errors["review_due_on"]
    assert "Kept words" in answer.text
    assert Post.objects.get(pk=post.pk).reviewed_on == post.reviewed_on


def test_an_editor_comments_and_approves_nothing(editor, post):
    assert "Approve this text" not in editor.get(address(Post, "review", post.pk)).text
    review(editor, post, "approve", text="I say so")
    assert Post.objects.get(pk=post.pk).reviewed_on == post.reviewed_on
    answer = review(editor, post, "comment", text="<b>Please</b> look")
    assert "&lt;b&gt;Please&lt;/b&gt; look" in answer.text
    assert review(editor, post, "comment").context["form"].errors


@pytest.mark.parametrize("values", [{"college": "none"}, {"trashed_at": timezone.now()}])
def test_somebody_of_no_college_or_in_the_bin_approves_nothing(robin, post, values):
    store(post.reviewer, **values)
    assert "Approve this text" not in robin.get(address(Post, "review", post.pk)).text
    review(robin, post, "approve")
    assert Post.objects.get(pk=post.pk).reviewed_on == post.reviewed_on


def test_a_draft_is_shown_by_a_link_for_a_week_and_no_longer(editor, post, time_machine):
    store(post, status="draft", title="Marker draft")
    assert "Create link" in editor.get(address(Post, "review", post.pk)).text
    answer = review(editor, post, "share")
    url = answer.context["links"][0].url
    assert url in answer.text
    anyone = Client()
    page = anyone.get(url)
    assert "<h1>Marker draft</h1>" in page.text
    assert "This draft is not published." in page.text
    assert page["Cache-Control"] == "private, no-store"
    assert page["X-Robots-Tag"] == "noindex"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert not page.cookies
    assert anyone.get(post.get_absolute_url()).status_code == 404
    time_machine.move_to(timezone.now() + timedelta(days=7, seconds=1))
    assert anyone.get(url).status_code == 404


def test_a_link_shows_nothing_that_is_in_the_bin(editor, post):
    url = review(editor, post, "share").context["links"][0].url
    post.move_to_trash()
    assert Client().get(url).status_code == 404
    post.restore_from_trash()
    assert Client().get(url).status_code == 200


def test_a_link_is_revoked_and_cannot_be_guessed(editor, post):
    link = review(editor, post, "share").context["links"][0]
    anyone = Client()
    for token in (f"{link.pk}:forged", str(link.pk), "x", ":", f"{link.pk + 1}:{link.url[-30:-1]}"):
        assert anyone.get(f"/preview/{token}/").status_code == 404
    review(editor, post, "revoke", link=link.pk)
    assert anyone.get(link.url).status_code == 404


def test_who_may_not_see_a_text_sees_no_review(client, post):
    user = User.objects.create_user("kim", is_staff=True)
    user.groups.add(Group.objects.get(name="Front desk"))
    client.force_login(user)
    for name in ("review", "saved"):
        assert client.get(address(Post, name, post.pk)).status_code == 403
        assert client.post(address(Post, name, post.pk), {"act": "share"}).status_code == 403


def test_the_page_as_saved_stands_in_our_frame(editor, post):
    page = editor.get(address(Post, "saved", post.pk))
    assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
    assert f"<h1>{post.title}</h1>" in page.text


def test_reminders_go_out_a_month_ahead_and_when_due_once_each(robin, post, mailoutbox):
    due_on = timezone.localdate() + timedelta(days=30)
    for day, subjects in ((due_on, 1), (due_on, 1), (timezone.localdate(), 2)):
        store(post, review_due_on=day)
        remind_of_reviews()
        assert len(mailoutbox) == subjects
    mail = mailoutbox[0]
    assert mail.subject == "Website: 1 text needs a review"
    assert address(Post, "review", post.pk) in mail.body
    assert set(mail.to) == {"frontdesk@clinic.example", "robin@clinic.example"}
    assert "Due now" in mailoutbox[1].body


def test_a_mail_server_that_is_away_loses_no_reminder(post, mailoutbox, settings):
    store(post, review_due_on=timezone.localdate())
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(OSError, match="refused"):
        remind_of_reviews()
    settings.EMAIL_BACKEND = backend
    assert remind_of_reviews() == 1
    assert [mail.subject for mail in mailoutbox] == ["Website: 1 text needs a review"]
