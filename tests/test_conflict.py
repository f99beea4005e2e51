"""Two people edit one thing: nobody's text is overwritten unseen, and none is lost."""

from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client

from blog.models import Post, Topic
from clinic_site.models import Page, Version
from contact.models import Clinic, Location
from services.colleges import RosteredAct
from services.models import Practitioner, Service
from tests.test_admin import address, form_page, typed_in

pytestmark = pytest.mark.usefixtures("sample_site")
SOMEBODY = "Somebody saved this while you were writing"


@pytest.fixture
def post():
    return Post.objects.get(slug="what-is-dry-needling")


def client_of(user):
    browser = Client()
    browser.force_login(user)
    return browser


def editor(name):
    user = User.objects.create_user(name, first_name=name.title(), is_staff=True)
    user.groups.add(Group.objects.get(name="Editor"))
    return client_of(user)


class Form:
    """One person's form of a row, opened and not sent yet."""

    def __init__(self, browser, row):
        self.browser, self.page = browser, address(type(row), "change", row.pk)
        opened = form_page(browser, self.page)
        self.typed = typed_in(opened) | {"_version": opened.context_data["version"]}

    def send(self, **typed):
        self.typed |= typed
        return self.browser.post(self.page, self.typed)

    def choose(self, answer, *theirs, **typed):
        """Press the button of a page that told of another save, the page's form as it came."""
        choices = {f"_choice-{one['theirs'].name}": "mine" for one in answer.context["contested"]}
        choices |= {f"_choice-{name}": "theirs" for name in theirs}
        self.typed = typed_in(answer) | choices | {"_version": answer.context["version"]}
        return self.send(_replace_version=answer.context["replaces"], **typed)


@pytest.fixture
def forms(post):
    """The forms of two people who opened the same article."""
    return [Form(editor(name), post) for name in ("alex", "blair")]


@pytest.fixture
def topic():
    return Topic.objects.first()


@pytest.fixture
def topic_forms(topic):
    """The forms of two people who opened the same topic, which is saved quickly."""
    return [Form(editor(name), topic) for name in ("alex", "blair")]


def told(changes):
    """Return Changes as {label: pieces}."""
    return {change.label: change.pieces for change in changes}


def test_the_second_sees_who_changed_what_and_what_both_did(forms, post):
    Post.objects.filter(pk=post.pk).update(body="<p>Needles are thin.</p>", title="Old")
    alex, blair = (Form(form.browser, post) for form in forms)
    written = {"body": "<p>Needles are very thin &amp; clean.</p>", "is_typo_fix": "on"}
    assert alex.send(**written).status_code == 302
    answer = blair.send(body="<p>Needles are thin by Blair.</p>", title="Blair’s title")
    assert SOMEBODY in answer.text
    (save,) = answer.context["saves"]
    assert save["sentence"].startswith("Alex saved it on")
    assert save["words"] == ["Text"]
    # One way to show differences: these are history's own pieces, and its fragment.
    (both,) = answer.context["contested"]
    assert both["theirs"].label == "Text"
    assert both["theirs"].pieces == [
        ("same", "Needles are "),
        ("removed", "thin."),
        ("added", "very thin & clean."),
    ]
    assert both["mine"].pieces == [
        ("same", "Needles are "),
        ("removed", "thin."),
        ("added", "thin by Blair."),
    ]
    assert "<del>thin.</del><ins>very thin &amp; clean.</ins>" in answer.text
    assert "Keep Alex’s" in answer.text
    assert told(answer.context["mine"]) == {
        "Title": [("removed", "Old"), ("added", "Blair’s title")]
    }
    assert not answer.context["theirs"]
    assert typed_in(answer)["body"] == "<p>Needles are thin by Blair.</p>"
    assert typed_in(answer)["title"] == "Blair’s title"
    post.refresh_from_db()
    assert post.body == "<p>Needles are very thin &amp; clean.</p>"
    # Pressing Save again is no choice.
    assert SOMEBODY in blair.send().text


def test_of_what_both_changed_hers_is_saved_unless_she_chooses_otherwise(forms, post):
    alex, blair = forms
    alex.send(body="<p>By Alex</p>", summary="By Alex", title="By Alex")
    answer = blair.send(body="<p>By Blair</p>", summary="By Blair", title="By Blair")
    assert [one["is_theirs"] for one in answer.context["contested"]] == [False] * 3
    assert blair.choose(answer, "summary").status_code == 302
    post.refresh_from_db()
    assert post.body == "<p>By Blair</p>"
    assert (post.summary, post.title) == ("By Alex", "By Blair")
    assert [version.by_name for version in Version.objects.for_object(post)[:2]] == [
        "Blair",
        "Alex",
    ]


