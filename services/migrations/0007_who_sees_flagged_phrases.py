"""Lets those who answer for texts see the log of flagged phrases, and owners decide."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

RIGHTS = {
    "Owner": ("view_flaggedphrase", "decide_flagged"),
    "Editor": ("view_flaggedphrase",),
    "Physiotherapist": ("view_flaggedphrase",),
}


def give_rights(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    config = apps.get_app_config("services")
    config.models_module = True  # the migration's stand-in has none, and would be passed over
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    for group in Group.objects.filter(name__in=RIGHTS):
        group.permissions.add(*Permission.objects.filter(codename__in=RIGHTS[group.name]))


class Migration(migrations.Migration):
    dependencies = [
        ("contact", "0002_groups"),
        ("services", "0006_flagged_phrases"),
    ]

    operations = [migrations.RunPython(give_rights, migrations.RunPython.noop)]
