"""Checks of a text: the panel, what stops publishing, and the log of what was decided."""

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.models import Post
from clinic_site.models import Page, Version
from services.compliance import rules as college_rules
from services.compliance.readability import on_search_result, suggestions_on
from services.compliance.texts import Text
from services.models import FlaggedPhrase, Practitioner, Service
from tests.test_admin import address, form_page, typed_in
from tests.test_history_admin import restore, undo

pytestmark = pytest.mark.usefixtures("sample_site")
Decision = FlaggedPhrase.Decision
PROMISE = "<p>We guarantee that it helps.</p>"


def sign_in(client, name, group):
    user = User.objects.create_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    return client


@pytest.fixture
def editor(client):
    return sign_in(client, "kim", "Editor")


@pytest.fixture
def owner(client):
    return sign_in(client, "alex", "Owner")


@pytest.fixture
def post():
    return Post.objects.get(slug="what-is-dry-needling")


def save(browser, row, **typed):
    page = address(type(row), "change", row.pk)
    return browser.post(page, typed_in(form_page(browser, page)) | typed)


def panel(browser, row, **typed):
    form = typed_in(form_page(browser, address(type(row), "change", row.pk)))
    return browser.post(address(type(row), "checks", row.pk), form | typed)


def log():
    return list(FlaggedPhrase.objects.order_by("pk").values_list("phrase", "decision", "reason"))


# What stops


def test_a_promise_stops_publishing_beside_its_field_and_keeps_what_was_typed(editor, post):
    answer = save(editor, post, body=PROMISE)
    (words,) = answer.context["adminform"].form.errors["body"]
    assert "“guarantee”" in words
    assert "Advertising and Marketing Standard, in force 1 May 2025" in words
    assert "ask an owner" in words
    assert "We guarantee that it helps." in answer.text
    post.refresh_from_db()
    assert "guarantee" not in post.body


def test_the_place_for_a_reason_is_open_once_a_save_was_stopped(owner, post):
    is_open = '<details class="checks__decision" open>'
    assert is_open in save(owner, post, body=PROMISE).text
    assert is_open not in save(owner, post, body=PROMISE, status="draft", title="").text
    assert is_open not in owner.get(address(Post, "change", post.pk)).text


def test_a_draft_may_say_anything_and_the_log_says_that_it_does(editor, post):
    assert save(editor, post, body=PROMISE, status="draft").status_code == 302
    assert log() == [("guarantee", Decision.OPEN, "")]


def test_an_owner_publishes_it_with_a_reason_that_is_logged_with_who_and_when(owner, post):
    assert save(owner, post, body=PROMISE).context["adminform"].form.errors["body"]
    reason = "It is the name of a program."
    assert save(owner, post, body=PROMISE, college_reason=reason).status_code == 302
    (one,) = FlaggedPhrase.objects.all()
    assert (one.rule, one.decision, one.reason) == ("pt-guarantee", Decision.APPROVED, reason)
    assert (one.by_name, one.where, one.title) == ("alex", "Text", post.title)
    assert one.decided_at
    assert one.rules_of == college_rules.version()
    shown = owner.get(address(FlaggedPhrase, "change", one.pk)).text
    assert reason in shown
    assert "College of Physiotherapists of Ontario" in shown


def test_a_decision_holds_for_that_phrase_in_that_text_alone(owner, post):
    save(owner, post, body=PROMISE, college_reason="It is a name.")
    assert save(owner, post, body=f"{PROMISE}<p>More.</p>").status_code == 302
    assert "Published anyway by alex" in panel(owner, post).text
    other = Post.objects.exclude(pk=post.pk).first()
    assert save(owner, other, body=PROMISE).status_code == 200
    again = f"{PROMISE}<p>Priya is a specialist.</p>"
    assert "specialist" in str(save(owner, post, body=again).context["adminform"].form.errors)


def test_a_decision_holds_for_the_sentence_as_it_stands_and_for_no_other(client, post):
    reason = {"college_reason": "It quotes a patient’s hope."}
    quoted = "<p>Read on. We guarantee\nthat it helps. More.</p>"
    save(sign_in(client, "alex", "Owner"), post, body=quoted, **reason)
    editor = sign_in(client, "kim", "Editor")
    assert save(editor, post, body=quoted.replace("\n", "  ").upper()).status_code == 302
    worse = quoted + "<p>We guarantee a cure.</p>"
    for typed in ({"body": worse}, {"body": "<p>We guarantee a cure.</p>"}):
        assert "“guarantee”" in str(save(editor, post, **typed).context["adminform"].form.errors)
    elsewhere = {"body": quoted, "summary": "We guarantee that it helps."}
    assert set(save(editor, post, **elsewhere).context["adminform"].form.errors) == {"summary"}
    post.refresh_from_db()
    assert "cure" not in post.body
    (one,) = FlaggedPhrase.objects.approved()
    assert one.sentence == "We guarantee that it helps."
    assert one.sentence in editor.get(address(FlaggedPhrase, "changelist")).text


