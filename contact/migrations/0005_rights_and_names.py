"""Gives the groups the rights that are new, and old events the name of who did them."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

RIGHTS = {"Owner": ("view_every_enquiry", "report_breach"), "Front desk": ("view_every_enquiry",)}


def give_rights(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    config = apps.get_app_config("contact")
    config.models_module = True  # the migration's stand-in has none, and would be passed over
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    for group in Group.objects.filter(name__in=RIGHTS):
        group.permissions.add(*Permission.objects.filter(codename__in=RIGHTS[group.name]))


def write_names(apps, schema_editor):
    events = apps.get_model("contact", "EnquiryEvent").objects.exclude(by=None)
    for user in apps.get_model("auth", "User").objects.filter(pk__in=events.values("by")):
        name = f"{user.first_name} {user.last_name}".strip() or user.username
        events.filter(by=user).update(by_name=name)


class Migration(migrations.Migration):
    dependencies = [("contact", "0004_who_sees_enquiries"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [
        migrations.RunPython(give_rights, migrations.RunPython.noop),
        migrations.RunPython(write_names, migrations.RunPython.noop),
    ]
