"""Who gets what at every address of the admin, by each method, equals the table below.

The addresses come from the resolver, so that a new page is in the table or fails.
"""

from copy import copy

import pytest
from cabinet.models import Folder
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.redirects.models import Redirect
from django.contrib.sites.models import Site
from django.core.files.base import ContentFile
from django.db import transaction
from django.template.base import Template

from blog.models import Post, Topic
from clinic_site.history.version import record_outside_changes
from clinic_site.images.library import Image
from clinic_site.models import Page
from contact.models import Clinic, Location
from services.models import FlaggedPhrase, Practitioner, Service
from tests.admin_urls import address, named_patterns
from tests.enquiries import make
from tests.test_images import image_bytes

pytestmark = pytest.mark.usefixtures("sample_site")
ROLES = ("anonymous", "Editor", "Physiotherapist", "Front desk", "Owner")

# An address by its name, then what a GET and a POST with an empty form come to for each of ROLES:
# o opens, r leads on to another page, s leads to signing in, x forbidden, n not found,
# m a method it does not take.
TABLE = {
    row[0]: (row[1], row[2])
    for row in (
        line.split()
        for line in """
account_login                              orrrr orrrr
account_logout                             soooo sssss
account_sign_out_everywhere                mmmmm sssss
account_still_here                         ooooo mmmmm
account_inactive                           ooooo mmmmm
account_reauthenticate                     sxxxx sxxxx
account_reset_password                     ooooo ooooo
account_reset_password_done                ooooo mmmmm
account_reset_password_from_key_done       ooooo mmmmm
account_reset_password_from_key            ooooo ooooo
mfa_index                                  soooo smmmm
mfa_authenticate                           srrrr srrrr
mfa_reauthenticate                         sxxxx sxxxx
mfa_activate_totp                          soooo soooo
mfa_deactivate_totp                        snnnn snnnn
mfa_view_recovery_codes                    snnnn smmmm
mfa_generate_recovery_codes                soooo soooo
mfa_download_recovery_codes                snnnn snnnn
mfa_list_webauthn                          soooo smmmm
mfa_add_webauthn                           soooo soooo
mfa_reauthenticate_webauthn                sxxxx sxxxx
mfa_remove_webauthn                        snnnn snnnn
mfa_edit_webauthn                          snnnn snnnn
mfa_login_webauthn                         srrrr srrrr
admin:view_on_site                         srrnr srrnr
admin:own_pages                            sooxo smmmm
admin:styleguide                           soooo smmmm
admin:remove_sample                        sxxxo sxxxr
admin:index                                soooo soooo
admin:login                                srrrr srrrr
admin:logout                               roooo rssss
admin:password_change                      soooo soooo
admin:password_change_done                 soooo smmmm
admin:autocomplete                         sxxxx smmmm
admin:jsi18n                               soooo smmmm
admin:cabinet_upload                       srrrr sbxxb
admin:cabinet_folder_add                   soxxo soxxo
admin:cabinet_folder_select                srxxr srxxr
admin:cabinet_folder_change                soxxo soxxo
admin:clinic_site_image_changelist         sooxo sooxo
admin:clinic_site_image_add                soxxo soxxo
admin:clinic_site_image_history            sooxo sooxo
admin:clinic_site_image_delete             soxxo soxxo
admin:clinic_site_image_change             sooxo soxxo
admin:redirects_redirect_changelist        soxxo soxxo
admin:redirects_redirect_add               soxxo soxxo
admin:redirects_redirect_history           soxxo soxxo
admin:redirects_redirect_delete            soxxo soxxo
admin:redirects_redirect_change            soxxo soxxo
admin:clinic_site_page_checks_new          smmmm soxxo
admin:clinic_site_page_checks              smmmm soxxo
admin:clinic_site_page_review              soxxo soxxo
admin:clinic_site_page_saved               soxxo soxxo
admin:clinic_site_page_preview_new         smmmm soxxo
admin:clinic_site_page_preview             smmmm soxxo
admin:clinic_site_page_undo                srxxr srxxr
admin:clinic_site_page_version             soxxo srxxr
admin:clinic_site_page_changelist          soxxo soxxo
admin:clinic_site_page_add                 soxxo soxxo
admin:clinic_site_page_history             soxxo soxxo
admin:clinic_site_page_delete              soxxo soxxo
admin:clinic_site_page_change              soxxo soxxo
admin:auth_user_password_change            sxxxo sxxxo
admin:auth_user_changelist                 sxxxo sxxxo
admin:auth_user_add                        sxxxo sxxxo
admin:auth_user_history                    sxxxo sxxxo
admin:auth_user_delete                     sxxxo sxxxo
admin:auth_user_change                     sxxxo sxxxo
admin:auth_group_changelist                sxxxo sxxxo
admin:auth_group_add                       sxxxo sxxxo
admin:auth_group_history                   sxxxo sxxxo
admin:auth_group_delete                    sxxxo sxxxo
admin:auth_group_change                    sxxxo sxxxo
admin:blog_post_checks_new                 smmmm soxxo
admin:blog_post_checks                     smmmm sooxo
admin:blog_post_review                     sooxo sooxo
admin:blog_post_saved                      sooxo sooxo
admin:blog_post_preview_new                smmmm soxxo
admin:blog_post_preview                    smmmm sooxo
admin:blog_post_undo                       srrxr srrxr
admin:blog_post_version                    sooxo srrxr
admin:blog_post_changelist                 sooxo sooxo
admin:blog_post_add                        soxxo soxxo
admin:blog_post_history                    sooxo sooxo
admin:blog_post_delete                     soxxo soxxo
admin:blog_post_change                     sooxo sooxo
admin:blog_topic_undo                      srxxr srxxr
admin:blog_topic_version                   soxxo srxxr
admin:blog_topic_changelist                soxxo soxxo
admin:blog_topic_add                       soxxo soxxo
admin:blog_topic_history                   soxxo soxxo
admin:blog_topic_delete                    soxxo soxxo
admin:blog_topic_change                    soxxo soxxo
admin:services_service_checks_new          smmmm soxxo
admin:services_service_checks              smmmm sooxo
admin:services_service_review              sooxo sooxo
admin:services_service_saved               sooxo sooxo
admin:services_service_preview_new         smmmm soxxo
admin:services_service_preview             smmmm sooxo
admin:services_service_undo                srxxr srxxr
admin:services_service_version             sooxo srxxr
admin:services_service_changelist          sooxo sooxo
admin:services_service_add                 soxxo soxxo
admin:services_service_history             sooxo sooxo
admin:services_service_delete              soxxo soxxo
admin:services_service_change              sooxo sooxo
admin:services_practitioner_checks_new     smmmm sxxxo
admin:services_practitioner_checks         smmmm soxxo
admin:services_practitioner_preview_new    smmmm sxxxo
admin:services_practitioner_preview        smmmm soxxo
admin:services_practitioner_undo           sxxxr sxxxr
admin:services_practitioner_version        soxxo sxxxr
admin:services_practitioner_changelist     soxxo soxxo
admin:services_practitioner_add            sxxxo sxxxo
admin:services_practitioner_history        soxxo soxxo
admin:services_practitioner_delete         sxxxo sxxxo
admin:services_practitioner_change         soxxo soxxo
admin:services_flaggedphrase_changelist    sooxo sooxo
admin:services_flaggedphrase_add           sxxxx sxxxx
admin:services_flaggedphrase_history       sooxo sooxo
admin:services_flaggedphrase_delete        sxxxx sxxxx
admin:services_flaggedphrase_change        sooxo sxxxx
admin:contact_clinic_undo                  sxxxr sxxxr
admin:contact_clinic_version               sxxxo sxxxr
admin:contact_clinic_changelist            sxxxr sxxxr
admin:contact_clinic_add                   sxxxx sxxxx
admin:contact_clinic_history               sxxxo sxxxo
admin:contact_clinic_delete                sxxxx sxxxx
admin:contact_clinic_change                sxxxo sxxxo
admin:contact_enquiry_search               smmmm sxrrr
admin:contact_enquiry_breach               sxxxo sxxxo
admin:contact_enquiry_erase                sxxxo sxxxo
admin:contact_enquiry_act                  sxrrr sxrrr
admin:contact_enquiry_person               sxxoo sxxxx
admin:contact_enquiry_changelist           sxooo sxooo
admin:contact_enquiry_add                  sxxxx sxxxx
admin:contact_enquiry_history              sxooo sxooo
admin:contact_enquiry_delete               sxxxx sxxxx
admin:contact_enquiry_change               sxooo smmmm
admin:contact_location_undo                sxxxr sxxxr
admin:contact_location_version             soxoo sxxxr
admin:contact_location_changelist          soxoo soxoo
admin:contact_location_add                 sxxxo sxxxo
admin:contact_location_history             soxoo soxoo
admin:contact_location_delete              sxxxo sxxxo
admin:contact_location_change              soxoo soxoo
admin:app_list                             soono soono
""".splitlines()
        if line
    )
}
SIGNING_IN = ("/admin/account/", "/admin/login/")
WORDS = {200: "o", 302: "r", 400: "b", 403: "x", 404: "n", 405: "m", 429: "l"}


