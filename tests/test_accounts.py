"""Staff sign-in: access, second factor, lockout, sessions, mail, and redirects."""

import json
import re
import threading
import time
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from axes.models import AccessAttempt, AccessLog
from cryptography.fernet import Fernet
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import signing
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from clinic_site.accounts import urls
from clinic_site.accounts.devices import browser_name
from clinic_site.accounts.permissions import is_staff_url
from clinic_site.accounts.retention import purge
from clinic_site.accounts.sessions import PROOF, sign_out_everywhere
from clinic_site.web.client_address import client_address
from clinic_site.web.staff_mail import THREAD_NAME

pytestmark = pytest.mark.django_db

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORD = "correct horse battery"
LOGIN, ADMIN = "/admin/account/login/", "/admin/"
LOGOUT, FACTORS = "/admin/account/logout/", "/admin/account/2fa/"
CODE_PAGE, CODE_AGAIN = f"{FACTORS}authenticate/", f"{FACTORS}reauthenticate/"
STRANGER, COLLEAGUE = "203.0.114.7", "203.0.115.8"


@pytest.fixture
def kim():
    return User.objects.create_user("kim", "kim@clinic.example", PASSWORD, is_staff=True)


@pytest.fixture
def production(settings):
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture
def behind_proxy(settings):
    settings.CLIENT_ADDRESS_HEADER = "X-Real-IP"


@pytest.fixture
def inbox(mailoutbox):
    """Return a function that gives the mail sent so far, when its threads are done."""

    def sent():
        for thread in threading.enumerate():
            if thread.name == THREAD_NAME:
                thread.join()
        return mailoutbox

    yield sent
    sent()


