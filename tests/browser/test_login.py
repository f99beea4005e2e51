"""Signing in with a real browser: an app's codes, a passkey, and pages everybody can use."""

import subprocess
import sys

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.looks import ENHANCED, LOST, NARROW, TEXT_SPACING, look
from tests.running_site import ROOT

pytestmark = pytest.mark.browser

LOGIN, FACTORS = "/admin/account/login/", "/admin/account/2fa/"
PASSWORD = "correct horse battery"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def manage(site, *words):
    """Run a command of manage.py beside the site, in a process of its own, and return its words."""
    done = subprocess.run(
        [sys.executable, ROOT / "manage.py", *words],
        env=site.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def shell(site, code):
    return manage(site, "shell", "-v0", "-c", code)


@pytest.fixture
def account(site):
    """Return a function that makes a member of staff with a name of their own."""

    def make(name):
        shell(
            site,
            "from django.contrib.auth.models import User;"
            f"User.objects.create_user({name!r}, password={PASSWORD!r}, is_staff=True)",
        )
        return name

    return make


def press(page, name):
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def give_password(page, name):
    page.goto(LOGIN)
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign in")


def code(page, secret, periods=0):
    """Return what an app shows, some periods of 30 s from now; the browser's clock is ours.

    That of the next period works for 60 s at least, that of the last one perhaps for none.
    """
    now = page.evaluate("Math.floor(Date.now() / 30000)")
    return format_hotp_value(hotp_value(secret, now + periods))


def plug_in(page):
    """Give the browser a device that holds passkeys and says yes at once."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


def add_app(page):
    """Enrol with an app, as the pages lead, and return its secret."""
    page.goto(FACTORS)
    page.get_by_role("link", name="Add an app").click()
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Continue")
    secret = page.locator(".sign-in__key").inner_text()
    page.get_by_label("Code from the app").fill(code(page, secret))
    press(page, "Add the app")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    return secret


def test_an_app_s_code_opens_the_admin_once_in_all_processes(site, visit, account):
    page = visit(viewport=PHONE)
    name = account("app-user")
    give_password(page, name)
    secret = add_app(page)
    page.get_by_role("link", name="Continue to the dashboard").click()
    press(page, "Sign out")
    expect(page.get_by_text("You are signed out.")).to_be_visible()

    give_password(page, name)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your second step")
    used = code(page, secret, 1)
    page.get_by_label("Code", exact=True).fill(used)
    press(page, "Sign in")
    assert page.url == f"{site.url}/admin/"

    asked = "from allauth.mfa.models import Authenticator; "
    asked += f"totp = Authenticator.objects.get(user__username={name!r}, type='totp').wrap(); "
    assert shell(site, f"{asked} print(totp.validate_code({used!r}))") == "False"
    for _ in range(4):  # whichever worker answers
        other = visit(viewport=PHONE)
        give_password(other, name)
        other.get_by_label("Code", exact=True).fill(used)
        press(other, "Sign in")
        expect(other.get_by_role("alert")).to_contain_text("was used already")


def test_a_passkey_is_added_and_opens_the_admin_with_and_without_the_password(visit, account):
    page = visit(viewport=DESK)
    plug_in(page)
    name = account("passkey-user")
    give_password(page, name)
    page.goto(FACTORS)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Continue")
    page.get_by_label("Name").fill("My phone")
    press(page, "Add a passkey")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    page.goto(f"{FACTORS}webauthn/")
    expect(page.get_by_role("listitem")).to_contain_text("My phone")
    page.goto("/admin/")
    press(page, "Sign out")

    give_password(page, name)
    press(page, "Use a passkey")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Dashboard")
    press(page, "Sign out")

    page.goto(f"{LOGIN}?next=/admin/password_change/")
    press(page, "Sign in with a passkey")
    assert page.url.endswith("/admin/password_change/")


def test_a_passkey_that_is_not_there_is_told_beside_the_button(visit):
    page = visit(viewport=PHONE)
    page.goto(LOGIN)
    page.evaluate(
        "() => { navigator.credentials.get = async () => {"
        " throw new DOMException('', 'NotAllowedError') } }"
    )
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("This was cancelled or took too long.")).to_be_visible()


def test_without_scripts_the_password_works_and_passkeys_say_that_they_do_not(visit, account):
    page = visit(viewport=PHONE, java_script_enabled=False)
    name = account("plain-user")
    page.goto(LOGIN)
    expect(page.get_by_text("Passkeys need JavaScript")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
    give_password(page, name)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Dashboard")


def test_everybody_can_use_every_page_of_signing_in(site, inspect, account):
    page = inspect(viewport=PHONE)
    plug_in(page)
    name = account("looked-at")
    faults = []

    def look_again(name):
        faults.extend(look(page, name, PHONE, ("dark", PHONE), contrast=ENHANCED))
        spacing = page.add_style_tag(content=TEXT_SPACING)
        for size in NARROW:
            page.set_viewport_size(size)
            faults.extend(
                f"{name}, {size['height']} px high: {words}" for words in page.evaluate(LOST)
            )
        spacing.evaluate("element => element.remove()")
        page.set_viewport_size(PHONE)

    def visit_and_look(*paths):
        for path in paths:
            page.goto(path)
            look_again(path)

    visit_and_look(
        LOGIN,
        "/admin/account/inactive/",
        "/admin/account/password/reset/",
        "/admin/account/password/reset/done/",
        "/admin/account/password/reset/key/1-no-key/",
        "/admin/account/password/reset/key/done/",
    )
    page.goto(LOGIN)
    press(page, "Sign in")
    look_again("empty")
    give_password(page, "nobody")
    look_again("wrong")
    give_password(page, name)
    visit_and_look(FACTORS, "/admin/account/logout/", f"{FACTORS}totp/activate/")
    secret = add_app(page)
    look_again("recovery codes")
    visit_and_look(
        FACTORS,
        f"{FACTORS}webauthn/add/",
        f"{FACTORS}webauthn/",
        f"{FACTORS}totp/deactivate/",
        f"{FACTORS}recovery-codes/generate/",
    )
    page.goto(f"{FACTORS}webauthn/add/")
    page.get_by_label("Name").fill("A passkey with a long name that somebody gave it")
    press(page, "Add a passkey")
    visit_and_look(f"{FACTORS}webauthn/")
    page.get_by_role("link", name="Rename").click()
    look_again("rename")
    page.go_back()
    page.get_by_role("link", name="Remove").click()
    look_again("remove")
    page.goto("/admin/account/logout/")
    press(page, "Sign out")
    give_password(page, name)
    look_again("second step")
    page.get_by_label("Code", exact=True).fill("000000")
    press(page, "Sign in")
    look_again("wrong code")
    page.get_by_label("Code", exact=True).fill(code(page, secret, 1))
    press(page, "Sign in")
    page.goto(f"{FACTORS}reauthenticate/")
    look_again("code again")
    for _ in range(5):
        give_password(visitor := page.context.browser.new_page(base_url=site.url), "guessed")
        visitor.close()
    page.goto("/admin/account/logout/")
    press(page, "Sign out")
    give_password(page, "guessed")
    look_again("locked")
    assert not faults, "\n".join(faults)


def test_a_text_outlives_being_signed_out_while_one_writes(site, visit, account):
    page = visit(viewport=DESK)
    name = account("writer")
    shell(
        site,
        "from django.contrib.auth.models import Group, User;"
        f"User.objects.get(username={name!r}).groups.add(Group.objects.get(name='Editor'))",
    )
    give_password(page, name)
    page.goto("/admin/blog/topic/add/")
    page.get_by_label("Title", exact=False).first.fill("Topic that must not be lost")
    shell(
        site,
        "from django.contrib.auth.models import User;"
        "from clinic_site.accounts.sessions import sign_out_everywhere;"
        f"sign_out_everywhere(User.objects.get(username={name!r}))",
    )
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("What you typed is still here")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in again in a new tab").click()
    other = opened.value
    give_password(other, name)
    press(page, "Save")
    expect(page.locator(".messagelist")).to_contain_text("Topic that must not be lost")