def test_what_only_the_first_changed_stays_without_a_choice(forms, post):
    alex, blair = forms
    services = alex.typed["services"]
    source = {"sources-0-title": "Alex’s source"}
    alex.send(summary="By Alex", services=services[:1], **source)
    answer = blair.send(title="By Blair")
    assert not answer.context["contested"]
    assert "Save both" in answer.text
    kept = {"Summary", "Related services", "Sources"}
    assert kept <= set(told(answer.context["theirs"]))
    assert set(told(answer.context["mine"])) == {"Title"}
    # The form holds it now, so that saving it in any way keeps it.
    blair.typed = typed_in(answer) | {"_version": answer.context["version"]}
    assert blair.send().status_code == 302
    post.refresh_from_db()
    assert (post.title, post.summary) == ("By Blair", "By Alex")
    assert [one.pk for one in post.services.all()] == services[:1]
    assert post.sources.filter(title="Alex’s source").count() == 1


def test_a_box_only_the_first_unticked_stays_so(post):
    practitioner = post.author
    alex, blair = (
        Form(client_of(User.objects.create_superuser(name)), practitioner)
        for name in ("alex", "blair")
    )
    del alex.typed["accepts_new_patients"]
    assert alex.send().status_code == 302
    answer = blair.send(languages="English, French")
    assert blair.choose(answer).status_code == 302
    practitioner.refresh_from_db()
    assert not practitioner.accepts_new_patients
    assert practitioner.languages == "English, French"


def test_what_both_changed_alike_is_no_choice(forms, post):
    alex, blair = forms
    source = {
        "sources-TOTAL_FORMS": int(alex.typed["sources-TOTAL_FORMS"]) + 1,
        **{
            f"sources-{alex.typed['sources-TOTAL_FORMS']}-{name}": value
            for name, value in {"title": "Both", "publisher": "B", "year": 2020, "order": 9}.items()
        },
    }
    alex.send(title="Alike", **source)
    answer = blair.send(title="Alike", **source)
    assert not answer.context["contested"]
    assert blair.choose(answer).status_code == 302
    assert post.sources.filter(title="Both").count() == 1


def test_a_choice_counts_for_what_was_shown_alone(forms, post):
    alex, blair = forms
    alex.send(summary="First")
    shown = blair.send(summary="Mine")
    other = Form(alex.browser, post)
    assert other.send(summary="Second").status_code == 302
    answer = blair.choose(shown, "summary")
    (both,) = answer.context["contested"]
    assert both["theirs"].pieces[-1] == ("added", "Second")
    assert both["mine"].pieces[-1] == ("added", "Mine")
    assert both["is_theirs"]  # as she had chosen
    assert blair.choose(answer, "summary").status_code == 302
    post.refresh_from_db()
    assert post.summary == "Second"


def test_what_a_third_changes_meanwhile_stays_too(forms, post):
    alex, blair = forms
    alex.send(title="By Alex")
    answer = blair.send(summary="By Blair")
    assert Form(editor("cleo"), post).send(urgent_care="By Cleo").status_code == 302
    answer = blair.choose(answer)
    assert SOMEBODY in answer.text
    assert blair.choose(answer).status_code == 302
    post.refresh_from_db()
    assert (post.title, post.summary, post.urgent_care) == ("By Alex", "By Blair", "By Cleo")


def test_several_who_saved_are_not_called_by_one_name(forms, post):
    alex, blair = forms
    alex.send(title="By Alex")
    Form(editor("cleo"), post).send(summary="By Cleo")
    assert "Keep what is saved now" in blair.send(summary="Blair’s").text


def test_ends_of_lines_as_a_browser_sends_them_are_no_difference(post):
    lines = {"summary": "One\ntwo", "urgent_care": "Three\n\nfour"}
    Post.objects.filter(pk=post.pk).update(**lines)
    alex, blair = (Form(editor(name), post) for name in ("alex", "blair"))
    alex.send(title="New")
    sent = {name: text.replace("\n", "\r\n") for name, text in lines.items()}
    answer = blair.send(urgent_care=sent["urgent_care"], summary=sent["summary"] + "!")
    assert set(told(answer.context["mine"])) == {"Summary"}