@pytest.fixture
def rows(settings, tmp_path):
    """One row of each model, by its label."""
    settings.MEDIA_ROOT = tmp_path
    post = Post.objects.first()
    flagged = FlaggedPhrase.objects.create(
        obj=post, rule="pt-claim", rules_of="2026-11-27", phrase="x"
    )
    redirect = Redirect.objects.create(site=Site.objects.get(), old_path="/a/", new_path="/b/")
    people = [User.objects.create_user("sam"), Group.objects.get(name="Editor")]
    content = [model.objects.first() for model in (Topic, Page, Service, Practitioner, Location)]
    file = ContentFile(image_bytes(), "Knee bend.jpg")
    image = Image.objects.create(folder=Folder.objects.get(), image_file=file, image_alt_text="x")
    of_the_clinic = [Clinic.objects.get(), make(), image]
    found = [post, flagged, redirect, *people, *content, *of_the_clinic]
    versions = {
        f"{label_of(row)}_version": record_outside_changes(row).pk
        for row in found
        if hasattr(row, "history_parts")
    }
    return versions | {label_of(row): row.pk for row in found}


def label_of(row):
    return row._meta.label_lower.replace(".", "_")


def values_for(name, rows):
    """Return what to put into an address: the row of the model that its name says."""
    pk = next((pk for label, pk in rows.items() if f":{label}_" in name), 1)
    post = ContentType.objects.get_for_model(Post).pk
    return {
        **dict.fromkeys(("object_id", "id", None), pk),
        "pk": rows.get(name.removeprefix("admin:"), pk),  # a version's own
        "name": "mark-seen",
        "app_label": "blog",
        "content_type_id": post,
        "uidb36": "1",
        "key": "set-password",
    } | ({"object_id": rows["blog_post"]} if name.endswith("view_on_site") else {})


def outcome(response):
    """Return the letter of what came of a request."""
    if response.status_code == 302 and response["Location"].startswith(SIGNING_IN):
        return "s"
    return WORDS.get(response.status_code, str(response.status_code))


@pytest.mark.parametrize("role", ROLES)
def test_every_address_gives_each_role_what_the_table_says(client, rows, role, monkeypatch):
    """No page is rendered: test_get_writes_nothing.py renders an owner's."""
    if role != "anonymous":
        user = User.objects.create_user("robin", is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
    monkeypatch.setattr(Template, "render", lambda *_: "")
    signed_in = copy(client.cookies)
    number, wrong = ROLES.index(role), {}
    for name, arguments in named_patterns():
        url = address(name, arguments, values_for(name, rows))
        got = ""
        for method in ("get", "post"):
            with transaction.atomic():
                got += outcome(getattr(client, method)(url))
                transaction.set_rollback(True)
            client.cookies = copy(signed_in)
        expected = "".join(column[number] for column in TABLE.get(name, ("?????", "?????")))
        if got != expected:
            wrong[name] = f"{got}, not {expected}"
    assert not wrong


def test_the_table_names_no_address_that_is_gone():
    assert set(TABLE) == {name for name, _ in named_patterns()}