def code(secret=SECRET, periods=0):
    """Return what an authenticator app shows now, or some periods of 30 s later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + periods))


def give_password(browser, name="kim", password=PASSWORD, address=COLLEAGUE, **headers):
    typed = {"login": name, "password": password}
    return browser.post(LOGIN, typed, headers={"X-Real-IP": address, **headers})


def is_in(browser):
    return browser.get(ADMIN).status_code == 200


def flat(patterns):
    """Yield every URL pattern, those inside others too."""
    for pattern in patterns:
        yield from flat(pattern.url_patterns) if hasattr(pattern, "url_patterns") else [pattern]


# Access


def test_the_admin_s_own_login_leads_to_the_page(client, kim):
    response = client.get("/admin/blog/post/", follow=True)
    assert response.redirect_chain[-1][0] == f"{LOGIN}?next=/admin/blog/post/"
    assert client.post("/admin/login/", {"username": "kim"})["Location"].startswith(LOGIN)


def test_in_development_the_password_opens_the_admin(client, kim):
    response = give_password(client)
    assert response["Location"] == ADMIN
    assert is_in(client)


def test_the_name_may_be_typed_in_capitals(client, kim):
    give_password(client, " KIM ")
    assert is_in(client)


def test_a_wrong_password_says_so_and_keeps_the_name(client, kim):
    html = give_password(client, password="mistyped").content.decode()
    assert "The username or password is wrong." in html
    assert 'value="kim"' in html
    assert "mistyped" not in re.sub("<title>.*</title>", "", html)


def test_sign_up_is_closed(client):
    assert client.post("/admin/account/signup/", {}).status_code in (302, 404)
    assert not User.objects.exists()
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")


@pytest.mark.parametrize(("field", "words"), [("is_staff", "closed"), ("is_active", "closed")])
def test_who_works_here_no_more_does_not_get_in(client, kim, field, words):
    setattr(kim, field, False)
    kim.save()
    response = client.get(give_password(client)["Location"])
    assert words in response.content.decode()
    assert not is_in(client)


def test_production_refuses_a_session_without_a_second_factor(client, kim, production):
    kim.is_superuser = True
    kim.save()
    client.force_login(kim)
    for path in (ADMIN, "/admin/blog/post/add/", "/admin/contact/enquiry/breach/"):
        page = client.get(path, follow=True)
        assert page.redirect_chain[-1][0] == FACTORS, path
        assert "Set up your second step" in page.content.decode()
    TOTP.activate(kim, SECRET)
    where = client.get(ADMIN, follow=True).redirect_chain[-1][0]
    assert where == f"{CODE_AGAIN}?next=/admin/"
    client.post(where, {"code": code()})
    assert is_in(client)


def test_no_admin_view_is_outside_the_gate(client, production):
    boss = User.objects.create_superuser("boss")
    client.force_login(boss)
    ungated = {"login", "logout"}
    paths = [
        reverse(f"admin:{one.name}", args=["blog" if one.name == "app_list" else "1"] * parts)
        for one in flat(admin.site.get_urls())
        if one.name and one.name not in ungated
        for parts in [one.pattern.regex.groups]
    ]
    assert len(paths) > 50
    for path in paths:
        for answer in (client.get(path), client.post(path)):
            assert answer.status_code == 302, path
            assert answer["Location"].startswith("/admin/login/"), path


def test_production_opens_to_a_session_with_a_second_factor(with_second_factor, kim, production):
    assert is_in(with_second_factor(kim))


def test_another_person_s_second_factor_does_not_count(client, kim, production, with_second_factor):
    with_second_factor(User.objects.create_user("lee", is_staff=True))
    session = client.session
    session["_auth_user_id"] = str(kim.pk)
    session["_auth_user_hash"] = kim.get_session_auth_hash()
    session.save()
    assert not is_in(client)


def test_a_member_who_lost_the_role_of_staff_is_refused(client, kim, with_second_factor):
    with_second_factor(kim)
    User.objects.update(is_staff=False)
    assert client.get(ADMIN, follow=True).status_code == 403


# The second factor


def test_password_and_code_open_the_admin(client, kim, production):
    TOTP.activate(kim, SECRET)
    assert give_password(client)["Location"] == CODE_PAGE
    assert not is_in(client)
    wrong = client.post(CODE_PAGE, {"code": "000000"})
    assert "This code is wrong" in wrong.content.decode()
    assert client.post(CODE_PAGE, {"code": code()})["Location"] == ADMIN
    assert is_in(client)


def test_a_code_works_once_for_as_long_as_it_lives(kim, time_machine):
    TOTP.activate(kim, SECRET)
    time_machine.move_to("2026-11-24 10:00:01Z", tick=False)
    used = code()
    for seconds, is_taken in ((0, True), (1, False), (35, False)):
        browser = Client()
        give_password(browser)
        time_machine.move_to(f"2026-11-24 10:00:{seconds + 1:02}Z", tick=False)
        browser.post(CODE_PAGE, {"code": f"{used[:3]} {used[3:]}"})
        assert is_in(browser) == is_taken, seconds


def test_a_recovery_code_works_once(kim, production):
    TOTP.activate(kim, SECRET)
    (recovery, *_) = RecoveryCodes.activate(kim).get_unused_codes()
    for is_taken in (True, False):
        browser = Client()
        give_password(browser)
        browser.post(CODE_PAGE, {"code": recovery})
        assert is_in(browser) == is_taken


def test_wrong_codes_are_limited(client, kim):
    TOTP.activate(kim, SECRET)
    give_password(client)
    for _ in range(10):
        client.post(CODE_PAGE, {"code": "000000"})
    html = client.post(CODE_PAGE, {"code": code()}).content.decode()
    assert "Too many wrong codes" in html
    assert not is_in(client)


def test_first_sign_in_leads_through_enrolment_to_the_admin(
    client, kim, production, inbox, monkeypatch
):
    # A test never commits, so what waits for that would come after the session was saved.
    monkeypatch.setattr("django.db.transaction.on_commit", lambda act: act())
    give_password(client)
    assert client.get(ADMIN, follow=True).redirect_chain[-1][0] == FACTORS
    add_app = reverse("mfa_activate_totp")
    ask = client.get(add_app)["Location"]
    client.post(ask, {"password": PASSWORD})
    page = client.get(add_app)
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    answer = client.post(add_app, {"code": code(secret)})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    assert "Continue to the dashboard" in client.get(answer["Location"]).content.decode()
    assert is_in(client)
    assert "An authenticator app was added" in inbox()[-1].body


def test_who_removes_the_last_factor_is_asked_to_enrol_again(client, kim, production):
    TOTP.activate(kim, SECRET)
    give_password(client)
    client.post(CODE_PAGE, {"code": code()})
    remove = reverse("mfa_deactivate_totp")
    client.post(client.get(remove)["Location"], {"code": code(periods=1)})
    client.post(remove)
    assert client.get(ADMIN, follow=True).redirect_chain[-1][0] == FACTORS


def test_a_session_from_before_cannot_touch_the_factors_with_the_password(client, kim):
    give_password(client)
    TOTP.activate(kim, SECRET)
    RecoveryCodes.activate(kim)
    password_page = reverse("account_reauthenticate")
    for name in ("mfa_view_recovery_codes", "mfa_deactivate_totp", "mfa_add_webauthn"):
        response = client.get(reverse(name), follow=True)
        assert response.redirect_chain[-1][0].startswith(CODE_AGAIN)
    response = client.post(password_page, {"password": PASSWORD})
    assert response["Location"].startswith(CODE_AGAIN)


def test_secrets_are_encrypted_in_the_database(kim, settings):
    TOTP.activate(kim, SECRET)
    RecoveryCodes.activate(kim)
    old = settings.MFA_KEYS
    stored = {row.type: row.data for row in Authenticator.objects.all()}
    assert SECRET not in json.dumps(stored)
    assert Fernet(old[0]).decrypt(stored["totp"]["secret"]).decode() == SECRET

    settings.MFA_KEYS = [Fernet.generate_key().decode(), *old]
    assert Authenticator.objects.get(type="totp").wrap().validate_code(code())
    call_command("renew_mfa_key")
    settings.MFA_KEYS = settings.MFA_KEYS[:1]
    assert Authenticator.objects.get(type="totp").wrap().validate_code(code(periods=1))
    assert len(Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()) == 10


def test_a_lost_key_is_told_and_opens_nothing(client, kim, settings, caplog):
    TOTP.activate(kim, SECRET)
    settings.MFA_KEYS = [Fernet.generate_key().decode()]
    give_password(client)
    response = client.post(CODE_PAGE, {"code": code()})
    assert response.status_code == 503
    assert "MFA_KEY" in response.content.decode()
    assert "MFA_KEY does not fit" in caplog.text
    assert not is_in(client)
    with pytest.raises(CommandError, match="MFA_KEY=new,old") as refused:
        call_command("renew_mfa_key")
    assert refused.value.returncode == 2


def test_reset_mfa_removes_factors_and_ends_sessions(client, kim, inbox, capsys):
    TOTP.activate(kim, SECRET)
    client.force_login(kim)
    call_command("reset_mfa", "KIM")
    assert "kim is signed out everywhere" in capsys.readouterr().out
    assert not Authenticator.objects.exists()
    assert not is_in(client)
    assert "The owner of the site removed your second step" in inbox()[-1].body
    with pytest.raises(CommandError, match="There is no account robin") as refused:
        call_command("reset_mfa", "robin")
    assert refused.value.returncode == 2


# Lockout


def test_after_five_wrong_passwords_the_right_one_waits_half_an_hour(
    client, kim, behind_proxy, time_machine
):
    time_machine.move_to("2026-11-24 10:00:00Z", tick=False)
    spellings = ["kim", "KIM", " kim", "Kim ", "ＫＩＭ"]
    statuses = [give_password(client, name, "wrong").status_code for name in spellings]
    assert statuses == [200, 200, 200, 200, 429]
    locked = give_password(client)
    assert locked.status_code == 429
    assert locked["Retry-After"] == "1800"
    assert "no-store" in locked["Cache-Control"]
    assert "blocked on this network for 30 minutes" in locked.content.decode()
    time_machine.move_to("2026-11-24 10:29:00Z", tick=False)
    assert give_password(client).status_code == 429
    time_machine.move_to("2026-11-24 10:31:00Z", tick=False)
    give_password(client)
    assert is_in(client)


def test_a_stranger_locks_no_colleague_out(client, kim, behind_proxy):
    for number in range(16):
        password = PASSWORD if number > 13 else f"guess {number}"
        response = give_password(Client(), password=password, address=STRANGER)
        assert response.status_code == (200 if number < 4 else 429)
    give_password(client, address=COLLEAGUE)
    assert is_in(client)


def test_a_household_is_one_guesser_by_ipv6(kim, behind_proxy):
    addresses = [f"2001:db8:1:2::{number}" for number in range(5)]
    statuses = [give_password(Client(), password="x", address=a).status_code for a in addresses]
    assert statuses[-1] == 429
    assert give_password(Client(), address="2001:db8:1:3::1").status_code == 302


def guess_from_networks(count):
    for number in range(count):
        give_password(Client(), password="wrong", address=f"198.51.{100 + number}.1")


def test_guesses_from_many_networks_are_slowed_to_one_a_minute(kim, behind_proxy, time_machine):
    time_machine.move_to("2026-11-24 10:00:00Z", tick=False)
    guess_from_networks(6)  # the sixth is the first of this minute
    page = give_password(Client(), address="198.51.200.1").content.decode()
    assert "Somebody is guessing this account’s password" in page
    time_machine.move_to("2026-11-24 10:01:01Z", tick=False)
    assert give_password(Client(), address="198.51.200.1").status_code == 302


def test_a_known_device_gets_in_while_others_are_slowed(client, kim, behind_proxy):
    give_password(client)
    client.post(LOGOUT)
    guess_from_networks(9)
    assert give_password(client).status_code == 302


def test_another_name_is_not_slowed(kim, behind_proxy):
    guess_from_networks(9)
    User.objects.create_user("lee", "lee@clinic.example", PASSWORD, is_staff=True)
    assert give_password(Client(), "lee").status_code == 302


def test_allauth_counts_an_ipv6_household_once(kim, behind_proxy):
    for number in range(30):
        give_password(Client(), f"name{number}", "x", f"2001:db8:1:2::{number:x}")
    assert give_password(Client(), address="2001:db8:1:2::ffff").status_code == 429
    assert give_password(Client(), address="2001:db8:1:3::1").status_code == 302


def test_a_password_changed_in_the_admin_is_told(client, kim, inbox):
    give_password(client)
    words = {"new_password1": "aVeryNew1x", "new_password2": "aVeryNew1x"}
    client.post("/admin/password_change/", {"old_password": PASSWORD} | words)
    assert any("Your password was changed." in mail.body for mail in inbox())


def test_a_password_set_by_an_owner_is_told_to_its_person(admin_client, kim, inbox):
    words = {"password1": "aVeryNew1x", "password2": "aVeryNew1x", "usable_password": "true"}
    admin_client.post(f"/admin/auth/user/{kim.pk}/password/", words)
    assert inbox()[-1].to == ["kim@clinic.example"]
    assert "Somebody who manages staff accounts changed your password." in inbox()[-1].body


def test_wrong_old_passwords_are_limited(client, kim):
    give_password(client)
    words = {"new_password1": "aVeryNew1x", "new_password2": "aVeryNew1x"}
    statuses = [
        client.post(
            "/admin/password_change/", {"old_password": f"guess {number}"} | words
        ).status_code
        for number in range(12)
    ]
    assert statuses == [200] * 10 + [429] * 2
    kim.refresh_from_db()
    assert kim.check_password(PASSWORD)


def test_an_address_that_tries_many_names_is_slowed(kim, behind_proxy):
    for number in range(30):
        give_password(Client(), f"name{number}", "x", STRANGER)
    response = give_password(Client(), address=STRANGER)
    assert response.status_code == 429
    assert "too many attempts from this network" in response.content.decode()
    assert give_password(Client(), address=COLLEAGUE).status_code == 302


def test_unknown_and_known_names_get_the_same_answer(kim, behind_proxy):
    def answer(name):
        html = give_password(Client(), name, "wrong").content.decode()
        return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", html.replace(name, "NAME"))

    assert answer("kim") == answer("nobody")


def test_a_guess_leaves_no_name_browser_or_log_of_who(kim, behind_proxy, caplog):
    agent = {"User-Agent": "Marker Browser", "Accept": "marker/accept"}
    for _ in range(6):
        give_password(Client(), "markername", "markerpass", STRANGER, **agent)
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM clinic_site_cache")
        cached = str(cursor.fetchall())
    (row,) = AccessAttempt.objects.values()
    for words in (caplog.text, cached, str(row | {"ip_address": ""})):
        assert words
        assert not re.search(f"marker|{STRANGER}", words, re.IGNORECASE)
    assert row["ip_address"] == STRANGER
    assert row["failures_since_start"] == 5
    changed = "axes takes the browser from elsewhere: LockoutHandler must clear that instead"
    assert (row["user_agent"], row["http_accept"]) == ("", ""), changed


def test_allauth_tells_of_every_step_of_a_sign_in(client, kim):
    TOTP.activate(kim, SECRET)
    for step, is_second in ((lambda: give_password(client), False),
                            (lambda: client.post(CODE_PAGE, {"code": code()}), True)):  # fmt: skip
        step()
        proof = client.session.get(PROOF, {})
        changed = "allauth no longer sends authentication_step_completed, which record_proof needs"
        assert (proof.get("user"), proof.get("second_factor")) == (str(kim.pk), is_second), changed


def test_what_is_over_is_deleted(client, kim, behind_proxy, time_machine):
    give_password(Client(), password="wrong")
    give_password(client)
    assert Session.objects.exists()
    assert not AccessLog.objects.exists()
    give_password(Client(), password="wrong", address=STRANGER)
    time_machine.move_to(timezone.now() + timedelta(hours=2))
    purge()
    assert not AccessAttempt.objects.exists()
    assert not Session.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM clinic_site_cache")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    ("header", "given", "known"),
    [
        ("", "127.0.0.1", "127.0.0.1"),
        ("", "::ffff:10.1.2.3", "10.1.2.3"),
        ("", "fe80::1%eth0", "fe80::1"),
        ("", "", "None"),
        ("X-Real-IP", "8.8.4.4", "8.8.4.4"),
        ("X-Real-IP", "8.8.4.4, 1.1.1.1", "None"),
        ("X-Real-IP", "", "None"),
    ],
)
def test_client_address_is_known_or_none(rf, settings, header, given, known):
    settings.CLIENT_ADDRESS_HEADER = header
    request = rf.get("/", headers={header: given}) if header else rf.get("/", REMOTE_ADDR=given)
    assert str(client_address(request)) == known


@pytest.mark.parametrize("address", ["", "nonsense"])
def test_one_can_sign_in_from_an_unknown_address(client, kim, behind_proxy, address):
    give_password(client, address=address)
    assert is_in(client)


# Sessions


def test_a_session_ends_when_nobody_works(client, kim, time_machine):
    time_machine.move_to("2026-11-24 08:00:00Z", tick=False)
    give_password(client)
    assert client.cookies["sessionid"]["max-age"] == ""
    for _ in range(4):
        time_machine.shift(timedelta(minutes=50))
        assert is_in(client)
    time_machine.shift(timedelta(minutes=61))
    assert not is_in(client)


def test_a_session_ends_after_a_day_s_work(client, kim, time_machine):
    time_machine.move_to("2026-11-24 08:00:00Z", tick=False)
    give_password(client)
    for _ in range(14):
        time_machine.shift(timedelta(minutes=50))
        assert is_in(client)
    time_machine.shift(timedelta(minutes=50))
    page = client.get(ADMIN, follow=True)
    assert page.redirect_chain[-1][0].startswith(LOGIN)
    assert "Please sign in again." in page.content.decode()


def test_a_visit_is_noted_once_a_minute(client, kim, time_machine):
    time_machine.move_to("2026-11-24 10:00:00Z", tick=False)
    give_password(client)
    is_in(client)
    saved = Session.objects.get().expire_date
    time_machine.shift(timedelta(seconds=50))
    is_in(client)
    assert Session.objects.get().expire_date == saved
    time_machine.shift(timedelta(seconds=20))
    is_in(client)
    assert Session.objects.get().expire_date > saved


def test_sign_out_everywhere(kim):
    here, there, other = Client(), Client(), Client()
    for browser in (here, there):
        give_password(browser)
    other.force_login(User.objects.create_user("lee", is_staff=True))
    leave = reverse("account_sign_out_everywhere")
    assert here.get(leave).status_code == 405
    assert "signed out on every device" in here.post(leave, follow=True).content.decode()
    assert [is_in(browser) for browser in (here, there, other)] == [False, False, True]


def new_password(user):
    user.set_password("a wholly new passphrase")
    user.save()


class AsItIs:
    def loads(self, data):
        return data


@pytest.mark.parametrize("change", [sign_out_everywhere, new_password])
def test_a_sign_in_that_waits_for_a_code_ends_too(kim, change):
    TOTP.activate(kim, SECRET)
    waiting, other = Client(), Client()
    lee = User.objects.create_user("lee", password=PASSWORD, is_staff=True)
    TOTP.activate(lee, SECRET)
    give_password(waiting)
    give_password(other, "lee")
    change(kim)
    for browser in (waiting, other):
        browser.post(CODE_PAGE, {"code": code()})
    assert [is_in(browser) for browser in (waiting, other)] == [False, True]


def test_what_a_session_holds_is_encrypted(client, kim):
    give_password(client)
    add_app = reverse("mfa_activate_totp")
    client.post(client.get(add_app)["Location"], {"password": PASSWORD})
    secret = client.get(add_app).context["form"].secret
    (session,) = Session.objects.all()
    assert secret in session.get_decoded().values()
    kept = signing.loads(session.session_data, salt=SessionStore().key_salt, serializer=AsItIs)
    assert kept.startswith(b"gAAAA")  # Fernet's
    assert secret.encode() not in kept


@pytest.mark.parametrize("act", ["end_sessions", "remove_second_step"])
def test_the_owner_helps_a_colleague_who_lost_a_device(kim, act, inbox):
    owner, there = Client(), Client()
    account = User.objects.create_user("alex", is_staff=True)
    account.groups.add(Group.objects.get(name="Owner"))
    above = User.objects.create_superuser("boss")
    for user in (kim, above):
        TOTP.activate(user, SECRET)
    owner.force_login(account)
    there.force_login(kim)
    users = "/admin/auth/user/"
    owner.post(users, {"action": act, "_selected_action": [kim.pk, above.pk]})
    assert not is_in(there)
    left = 1 if act == "remove_second_step" else 2
    assert Authenticator.objects.count() == left
    assert Authenticator.objects.filter(user=above).exists()


def test_an_editor_ends_nobody_s_sessions(kim):
    browser, there = Client(), Client()
    editor = User.objects.create_user("ed", is_staff=True)
    editor.groups.add(Group.objects.get(name="Editor"))
    browser.force_login(editor)
    there.force_login(kim)
    data = {"action": "end_sessions", "_selected_action": [kim.pk]}
    assert browser.post("/admin/auth/user/", data).status_code == 403
    assert is_in(there)


def test_signing_out(client, kim):
    client.force_login(kim)
    assert "Sign out?" in client.get(LOGOUT).content.decode()
    assert is_in(client)
    assert "You are signed out." in client.post("/admin/logout/", follow=True).content.decode()
    assert not is_in(client)


# Mail

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def test_a_new_device_is_told_once(kim, inbox, behind_proxy):
    browser = Client()
    for _ in range(2):
        give_password(browser, **{"User-Agent": FIREFOX})
        browser.post(LOGOUT)
    (message,) = inbox()
    assert message.to == ["kim@clinic.example"]
    assert "on a new device" in message.body
    assert "Firefox on Windows" in message.body
    assert not re.search(rf"{COLLEAGUE}|Mozilla|140|kim", message.subject + message.body)
    kim.set_password(PASSWORD)
    kim.save()
    give_password(browser)
    assert len(inbox()) == 2


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
         "Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge on Windows"),
        ("<script>", "Another browser on another system"),
        (None, "Another browser on another system"),
    ],
)  # fmt: skip
def test_a_browser_is_named_by_its_kind_alone(rf, agent, words):
    assert browser_name(rf.get("/", headers={"User-Agent": agent} if agent else {})) == words


def test_signing_in_works_while_the_mail_server_is_away(client, kim, settings, inbox, caplog):
    settings.EMAIL_BACKEND = "clinic_site.web.mail.SMTPBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    give_password(client)
    assert is_in(client)
    inbox()
    assert "mail to staff was not sent: ConnectionRefusedError" in caplog.text


def ask_reset(browser, address, **extra):
    return browser.post(reverse("account_reset_password"), {"email": address}, follow=True, **extra)


def test_password_reset_by_mail_keeps_the_second_factor(client, kim, production, inbox):
    TOTP.activate(kim, SECRET)
    there = Client()
    there.force_login(kim)
    ask_reset(client, "KIM@clinic.example", headers={"Host": "127.0.0.1"})
    (message,) = inbox()
    link = re.search(r"^http\S+", message.body, re.MULTILINE)[0]
    assert link.startswith("http://localhost:8000/admin/account/password/reset/key/")
    path = urlsplit(link).path

    form = client.get(path)["Location"]
    assert path not in form
    new = "a wholly new passphrase"
    weak = client.post(form, {"password1": "short", "password2": "short"})
    assert "too short" in weak.content.decode()
    client.post(form, {"password1": new, "password2": new})
    assert not is_in(client)
    assert not is_in(there)
    assert "This link does not work" in client.get(path).content.decode()
    assert give_password(client, password=new)["Location"] == CODE_PAGE
    assert not is_in(client)
    assert "Your password was changed" in inbox()[1].body


def test_who_waits_for_a_code_may_choose_a_new_password_there(client, kim, inbox):
    TOTP.activate(kim, SECRET)
    give_password(client)
    ask_reset(client, kim.email)
    path = urlsplit(re.search(r"^http\S+", inbox()[0].body, re.MULTILINE)[0]).path
    new = "a wholly new passphrase"
    answer = client.post(client.get(path)["Location"], {"password1": new, "password2": new})
    assert answer.status_code == 302
    assert give_password(client, password=new)["Location"] == CODE_PAGE


def test_a_link_is_too_old_after_an_hour(client, kim, inbox, time_machine):
    time_machine.move_to("2026-11-24 10:00:00Z", tick=False)
    ask_reset(client, kim.email)
    path = urlsplit(re.search(r"^http\S+", inbox()[0].body, re.MULTILINE)[0]).path
    time_machine.shift(timedelta(minutes=61))
    assert "This link does not work" in client.get(path).content.decode()


def test_nobody_learns_by_a_reset_whether_an_account_exists(client, kim, inbox):
    User.objects.create_user("pat", "pat@mail.example", is_staff=False)
    pages = [
        ask_reset(Client(), address).content
        for address in ("kim@clinic.example", "nobody@clinic.example", "pat@mail.example")
    ]
    assert pages[0] == pages[1] == pages[2]
    assert [message.to for message in inbox()] == [["kim@clinic.example"]]
    assert not EmailAddress.objects.exists()


def test_reset_mail_is_limited_whether_there_is_an_account_or_not(kim, inbox):
    for number, address in enumerate(("kim@clinic.example", "nobody@clinic.example")):
        there = {"REMOTE_ADDR": f"192.0.2.{number}"}
        statuses = [ask_reset(Client(), address, **there).status_code for _ in range(6)]
        assert statuses == [200] * 5 + [429]
    assert len(inbox()) == 5


def test_a_stranger_uses_up_no_colleague_s_resets(kim, inbox):
    for _ in range(30):
        ask_reset(Client(), kim.email, REMOTE_ADDR="192.0.2.1")
    assert ask_reset(Client(), kim.email, REMOTE_ADDR="198.51.100.1").status_code == 200
    assert len(inbox()) == 6


def test_many_strangers_fill_no_mailbox(client, kim, inbox):
    for number in range(30):
        ask_reset(Client(), kim.email, REMOTE_ADDR=f"192.0.2.{number}")
    assert len(inbox()) == 15
    last = urlsplit(re.search(r"^http\S+", inbox()[-1].body, re.MULTILINE)[0]).path
    page = ask_reset(Client(), kim.email, REMOTE_ADDR=COLLEAGUE)
    assert page.status_code == 429
    assert "you can use any link that we emailed in the last hour" in page.content.decode()
    assert "New password" in client.get(last, follow=True).content.decode()


def test_passkey_challenges_fill_no_table(behind_proxy):
    """Each is a session of its own until it is answered."""

    def ask(address):
        headers = {"Accept": "application/json", "X-Real-IP": address}
        return Client().get(reverse("mfa_login_webauthn"), headers=headers).status_code

    assert [ask(STRANGER) for _ in range(31)] == [200] * 30 + [429]
    assert Session.objects.count() == 30
    assert ask(COLLEAGUE) == 200


# Redirects after sign-in

LEADS_AWAY = """
    //evil.example
    /\\evil.example
    http://evil.example
    javascript:alert(1)
    http://testserver@evil.example
    //testserver.evil.example/admin/
    /admin/..//evil.example
    http://testserver/admin/