def test_what_cannot_be_saved_as_typed_is_told_beside_its_field_and_kept(forms):
    alex, blair = forms
    alex.send(publish_at="2026-01-02T08:00", **{"sources-0-title": "Alex’s"})
    answer = blair.send(publish_at="soon", **{"sources-0-year": "long ago"})
    assert SOMEBODY in answer.text
    names = [one["theirs"].name for one in answer.context["contested"]]
    assert names == ["publish_at", "sources"]
    assert "Correct it before you save." in answer.text
    assert typed_in(answer)["publish_at"] == "soon"
    assert 'value="long ago"' in answer.text
    # Theirs has no error.
    assert blair.choose(answer, "publish_at", "sources").status_code == 302


def test_each_of_several_saves_is_told_and_the_differences_once(forms, post):
    alex, blair = forms
    alex.send(publish_at="2026-01-05T09:00")
    Form(alex.browser, post).send(publish_at="2026-01-06T09:00", seo_title="Short")
    answer = blair.send(seo_title="Blair’s")
    saves = [save["words"] for save in answer.context["saves"]]
    assert saves == [["Publish on", "Search title"], ["Publish on"]]
    assert told(answer.context["theirs"])["Publish on"][-1][0] == "added"


def test_one_person_in_two_windows_is_told_too(topic):
    browser = editor("alex")
    first, second = Form(browser, topic), Form(browser, topic)
    first.send(title="One")
    assert "In another window you saved it" in second.send(title="Two").text


def test_saving_twice_what_was_typed_wrong_is_no_conflict(topic_forms):
    _, blair = topic_forms
    answer = blair.send(title="")
    assert SOMEBODY not in answer.text
    assert blair.send(title="Now right", _version=answer.context["version"]).status_code == 302


def test_a_form_with_a_version_that_never_was_is_no_silent_overwrite(topic):
    form = Form(editor("alex"), topic)
    for version in ("0", "x", "9" * 30, "-1", "", "\0"):
        assert SOMEBODY in form.send(title="New", _version=version).text, version


def test_a_number_longer_than_any_key_is_no_fault(forms):
    alex, blair = forms
    alex.send(title="New")
    assert blair.send(**{"sources-0-id": "9" * 5000}).status_code == 200


def test_an_unchanged_save_in_between_is_no_conflict(topic_forms):
    alex, blair = topic_forms
    assert alex.send().status_code == 302
    assert blair.send(title="New").status_code == 302


def test_a_row_that_the_first_deleted_comes_back_with_the_second_s_text(forms, post):
    alex, blair = forms
    assert post.sources.count() > 1
    alex.send(**{"sources-0-DELETE": "on"})
    answer = blair.send(**{"sources-0-title": "Blair’s source"})
    assert SOMEBODY in answer.text
    assert "Blair’s source" in answer.text
    count = post.sources.count()
    assert blair.choose(answer).status_code == 302
    assert post.sources.count() == count + 1
    assert post.sources.filter(title="Blair’s source").exists()


def test_a_row_that_the_first_deleted_stays_away_where_the_second_left_the_rows_alone(forms, post):
    alex, blair = forms
    count = post.sources.count()
    alex.send(**{"sources-0-DELETE": "on"})
    answer = blair.send(title="By Blair")
    assert not answer.context["contested"]
    assert blair.choose(answer).status_code == 302
    assert post.sources.count() == count - 1


@pytest.mark.parametrize("keeps_theirs", [True, False])
def test_rows_are_chosen_as_a_whole(forms, post, keeps_theirs):
    alex, blair = forms
    number = int(alex.typed["sources-TOTAL_FORMS"])
    new = {"title": "Added by Alex", "publisher": "B", "year": "2020", "order": "9"}
    added = {f"sources-{number}-{name}": value for name, value in new.items()}
    alex.send(**{"sources-TOTAL_FORMS": number + 1}, **added)
    answer = blair.send(**{"sources-0-title": "By Blair"})
    # What choosing hers does is seen in the form: the added row is there, marked to be deleted.
    assert "Added by Alex" in typed_in(answer).values()
    theirs = ["sources"] if keeps_theirs else []
    assert blair.choose(answer, *theirs).status_code == 302
    assert post.sources.filter(title="Added by Alex").exists() == keeps_theirs
    assert post.sources.filter(title="By Blair").exists() != keeps_theirs
    assert post.sources.count() == number + keeps_theirs


