"""The enquiry form: what it asks, what it refuses, and that nothing typed is lost."""

import re
import secrets
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.html import escape

from clinic_site.web.phones import phone_text
from contact.forms import EnquiryForm
from contact.inbox.exports import access_request
from contact.intake.submissions import MAX_AGE, new_submission
from contact.models import Clinic, Delivery, Enquiry, Location, Recipient
from contact.outbox.messages import facts
from services.models import Practitioner, Service

pytestmark = pytest.mark.usefixtures("sample_site")


def typed(**changes):
    """Return what a patient's browser sends."""
    return {
        "name": "Ana Marker",
        "phone": "905-555-0142",
        "email": "ana@mail.example",
        "message": "My knee hurts",
        "submission": new_submission(),
    } | changes


def send(client, **changes):
    return client.post("/contact/", typed(**changes))


def test_enquiry_is_stored_with_its_deliveries_before_the_redirect(client):
    response = send(
        client,
        may_leave_message="no",
        preferred_way="email",
        is_for_someone_else="on",
        times="after five",
        language="Cantonese",
        service="dry-needling",
        practitioner="priya-sample",
    )
    enquiry = Enquiry.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"/contact/sent/{enquiry.token}/"
    assert enquiry.name == "Ana Marker"
    assert enquiry.phone.as_e164 == "+19055550142"
    assert enquiry.may_leave_message is False
    assert enquiry.is_for_someone_else
    assert (enquiry.times, enquiry.language) == ("after five", "Cantonese")
    assert enquiry.service.slug == "dry-needling"
    assert enquiry.practitioner.slug == "priya-sample"
    assert enquiry.answer_by > timezone.now()
    assert [d.address for d in enquiry.deliveries.all()] == ["frontdesk@clinic.example"]


def test_practitioner_s_own_address_gets_a_notification_too_and_each_once(client):
    Practitioner.objects.filter(slug="priya-sample").update(enquiry_address="priya@clinic.example")
    send(client, practitioner="priya-sample")
    assert set(Delivery.objects.values_list("address", flat=True)) == {
        "frontdesk@clinic.example",
        "priya@clinic.example",
    }
    Recipient.objects.create(clinic=Clinic.objects.current(), address="PRIYA@clinic.example")
    addresses = Clinic.objects.current().notification_addresses(
        Practitioner.objects.get(slug="priya-sample")
    )
    assert len(addresses) == 2


@pytest.mark.parametrize("way", [{"phone": ""}, {"email": ""}])
def test_phone_or_email_is_enough(client, way):
    assert send(client, **way).status_code == 302


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": ""}, "name", "Enter your name."),
        ({"name": " \u202e\x07\u200b\ufeff "}, "name", "Enter your name."),
        ({"phone": "", "email": ""}, "phone", "Enter a phone number or an email address"),
        ({"phone": "call me", "email": ""}, "phone", "Enter a phone number we can call"),
        ({"phone": "905-555-01", "email": ""}, "phone", "with its area code"),
        ({"phone": "555-0142", "preferred_way": "phone"}, "phone", "with its area code"),
        ({"email": "ana@"}, "email", "Enter one email address"),
        ({"email": "a@b"}, "email", "Enter one email address"),
        ({"email": "a@b.example, c@d.example"}, "email", "Enter one email address"),
        ({"email": "a@b.example c@d.example"}, "email", "Enter one email address"),
        ({"email": "a@b.example;c@d.example"}, "email", "Enter one email address"),
        ({"email": "Ana <ana@mail.example>"}, "email", "Enter one email address"),
        ({"email": "ana@localhost"}, "email", "We can’t send email to this address"),
        ({"email": "ana@[::1]"}, "email", "We can’t send email to this address"),
        ({"email": "ana@[127.0.0.1]"}, "email", "We can’t send email to this address"),
        ({"email": '"ana"@mail.example'}, "email", "We can’t send email to this address"),
        ({"email": "jane@。gmail.com"}, "email", "We can’t send email to this address"),
        ({"email": f"a@{'ü' * 60}.example"}, "email", "We can’t send email to this address"),
        ({"email": "josé@mail.example"}, "email", "or a phone number instead."),
        ({"email": "用户@例え.jp"}, "email", "or a phone number instead."),
        ({"email": f"{'a' * 250}@mail.example"}, "email", "254"),
        ({"name": "a" * 121}, "name", "“Your name” has 121 characters. Shorten it to 120"),
        ({"phone": "1" * 101}, "phone", "100"),
        ({"times": "x" * 201}, "times", "suit you?” has 201 characters. Shorten it to 200"),
        ({"message": "x" * 2001}, "message", "“Message” has 2001 characters. Shorten it to 2000"),
        ({"service": "no-such"}, "service", "Select a valid choice"),
        ({"language": "Klingon"}, "language", "Select a valid choice"),
    ],
)
def test_bad_input_gets_a_message_beside_the_field_and_keeps_the_text(
    client, changes, field, words
):
    response = send(client, **changes)
    html = response.content.decode()
    assert response.status_code == 200
    assert not Enquiry.objects.exists()
    assert words in " ".join(response.context["form"].errors[field])
    assert f'id="id_{field}_error"' in html
    assert f'href="#id_{field}"' in html
    assert "There is a problem" in html
    assert "My knee hurts" in html or field == "message"
    assert response["Cache-Control"] == "private, no-store"