"""
LEADS_AWAY_IN_OTHER_WAYS = """
    ///evil.example
    ////evil.example
    \\\\evil.example
    \\/evil.example
    /\\/evil.example
    //evil.example/admin/
    //localhost@evil.example
    //evil.example:80
    https://evil.example
    http:evil.example
    http:/evil.example
    http:///evil.example
    HTTP://evil.example
    hTTps://evil.example/admin/
    ftp://evil.example
    JaVaScRiPt:alert(1)
    javascript://testserver/%0aalert(1)
    data:text/html,x
    vbscript:x
    file:///etc/passwd
    mailto:a@evil.example
    http://testserver:x@evil.example
    http://testserver.evil.example
    http://evil.example#testserver
    http://evil.example?testserver
    http://evil.example\\@testserver
    http://testserver
    https://localhost/admin/
    %2f%2fevil.example
    /%2fevil.example
    %5c%5cevil.example
    /%5cevil.example
    /%09/evil.example
    http%3a%2f%2fevil.example
    ..//evil.example
    /admin/\\..\\..\\evil
    /admin/%2e%2e//evil.example
    /admin/%2E%2E/%2F/evil.example
    /admin/../../evil
    /admin.evil.example
    /blog/
    .evil.example
    @evil.example
    evil.example
    ?next=//evil.example
    #//evil.example
    ;
    ..
    /..
    /／evil.example
    ／／evil.example
    http:／／evil.example
    //evil。example
    account_login
