"""Create the library's one folder: cabinet stores no image outside a folder."""

from django.db import migrations


def create_folder(apps, schema_editor):
    apps.get_model("cabinet", "Folder").objects.get_or_create(name="Images")


class Migration(migrations.Migration):
    dependencies = [
        ("clinic_site", "0001_initial"),
        ("cabinet", "0006_alter_folder_unique_together"),
    ]

    operations = [migrations.RunPython(create_folder, migrations.RunPython.noop)]