def test_error_summary_takes_the_focus_around_the_alert_that_is_read(client):
    html = send(client, name="").content.decode()
    start = html.index('<div class="error-summary"')
    outer, inner = re.findall("<div[^>]*>", html[start : html.index("</ul>", start)])
    assert 'tabindex="-1" autofocus' in outer
    assert "role" not in outer
    assert inner == '<div role="alert">'
    assert "aria-labelledby" not in outer
    assert "<title>Error: " in html


def test_error_is_described_to_a_screen_reader(client):
    html = send(client, phone="call me", email="").content.decode()
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_phone_helptext id_phone_error"' in html


@pytest.mark.parametrize(
    "name",
    ["🙂 Ana", "陳大文", "محمد الفاتح", "O'Brien-Łuk", "<script>alert(1)</script>", "a" * 120],
)
def test_any_name_is_taken_as_typed(client, name):
    assert send(client, name=name).status_code == 302
    assert Enquiry.objects.get().name == name


def test_line_breaks_and_controls_leave_one_line_fields(client):
    send(client, name="Ana\r\nBcc: evil@mail.example", times="five\x00\u2028six")
    enquiry = Enquiry.objects.get()
    assert enquiry.name == "Ana Bcc: evil@mail.example"
    assert enquiry.times == "five six"


def test_sending_the_same_form_again_is_one_enquiry(client):
    form = typed()
    first, second = client.post("/contact/", form), client.post("/contact/", form)
    assert first["Location"] == second["Location"]
    assert Enquiry.objects.count() == 1
    assert Delivery.objects.count() == 1


def test_going_back_to_a_fresh_form_and_sending_the_same_again_is_one_enquiry(client):
    first, second = send(client), send(client)
    assert first["Location"] == second["Location"]
    Enquiry.objects.update(state="answered")
    assert send(client)["Location"] != first["Location"]


def test_going_back_and_adding_something_is_a_second_enquiry(client):
    form = typed()
    client.post("/contact/", form)
    client.post("/contact/", form | {"message": "And my hip"})
    assert Enquiry.objects.count() == 2


@pytest.mark.parametrize("submission", ["", "forged:1abc:xyz", "x" * 5000])
def test_forged_form_comes_back_with_its_text_and_can_be_sent(client, submission):
    response = send(client, submission=submission)
    html = response.content.decode()
    assert not Enquiry.objects.exists()
    assert "Check your answers and send it again" in html
    assert "My knee hurts" in html
    fresh = response.context["form"]["submission"].value()
    assert send(client, submission=fresh).status_code == 302


def test_form_older_than_a_day_comes_back_with_its_text(client, time_machine):
    submission = new_submission()
    time_machine.move_to(timezone.now() + timedelta(seconds=MAX_AGE + 10))
    html = send(client, submission=submission).content.decode()
    assert "open for too long" in html
    assert "My knee hurts" in html


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
    ],
)
def test_form_sent_by_another_site_comes_back_unprocessed(client, headers):
    response = client.post("/contact/", typed(), headers=headers)
    assert not Enquiry.objects.exists()
    assert "My knee hurts" in response.content.decode()


@pytest.mark.parametrize("origin", ["http://testserver", "null"])
def test_form_sent_by_our_own_page_is_taken(client, origin):
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": origin}
    assert client.post("/contact/", typed(), headers=headers).status_code == 302


@pytest.mark.parametrize("page", ["https://evil.example", "javascript:alert(1)", "//e.example"])
def test_page_sent_by_another_site_is_not_printed(client, page):
    response = client.post("/contact/", typed(page=page), headers={"Sec-Fetch-Site": "cross-site"})
    assert b'">%s</a>' % page.encode() not in response.content


