"""Lets editors and owners see and change where old addresses lead."""

from django.contrib.auth.management import create_permissions
from django.db import migrations


def give_rights(apps, schema_editor):
    Permission = apps.get_model("auth", "Permission")
    config = apps.get_app_config("redirects")
    config.models_module = True  # the migration's stand-in has none, and would be passed over
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    rights = Permission.objects.filter(content_type__app_label="redirects")
    for group in apps.get_model("auth", "Group").objects.filter(name__in=["Owner", "Editor"]):
        group.permissions.add(*rights)


class Migration(migrations.Migration):
    dependencies = [
        ("clinic_site", "0005_review_and_share"),
        ("contact", "0002_groups"),
        ("redirects", "0002_alter_redirect_new_path_help_text"),
    ]

    operations = [migrations.RunPython(give_rights, migrations.RunPython.noop)]