def test_a_row_that_both_added_is_there_once(post):
    dave = User.objects.create_superuser("dave")
    one, *_ = Practitioner.objects.filter(rosterings=None)
    alex, blair = (Form(client_of(dave), one) for _ in range(2))
    acts = RosteredAct.values[:2]

    def added(*acts):
        rows = {f"rosterings-{number}-act": act for number, act in enumerate(acts)}
        return rows | {"rosterings-TOTAL_FORMS": len(acts), "rosterings-INITIAL_FORMS": 0}

    assert alex.send(**added(acts[0])).status_code == 302
    answer = blair.send(**added(*reversed(acts)))
    assert [both["theirs"].name for both in answer.context["contested"]] == ["rosterings"]
    assert blair.choose(answer).status_code == 302
    assert sorted(one.rosterings.values_list("act", flat=True)) == sorted(acts)


@pytest.mark.parametrize("model", [Post, Service, Practitioner, Page, Location, Topic, Clinic])
def test_a_form_that_nobody_touched_contests_nothing(model):
    row = model.objects.first()
    alex, blair = (
        Form(client_of(User.objects.create_superuser(name)), row) for name in ("alex", "blair")
    )
    name = {Clinic: "tagline", Location: "nearby", Topic: "description"}.get(model, "summary")
    assert alex.send(**{name: "By Alex"}).status_code == 302
    answer = blair.send()
    assert not answer.context["contested"] + answer.context["mine"]
    last = Version.objects.for_object(row).first()
    assert blair.choose(answer).status_code == 302
    assert Version.objects.for_object(row).first() == last


def test_a_choice_survives_another_error(forms, post):
    alex, blair = forms
    alex.send(summary="By Alex")
    answer = blair.choose(blair.send(summary="By Blair"), "summary", title="")
    assert answer.status_code == 200
    blair.typed = typed_in(answer) | {"_version": answer.context["version"]}
    assert blair.send(title="New").status_code == 302
    post.refresh_from_db()
    assert (post.title, post.summary) == ("New", "By Alex")


def test_who_may_change_the_hours_alone_is_told_of_another_save_too():
    location = Location.objects.get()
    kim = User.objects.create_user("kim", is_staff=True)
    kim.groups.add(Group.objects.get(name="Front desk"))
    other = Form(client_of(User.objects.create_superuser("alex")), location)
    desk = Form(client_of(kim), location)
    assert other.send(**{"weekly_hours-0-opens": "07:00"}).status_code == 302
    answer = desk.send(**{"weekly_hours-0-closes": "21:00"})
    assert SOMEBODY in answer.text
    names = [one["theirs"].name for one in answer.context["contested"]]
    assert names == ["weekly_hours"]
    assert desk.choose(answer).status_code == 302
    assert f"{location.weekly_hours.first().closes:%H:%M}" == "21:00"
    assert location.streets.exists()


def test_a_choice_of_what_was_not_asked_breaks_nothing(forms):
    alex, blair = forms
    alex.send(summary="By Alex")
    names = ("nothing", "title", "__all__", "sources.nothing", "")
    assert blair.choose(blair.send(summary="By Blair"), *names).status_code == 302


def forms_of_owners():
    """Return two forms of one new topic; after a test with real transactions no role is left."""
    topic = Topic.objects.create(title="A", slug="a")
    users = [User.objects.create_superuser(name) for name in ("alex", "blair")]
    return [Form(client_of(user), topic) for user in users]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_is_told():
    forms, barrier, statuses = forms_of_owners(), Barrier(2), []

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


@pytest.mark.django_db(transaction=True)
def test_a_save_while_the_form_is_validated_is_told_too(monkeypatch):
    """The check before the validation cannot see it."""
    alex, blair = forms_of_owners()

    def save():
        alex.send(description="By Alex")
        connection.close()

    def clean(self):
        if saves:
            saves.pop().start()
            thread.join()

    thread = Thread(target=save)
    saves = [thread]
    monkeypatch.setattr(Topic, "clean", clean)
    answer = blair.send(description="By Blair")
    assert answer.status_code == 200
    assert SOMEBODY in answer.content.decode()
    assert Topic.objects.get(slug="a").description == "By Alex"