@pytest.mark.parametrize(
    ("text", "number", "note"),
    [
        ("(905) 555-0142 ext 12", "905-555-0142 ext. 12", False),
        ("905-555-0142 poste12", "905-555-0142 ext. 12", False),
        ("001 905 555 0142", "905-555-0142", False),
        ("0044 20 7946 0958", "+44-20-7946-0958", False),
        ("\u202a905\u2011555\u20110142\u202c", "905-555-0142", False),
        ("９０５ ５５５ ０１４２", "905-555-0142", False),
        ("905_555_0142", "905-555-0142", False),
        ("647-555-0100 (Bob)", "647-555-0100", True),
        ("call my wife 905-555-0142 after 6", "905-555-0142", True),
        ("905-555-0142 cell", "905-555-0142", True),
        ("home905-555-0142", "905-555-0142", True),
        ("905 555 0142 9 am to 5 pm", "905-555-0142", True),
        ("905-555-0142 / 647-555-0100", "905-555-0142", True),
        ("416-000-0000 ou 905-555-0142", "905-555-0142", True),
        ("905-555-01", "", True),
        ("0112108910", "", True),
        ("call me", "", True),
    ],
)
def test_phone_number_is_found_and_the_words_beside_it_are_a_note(client, text, number, note):
    assert send(client, phone=text).status_code == 302
    enquiry = Enquiry.objects.get()
    assert phone_text(enquiry.phone) == number
    assert enquiry.phone_note == (text if note else "")


@pytest.mark.parametrize(
    "text", ["647-555-0100 (Bob)", "call my wife 905-555-0142 after 6", " 905-555-01", "+1 (905) ☎"]
)
def test_phone_comes_back_exactly_as_typed(client, text):
    response = send(client, phone=text, name="")
    assert response.context["form"]["phone"].value() == text
    assert f'value="{escape(text)}"' in response.content.decode()


def test_phone_field_is_filled_by_the_browser_and_typed_on_a_number_pad(client):
    tag = re.search('<input[^>]*name="phone"[^>]*>', client.get("/contact/").content.decode())[0]
    assert 'type="tel"' in tag
    assert 'autocomplete="tel"' in tag
    assert 'inputmode="tel"' in tag


def test_words_beside_the_phone_number_reach_staff(client, admin_client):
    send(client, phone="call my wife 905-555-0142 after 6", email="")
    enquiry = Enquiry.objects.get()
    page = admin_client.get(f"/admin/contact/enquiry/{enquiry.pk}/change/").content.decode()
    assert "tel:+1-905-555-0142" in page
    assert "call my wife" in page
    assert ("Phone, as typed", enquiry.phone_note) in facts(enquiry, Clinic.MailDetail.CONTACT)
    assert list(Enquiry.objects.search("my wife")) == [enquiry]
    assert b"call my wife" in access_request(Enquiry.objects.all(), None).content
    Enquiry.objects.all().erase(timezone.now())
    assert Enquiry.objects.get().phone_note == ""


def test_domain_in_another_script_is_taken(client):
    assert send(client, email="ana@例え.jp").status_code == 302


def test_who_takes_no_new_patients_is_marked_in_the_list(client):
    Practitioner.objects.filter(slug="priya-sample").update(accepts_new_patients=False)
    html = client.get("/contact/").content.decode()
    assert "Priya Sample, PT, MScPT (no new patients at the moment)" in html


@pytest.fixture
def omar():
    """Takes no new patients, and is not rostered for dry needling."""
    Practitioner.objects.filter(slug="omar-sample").update(accepts_new_patients=False)
    return Practitioner.objects.get(slug="omar-sample")


@pytest.mark.parametrize(
    ("service", "words"),
    [
        ("dry-needling", "does not offer “Dry needling” and takes no new patients"),
        ("massage-therapy", "Omar Sample takes no new patients at the moment. You can"),
        ("", "Omar Sample takes no new patients at the moment."),
    ],
)
def test_asking_for_who_can_t_be_asked_is_told_beside_the_field(client, omar, service, words):
    response = send(client, practitioner="omar-sample", service=service)
    (error,) = response.context["form"].errors["practitioner"]
    html = response.content.decode()
    assert not Enquiry.objects.exists()
    assert words in error
    assert "My knee hurts" in html
    assert '<option value="omar-sample" selected>' in html
    assert 'type="checkbox" name="ask_anyway"' in html


def test_who_can_be_asked_instead_is_named(client, omar):
    response = send(client, practitioner="omar-sample", service="dry-needling")
    (error,) = response.context["form"].errors["practitioner"]
    assert "You can ask for Priya Sample" in error
    assert send(client, practitioner="priya-sample", service="dry-needling").status_code == 302