def test_an_editor_s_reason_counts_for_nothing(editor, post):
    assert save(editor, post, body=PROMISE, college_reason="I say so").status_code == 200
    assert "college_reason" not in editor.get(address(Post, "change", post.pk)).text
    assert not log()


def test_history_brings_no_promise_back_to_a_public_page(owner, post):
    body = post.body
    save(owner, post, body=body + PROMISE, status="draft")
    version = Version.objects.for_object(post).first()
    save(owner, post, body=body, status="published")
    answer = restore(owner, post, version)
    assert "“guarantee”" in answer.text
    assert "Unpublish the page first" in answer.text
    post.refresh_from_db()
    assert post.body == body
    save(owner, post, status="draft")
    restore(owner, post, version)
    post.refresh_from_db()
    assert post.body == body + PROMISE
    assert log()[-1] == ("guarantee", "open", "")


def test_undo_publishes_no_promise(owner, post):
    body = post.body
    save(owner, post, body=body + PROMISE, college_reason="It quotes the rule.")
    FlaggedPhrase.objects.all().delete()
    save(owner, post, body=body, status="draft")
    assert "“guarantee”" in undo(owner, post).text
    post.refresh_from_db()
    assert (post.body, post.status) == (body, "draft")


def test_a_phrase_that_is_taken_out_is_logged_as_gone_and_found_anew(owner, post):
    save(owner, post, body=PROMISE, college_reason="It is a name.")
    save(owner, post, body="<p>It may help.</p>")
    assert log() == [("guarantee", Decision.GONE, "It is a name.")]
    assert save(owner, post, body=PROMISE).status_code == 200


def test_a_warning_stops_nothing_and_is_logged_as_published(editor, post):
    assert save(editor, post, body="<p>The best clinic in Markham.</p>").status_code == 302
    assert log() == [("The best clinic in Markham", Decision.WARNED, "")]


def test_a_service_s_questions_are_looked_at_too(editor):
    service = Service.objects.get(slug="after-surgery")
    answer = save(editor, service, **{"questions-0-answer": "We guarantee it."})
    (words,) = answer.context["adminform"].form.non_field_errors()
    assert words.startswith("Questions patients ask: “guarantee”")
    gone = {"questions-0-answer": "We guarantee it.", "questions-0-DELETE": "on"}
    assert save(editor, service, **gone).status_code == 302


@pytest.mark.parametrize(
    ("row", "forged"),
    [
        (0, {"questions-0-DELETE": "false"}),  # to a form that is no
        (300, {"questions-TOTAL_FORMS": "301"} | {f"questions-{n}-order": "0" for n in range(300)}),
    ],
)
def test_no_row_that_is_saved_is_passed_over(editor, row, forged):
    service = Service.objects.get(slug="after-surgery")
    typed = {f"questions-{row}-question": "Does it help?", f"questions-{row}-order": "9"}
    typed[f"questions-{row}-answer"] = "We guarantee it."
    assert save(editor, service, **typed, **forged).status_code == 200
    assert not service.questions.filter(answer__contains="guarantee").exists()


@pytest.mark.parametrize("total", ["9" * 9, "9" * 5000])
def test_a_forged_number_of_rows_costs_nothing(editor, total):
    service = Service.objects.get(slug="after-surgery")
    assert panel(editor, service, **{"questions-TOTAL_FORMS": total}).status_code == 200


def test_pages_and_people_are_checked_like_articles(owner):
    page = Page.objects.get(slug="about")
    assert save(owner, page, body="<p>Dr. Priya Sample is here.</p>").status_code == 200
    person = Practitioner.objects.get(slug="priya-sample")
    typed = {"is_active": "on", "is_sample": "on", "biography": "<p>A knee specialist.</p>"}
    assert save(owner, person, **typed).status_code == 200
    typed["biography"] = "<p>She sees people with sore knees.</p>"
    assert save(owner, person, **typed).status_code == 302


