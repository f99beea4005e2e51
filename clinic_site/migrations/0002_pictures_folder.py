"""Makes the library's one folder: cabinet stores no picture outside of one."""

from django.db import migrations


def make_folder(apps, schema_editor):
    folders = apps.get_model("cabinet", "Folder").objects
    if not folders.exists():
        folders.create(name="Pictures")


class Migration(migrations.Migration):

    dependencies = [
        ("clinic_site", "0001_initial"),
        ("cabinet", "0006_alter_folder_unique_together"),
    ]

    operations = [migrations.RunPython(make_folder, migrations.RunPython.noop)]