def test_where_nobody_takes_new_patients_the_way_out_is_anyone(client, omar):
    Practitioner.objects.update(accepts_new_patients=False)
    response = send(client, practitioner="omar-sample", service="massage-therapy")
    assert response.context["form"].errors["practitioner"][0].endswith("Choose “Anyone”.")


def test_patient_of_a_full_practitioner_can_ask_anyway(client, omar):
    assert send(client, practitioner="omar-sample", ask_anyway="on").status_code == 302


def test_full_practitioner_chosen_by_the_address_is_told_before_sending(client, omar):
    html = client.get("/contact/?practitioner=omar-sample").content.decode()
    assert "Omar Sample takes no new patients at the moment." in html
    assert 'type="checkbox" name="ask_anyway"' in html
    assert "ask_anyway" not in client.get("/contact/").content.decode().replace(
        '<input type="hidden" name="ask_anyway" id="id_ask_anyway">', ""
    )


def test_long_text_is_told_not_cut(client):
    assert b"maxlength" not in client.get("/contact/").content


def test_form_is_prefilled_from_the_address(client):
    html = client.get("/contact/?service=dry-needling&practitioner=priya-sample").content.decode()
    assert '<option value="dry-needling" selected>' in html
    assert '<option value="priya-sample" selected>' in html


@pytest.mark.parametrize(
    "query",
    [
        "service=no-such",
        "service=%00",
        "practitioner=%F0%9F%99%82",
        "page=https://evil.example/",
        "page=//evil.example/",
        "page=/admin/",
        "page=/%00",
        "page=/no/such/page",
        "page=javascript:alert(1)",
    ],
)
def test_prefilling_with_nonsense_is_an_empty_form(client, query):
    response = client.get(f"/contact/?{query}")
    assert response.status_code == 200
    assert b"evil" not in response.content.replace(b"evil@", b"")
    assert b"in another format: <a" not in response.content


def test_unpublished_service_is_not_offered(client):
    Service.objects.filter(slug="dry-needling").update(status="draft")
    assert b'value="dry-needling"' not in client.get("/contact/?service=dry-needling").content


def test_page_in_another_format_is_named_and_kept(client):
    assert b'<a href="/about/">/about/</a>' in client.get("/contact/?page=/about/").content
    send(client, page="/about/")
    assert Enquiry.objects.get().page == "/about/"


def test_sent_page_says_reference_and_promise_and_nothing_personal(client):
    response = client.get(send(client)["Location"])
    html = response.content.decode()
    enquiry = Enquiry.objects.get()
    assert enquiry.reference in html
    assert "We plan to answer by <strong>" in html
    assert not any(words in html for words in ("Ana", "ana@mail", "knee hurts"))
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Referrer-Policy"] == "same-origin"


def test_sent_page_says_the_promise_in_the_location_s_time(client, time_machine):
    # 13:30 UTC is 8:30 am in Markham; the sample clinic opens at 9:00 and answers within 4 hours.
    time_machine.move_to("2026-11-24T13:30:00+00:00", tick=False)
    html = client.get(send(client)["Location"]).content.decode()
    assert "Tuesday, November 24, 1:00 pm" in html


def test_sent_page_without_hours_promises_no_time(client):
    Location.objects.get().weekly_hours.all().delete()
    assert "as soon as we can" in client.get(send(client)["Location"]).content.decode()


@pytest.mark.parametrize("token", ["x", "%00", "🙂", "a" * 500])
def test_sent_page_of_a_wrong_token_is_not_found(client, token):
    assert client.get(f"/contact/sent/{token}/").status_code == 404


def test_languages_offered_are_the_clinic_s():
    form = EnquiryForm(clinic=Clinic(languages="English, , 粵語"))
    assert [value for value, _ in form.fields["language"].choices] == ["", "English", "粵語"]


def test_booking_page_is_offered_by_name_and_the_form_stays(client):
    Clinic.objects.update(booking_url="https://booking.example/", booking_name="Jane")
    html = client.get("/contact/").content.decode()
    assert '<a href="https://booking.example/" rel="noopener">book online with Jane</a>' in html
    assert "Send my request" in html


def test_enquiry_is_kept_before_anybody_entered_the_clinic(client):
    Clinic.objects.all().delete()
    assert send(client).status_code == 302
    assert not Delivery.objects.exists()


def test_reference_drawn_twice_is_drawn_again(client, monkeypatch):
    first = Enquiry.objects.create_once({"name": "A"}, "one", [])
    letters, draw = iter(first.reference), secrets.choice
    monkeypatch.setattr(secrets, "choice", lambda options: next(letters, None) or draw(options))
    assert send(client).status_code == 302
    assert Enquiry.objects.count() == 2