@pytest.mark.parametrize(
    "body",
    [
        "<blockquote><p>I could sleep again after one hour.</p><p>Jane Doe</p></blockquote>",
        "<blockquote><p>The hour flew by.</p></blockquote><p>– Jane D., Markham</p>",
        "<blockquote><p>I feel lighter.<br>A client of Omar</p></blockquote>",
        "<p>« Je dors mieux. » – Luc B.</p>",
        "<h2>How Peter beat his back pain</h2>",
    ],
)
def test_a_testimonial_stops_beside_massage_and_warns_beside_physiotherapy(editor, body):
    massage = Service.objects.get(slug="massage-therapy")
    (words,) = (
        save(editor, massage, body=body, reviewer="").context["adminform"].form.errors["body"]
    )
    assert "O. Reg. 544/94, clause 6 (2) (d)" in words
    assert "a friend or a relative" in words
    assert save(editor, Service.objects.get(slug="after-surgery"), body=body).status_code == 302
    assert {one[1] for one in log()} == {Decision.WARNED}


def test_a_massage_therapist_s_own_page_takes_no_testimonial(owner):
    person = Practitioner.objects.get(slug="omar-sample")
    typed = {"is_active": "on", "is_sample": "on", "summary": "“I walk again!” – Ann B."}
    assert "summary" in save(owner, person, **typed).context["adminform"].form.errors


def test_a_quote_that_is_no_praise_is_published_beside_massage(editor):
    massage = Service.objects.get(slug="massage-therapy")
    body = "<blockquote><p>Move every day.</p><p>Canadian guideline</p></blockquote>"
    assert save(editor, massage, body=body, reviewer="").status_code == 302


# Whose rules


def test_the_rules_are_those_of_the_people_a_page_is_about(owner):
    names = {"pt": "College of Physiotherapists", "mt": "College of Massage Therapists"}
    typed = {"summary": "See what our patients say."}
    shown = panel(owner, Service.objects.get(slug="massage-therapy"), reviewer="", **typed).text
    assert names["mt"] in shown
    assert names["pt"] not in shown
    shown = panel(owner, Service.objects.get(slug="after-surgery"), **typed).text
    assert names["pt"] in shown
    assert names["mt"] not in shown
    shown = panel(owner, Page.objects.get(slug="about"), **typed).text
    assert names["pt"] in shown
    assert names["mt"] in shown


# The panel


def test_the_panel_stands_in_the_form_without_any_script(editor, post):
    text = editor.get(address(Post, "change", post.pk)).text
    assert 'id="checks-title"' in text
    assert "In search results" in text
    assert 'id="checks-title"' in editor.get(address(Post, "add")).text


def test_the_panel_says_what_is_typed_and_keeps_nothing(editor, post):
    body = '<h3>Small</h3><p>Please <a href="/fees/">click here</a>, prior to your visit.</p>'
    shown = panel(editor, post, body=body + PROMISE).text
    for words in (
        "“guarantee”",
        "You can’t publish this yet.",
        "College of Physiotherapists of Ontario, Advertising and Marketing Standard",
        "small heading without a large one above it",
        "The link “click here” does not say where it leads.",
        "“prior to” is a hard word. Try: before.",
    ):
        assert words in shown, words
    assert "complian" not in shown.lower()
    post.refresh_from_db()
    assert "guarantee" not in post.body
    assert not log()


def test_the_panel_says_which_part_it_could_not_read(editor, post):
    body = "<p>We speak Spanish.</p><p>Garantizamos que su dolor desaparece con una visita.</p>"
    shown = panel(editor, post, body=body)
    assert "Not checked: “Garantizamos que su dolor" in shown.text
    assert "The rules know English and French." in shown.text
    number = shown.context["checks"].number
    assert (
        number == panel(editor, post, body="<p>We speak Spanish.</p>").context["checks"].number + 1
    )


def test_a_missing_source_is_noted_until_one_is_typed(editor, post):
    gone = {f"sources-{number}-DELETE": "on" for number in range(post.sources.count())}
    assert "has no sources" in panel(editor, post, **gone).text
    assert "has no sources" not in panel(editor, post).text


@pytest.mark.parametrize(
    "typed", [{"body": "", "title": ""}, {"publish_at": "x"}, {"questions-TOTAL_FORMS": "x"}]
)
def test_the_panel_copes_with_an_unfinished_form(editor, post, typed):
    assert panel(editor, post, **typed).status_code == 200
    assert editor.post(address(Post, "checks_new"), typed).status_code == 200


def test_only_who_may_save_a_text_has_it_checked(client, post):
    page = address(Post, "checks", post.pk)
    assert client.post(page).status_code == 302
    desk = sign_in(client, "robin", "Front desk")
    assert desk.post(page).status_code == 403
    assert desk.post(address(Post, "checks_new")).status_code == 403
    assert desk.get(page).status_code == 405


def test_a_checked_form_asks_as_often_however_much_it_says(editor, post):
    def queries(body):
        with CaptureQueriesContext(connection) as asked:
            assert panel(editor, post, body=body).status_code == 200
        return len(asked)

    queries("<p>One.</p>")
    assert queries(PROMISE) == queries((PROMISE + "<h3>A</h3>") * 30)


