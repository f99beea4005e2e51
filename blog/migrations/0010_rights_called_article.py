"""Calls the rights on articles by their name, as a role's form shows it."""

from django.db import migrations

ACTIONS = ("view", "add", "change", "delete")


def rename(apps, schema_editor):
    Permission = apps.get_model("auth", "Permission")
    for action in ACTIONS:
        rights = Permission.objects.filter(content_type__app_label="blog", codename=f"{action}_post")
        rights.update(name=f"Can {action} article")


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("blog", "0009_called_article"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(rename, migrations.RunPython.noop)]