"""
CONTROLS = ["\r\n//evil.example", "\t//evil.example", " //evil.example", "/\t/evil.example",
            "/\n/evil.example", "\x00//evil.example", "//evil.example\u202e", "",
            "/admin/" + "x" * 3000]  # fmt: skip
STAYS = [
    "/admin/\r\nLocation: http://evil.example",
    "/admin/\x00",
    "/admin//evil.example",
    "/admin/@evil.example",
]


def stays(response):
    """Say whether a browser that is given this answer stays in the admin."""
    if response.status_code == 400:
        return True
    # As browsers read it: without control characters, and \ is /.
    where = re.sub(r"[\x00-\x20]", "", response["Location"]).replace("\\", "/")
    return urljoin(f"http://testserver{LOGIN}", where).startswith("http://testserver/admin/")


def test_sixty_ways_to_lead_away_are_refused_at_sign_in(kim, settings):
    settings.ACCOUNT_RATE_LIMITS = False
    ways = LEADS_AWAY.split() + LEADS_AWAY_IN_OTHER_WAYS.split() + CONTROLS + STAYS
    assert len(ways) > 60
    assert not [way for way in ways if is_staff_url(way) != (way in STAYS)]
    wrong = []
    for way in ways:
        response = Client().post(LOGIN, {"login": "kim", "password": PASSWORD, "next": way})
        if not stays(response):
            wrong.append((way, response.headers))
    assert not wrong


@pytest.mark.parametrize("page", ["signed in", "gate", "logout", "code", "reauthenticate"])
def test_no_other_page_leads_away(kim, page):
    TOTP.activate(kim, SECRET)
    recovery = iter(RecoveryCodes.activate(kim).get_unused_codes())
    wrong = []
    for way in LEADS_AWAY.split():
        browser, words = Client(), {"next": way}
        if page == "code":
            browser.post(LOGIN, {"login": "kim", "password": PASSWORD, "next": way})
            response = browser.post(CODE_PAGE, {"code": next(recovery)})
        else:
            browser.force_login(kim)
            if page == "signed in":
                response = browser.get(LOGIN, words)
            elif page == "gate":
                response = browser.get("/admin/login/", words)
            elif page == "logout":
                response = browser.post(LOGOUT, words)
            else:
                response = browser.post(CODE_AGAIN, words | {"code": next(recovery)})
        if not stays(response):
            wrong.append((way, response.headers))
    assert not wrong


def test_where_one_wanted_to_go_is_kept(client, kim):
    TOTP.activate(kim, SECRET)
    typed = {"login": "kim", "password": PASSWORD, "next": "/admin/blog/post/?p=2"}
    client.post(LOGIN, typed)
    response = client.post(CODE_PAGE, {"code": code()})
    assert response["Location"] == "/admin/blog/post/?p=2"


# Every page


def addresses():
    """Return every path below /admin/account/."""
    words = {"mfa_remove_webauthn": {"pk": 1}, "mfa_edit_webauthn": {"pk": 1},
             "account_reset_password_from_key": {"uidb36": "1", "key": "no-key"}}  # fmt: skip
    return [reverse(one.name, kwargs=words.get(one.name)) for one in flat(urls.urlpatterns)]


ODD = ["null", "[]", "{}", "1", '"x"', "nonsense", '{"id": 1}', '{"response": {"userHandle": 5}}',
       '{"response": {"userHandle": "MQ"}, "id": "x", "rawId": "x", "type": "public-key"}',
       '{"id": "MQ", "rawId": "MQ", "type": "public-key", "response": {"clientDataJSON": "MQ", '
       '"authenticatorData": "MQ", "signature": "MQ", "userHandle": "MQ"}}',
       '{"id": "MQ", "rawId": "MQ", "type": "public-key", "response": {"clientDataJSON": "e30", '
       '"attestationObject": "oA", "authenticatorData": "AAAA", "signature": "MQ", '
       '"userHandle": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5"}}']  # fmt: skip


@pytest.mark.parametrize("who", ["anonymous", "half-way", "signed in"])
def test_no_address_breaks_or_is_kept(kim, who, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.MFA_RATE_LIMITS = False
    browser = Client()
    TOTP.activate(kim, SECRET)
    if who == "half-way":
        give_password(browser)
    elif who == "signed in":
        browser.force_login(kim)
        browser.post(CODE_AGAIN, {"code": code()})
    wild = {"login": "\x00", "password": "x", "email": "a\x00@b", "code": "１２３", "name": "\x00"}
    for path in addresses():
        if who == "signed in" and "logout" in path:
            continue
        forms = [wild]
        if "webauthn" in path or "authenticate" in path:
            browser.get(path, headers={"Accept": "application/json"})  # a challenge to answer
            forms += [{"credential": odd, "name": "k"} for odd in ODD]
        answers = [browser.get(path), browser.put(path)]
        answers += [browser.post(path, form) for form in forms]
        for response in answers:
            assert response.status_code < 500, path
            assert "no-store" in response["Cache-Control"], path
            assert "private" in response["Cache-Control"], path


def test_every_page_has_a_name_and_no_inline_style_or_script(client, kim):
    TOTP.activate(kim, SECRET)
    client.force_login(kim)
    client.post(CODE_AGAIN, {"code": code()})
    seen = 0
    for path in addresses():
        response = client.get(path)
        if response.status_code != 200 or "html" not in response["Content-Type"]:
            continue
        html = response.content.decode()
        seen += 1
        assert re.search(r"<title>\S", html), path
        assert not re.search(r"<style|\sstyle=|\son\w+=", html), path
        assert not re.search(r"<script(?![^>]*(src=|type=\"application/json\"))", html), path
    assert seen > 8