# Notes for readers


def notes(html="", words=""):
    return [note.words for note in suggestions_on([Text("body", "Text", words, html)])]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<h3>A</h3><h2>B</h2>", ["“A” is a small heading without a large one above it."]),
        ("<h2>B</h2><h3>A</h3>", []),
        ("<h2> </h2>", ["A heading is empty."]),
        ('<a href="/a">Read more…</a>', ["The link “Read more…” does not say where it leads."]),
        (
            '<a href="/a">https://clinic.example/</a>',
            ["The link “https://clinic.example/” does not say where it leads."],
        ),
        ('<a href="/a"></a>', ["A link has no words."]),
        ('<a href="/a">Our fees</a>', []),
        ('<img alt="A_1.JPG" data-file="1">', ["The alt text “A_1.JPG” is a file’s name."]),
        ('<img alt="photo 12" data-file="1">', ["The alt text “photo 12” is a file’s name."]),
        ('<img alt="A bent knee" data-file="1">', []),
    ],
)  # fmt: skip
def test_notes_on_headings_links_and_pictures(html, expected):
    assert notes(html) == expected


def test_notes_on_long_sentences_name_the_first_and_count_the_rest():
    long = "word " * 25 + "word"
    assert notes(words=long + ".") == ["“word word word word word word word word …” has 26 words."]
    assert notes(words="word " * 25) == []
    assert notes(words=f"{long}. " * 7)[-1] == "2 more long sentences."
    assert notes(words="One line of a list\n" * 9) == []


def test_what_is_to_look_at_is_told_once_with_how_often_and_where(editor, post):
    link = '<p>For our prices <a href="/fees/">click here</a>.</p>'
    urgent = "We guarantee it."
    shown = panel(editor, post, body=link * 3 + PROMISE * 2, urgent_care=urgent)
    checks = shown.context["checks"]
    assert shown.text.count("The link “click here” does not say") == 1
    (note,) = [one for one in checks.notes if "click here" in one.words]
    assert (note.count, note.where) == (3, "Text")
    (fault,) = checks.faults
    assert (fault.count, fault.where) == (3, "Text, When to seek urgent care")
    assert shown.text.count("“guarantee”") == 1
    assert shown.text.count(" 3 times") == 2
    assert checks.number == 1 + len(checks.notes)


def test_what_two_colleges_say_of_a_phrase_is_one_entry_with_both_rules(owner):
    shown = panel(owner, Page.objects.get(slug="about"), summary="We guarantee it.")
    (fault,) = shown.context["checks"].faults
    assert fault.count == 1
    assert {rule.college for rule in fault.rules} == {"physiotherapists", "massage_therapists"}
    assert "College of Physiotherapists" in shown.text
    assert "College of Massage Therapists" in shown.text
    assert " 1 times" not in shown.text


def test_what_is_decided_stands_apart_from_what_is_open(owner, post):
    save(owner, post, body=PROMISE, college_reason="It is a name.")
    shown = panel(owner, post, body=PROMISE + "<p>We guarantee a smile.</p>")
    assert [(one.count, one.stops) for one in shown.context["checks"].faults] == [
        (1, False),
        (1, True),
    ]


def test_a_save_is_refused_for_the_same_words_once(editor, post):
    errors = save(editor, post, body=PROMISE * 3).context["adminform"].form.errors
    assert len(errors["body"]) == 1


@pytest.mark.parametrize(
    "start", ["Dr. Sample said", "J. Sample said", "Walk, e.g. daily,", "Walk vs. run", "No. 5 is"]
)
def test_no_sentence_ends_at_a_short_form(start):
    assert notes(words=f"{start} {'word ' * 20}end. Next.") == []
    (note,) = notes(words=f"{start} {'word ' * 24}end. Next.")
    assert note.startswith(f"“{start}")


def test_a_hard_word_is_noted_once_with_a_plain_one():
    said = "Utilizing it prior to a walk helps. We utilize it, and assisted walks are utility too."
    words = ("Utilizing", "prior to", "assisted")
    assert notes(words=said) == [f"“{word}” is a hard word." for word in words]


def test_a_long_text_without_headings_is_noted():
    assert notes("<p>x</p>", "Two words. " * 201) == [
        "The text has more than 400 words and no heading."
    ]


@pytest.mark.parametrize(
    ("title", "description", "number"),
    [("T" * 60, "D" * 155, 0), ("T" * 61, "D", 1), ("T", "D" * 156, 1), ("T", "", 1)],
)
def test_lengths_among_search_results(title, description, number):
    assert len(list(on_search_result(title, description))) == number
