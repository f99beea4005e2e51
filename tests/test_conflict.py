"""Two people edit one thing: nobody's text is overwritten unseen, and none is lost."""

from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client

from blog.models import Post, Topic
from clinic_site.models import Version
from tests.test_admin import address, form_page, typed_in

pytestmark = pytest.mark.usefixtures("sample_site")
SOMEBODY = "It was saved while you were writing"


@pytest.fixture
def post():
    return Post.objects.get(slug="what-is-dry-needling")


def editor(name):
    user = User.objects.create_user(name, first_name=name.title(), is_staff=True)
    user.groups.add(Group.objects.get(name="Editor"))
    browser = Client()
    browser.force_login(user)
    return browser


class Form:
    """One person's form of a row, opened and not sent yet."""

    def __init__(self, browser, row):
        self.browser, self.page = browser, address(type(row), "change", row.pk)
        opened = form_page(browser, self.page)
        self.typed = typed_in(opened) | {"_version": opened.context_data["version"]}

    def send(self, **typed):
        self.typed |= typed
        return self.browser.post(self.page, self.typed)


@pytest.fixture
def forms(post):
    """The forms of two people who opened the same article."""
    return [Form(editor(name), post) for name in ("alex", "blair")]


def told(changes):
    """Return Changes as {label: pieces}."""
    return {change.label: change.pieces for change in changes}


def test_the_second_sees_who_changed_what_and_what_saving_would_change(forms, post):
    Post.objects.filter(pk=post.pk).update(body="<p>Needles are thin.</p>", title="Old")
    alex, blair = (Form(form.browser, post) for form in forms)
    written = {"body": "<p>Needles are very thin &amp; clean.</p>", "is_typo_fix": "on"}
    assert alex.send(**written).status_code == 302
    answer = blair.send(body="<p>By Blair</p>", title="Blair’s title")
    assert SOMEBODY in answer.text
    (save,) = answer.context["saves"]
    assert save["sentence"].startswith("Alex saved it on")
    assert save["words"] == ["Text"]
    # One way to show differences: these are history's own pieces, and its fragment.
    assert told(answer.context["theirs"]) == {
        "Text": [
            ("same", "Needles are "),
            ("removed", "thin."),
            ("added", "very thin & clean."),
        ]
    }
    assert "<del>thin.</del><ins>very thin &amp; clean.</ins>" in answer.text
    assert told(answer.context["mine"]) == {
        "Title": [("removed", "Old"), ("added", "Blair’s title")],
        "Text": [("removed", "Needles are very thin & clean."), ("added", "By Blair")],
    }
    assert "admin/_changes.html" in [template.name for template in answer.templates]
    assert typed_in(answer)["body"] == "<p>By Blair</p>"
    assert typed_in(answer)["title"] == "Blair’s title"
    post.refresh_from_db()
    assert post.body == "<p>Needles are very thin &amp; clean.</p>"
    # Pressing Save again is no choice.
    assert SOMEBODY in blair.send().text


def test_the_second_may_save_theirs_anyway_and_the_first_is_in_the_history(forms, post):
    alex, blair = forms
    alex.send(body="<p>By Alex</p>")
    last = blair.send(body="<p>By Blair</p>").context["last"]
    assert blair.send(_replace_version=last.pk).status_code == 302
    post.refresh_from_db()
    assert post.body == "<p>By Blair</p>"
    assert [version.by_name for version in Version.objects.of(post)[:2]] == ["Blair", "Alex"]


def test_a_choice_counts_for_what_was_shown_alone(forms, post):
    alex, blair = forms
    alex.send(summary="First")
    last = blair.send(summary="Mine").context["last"]
    other = Form(alex.browser, post)
    assert other.send(summary="Second").status_code == 302
    answer = blair.send(_replace_version=last.pk)
    assert told(answer.context["mine"])["Summary"] == [("removed", "Second"), ("added", "Mine")]


def test_rows_and_links_of_the_thing_count_too(forms, post):
    alex, blair = forms
    services = alex.typed["services"]
    source = {"sources-0-title": "Alex’s source", "is_typo_fix": "on"}
    alex.send(services=services[:1], **source)
    context = blair.send(title="New").context
    both = {"Related services", "Sources the article rests on"}
    assert set(told(context["theirs"])) == both
    assert set(told(context["mine"])) == both | {"Title"}


def test_ends_of_lines_as_a_browser_sends_them_are_no_difference(post):
    lines = {"summary": "One\ntwo", "urgent_care": "Three\n\nfour"}
    Post.objects.filter(pk=post.pk).update(**lines)
    alex, blair = (Form(editor(name), post) for name in ("alex", "blair"))
    alex.send(title="New")
    sent = {name: text.replace("\n", "\r\n") for name, text in lines.items()}
    answer = blair.send(urgent_care=sent["urgent_care"], summary=sent["summary"] + "!")
    assert set(told(answer.context["mine"])) == {"Title", "Summary"}


def test_what_cannot_be_saved_as_typed_is_told_beside_its_field_and_kept(forms):
    alex, blair = forms
    alex.send(title="New")
    answer = blair.send(publish_at="soon", **{"sources-0-year": "long ago"})
    assert SOMEBODY in answer.text
    assert set(told(answer.context["mine"])) == {"Title"}
    assert typed_in(answer)["publish_at"] == "soon"
    assert 'value="long ago"' in answer.text


def test_each_of_several_saves_is_told_and_the_differences_once(forms, post):
    alex, blair = forms
    alex.send(title="One", is_typo_fix="on")
    Form(alex.browser, post).send(title="Two", summary="Short", is_typo_fix="on")
    answer = blair.send()
    assert [save["words"] for save in answer.context["saves"]] == [["Title", "Summary"], ["Title"]]
    assert told(answer.context["theirs"])["Title"][-1] == ("added", "Two")


def test_one_person_in_two_windows_is_told_too(post):
    browser = editor("alex")
    first, second = Form(browser, post), Form(browser, post)
    first.send(title="One")
    assert "In another window you saved it" in second.send(title="Two").text


def test_saving_twice_what_was_typed_wrong_is_no_conflict(forms):
    _, blair = forms
    answer = blair.send(title="")
    assert SOMEBODY not in answer.text
    assert blair.send(title="Now right", _version=answer.context["version"]).status_code == 302


@pytest.mark.parametrize("version", ["0", "x", "9" * 30, "-1", ""])
def test_a_form_with_a_version_that_never_was_is_no_silent_overwrite(forms, version):
    answer = forms[0].send(title="New", _version=version)
    assert SOMEBODY in answer.text


def test_an_unchanged_save_in_between_is_no_conflict(forms):
    alex, blair = forms
    assert alex.send().status_code == 302
    assert blair.send(title="New").status_code == 302


def test_a_row_that_the_first_deleted_comes_back_with_the_second_s_text(forms, post):
    alex, blair = forms
    assert post.sources.count() > 1
    alex.send(**{"sources-0-DELETE": "on"})
    answer = blair.send(**{"sources-0-title": "Blair’s source"})
    last = answer.context["last"]
    assert SOMEBODY in answer.text
    assert "Blair’s source" in answer.text
    count = post.sources.count()
    assert blair.send(_replace_version=last.pk).status_code == 302
    assert post.sources.count() == count + 1
    assert post.sources.filter(title="Blair’s source").exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_is_told():
    topic, barrier, statuses = Topic.objects.create(title="A", slug="a"), Barrier(2), []
    forms = []
    for name in ("alex", "blair"):
        browser = Client()
        browser.force_login(User.objects.create_superuser(name))
        forms.append(Form(browser, topic))

    def save(form, words):
        barrier.wait()
        statuses.append(form.send(description=words).status_code)
        connection.close()

    threads = [Thread(target=save, args=pair) for pair in zip(forms, "xy", strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 302]
