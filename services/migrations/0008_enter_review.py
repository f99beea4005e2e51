"""Lets owners alone enter by hand who checked a text: an approval sets that for everybody else."""

import django.db.models.deletion
from django.contrib.auth.management import create_permissions
from django.db import migrations, models


def give_right(apps, schema_editor):
    config = apps.get_app_config("services")
    config.models_module = True  # the migration's stand-in has none, and would be passed over
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    rights = apps.get_model("auth", "Permission").objects.filter(codename="enter_review")
    for owners in apps.get_model("auth", "Group").objects.filter(name="Owner"):
        owners.permissions.add(*rights)


class Migration(migrations.Migration):
    dependencies = [
        ("contact", "0002_groups"),
        ("services", "0007_who_sees_flagged_phrases"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="practitioner",
            options={
                "ordering": ["order", "name"],
                "permissions": [
                    ("change_registration", "Can change practitioners' registration, account and visits"),
                    ("enter_review", "Can enter by hand who checked a text, and when"),
                ],
            },
        ),
        migrations.AlterField(
            model_name='historicalservice',
            name='reviewer',
            field=models.ForeignKey(blank=True, db_constraint=False, help_text='Set when a practitioner approves the text under “Review and share”. An owner may enter it here after a check on paper.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='services.practitioner', verbose_name='checked by'),
        ),
        migrations.AlterField(
            model_name='service',
            name='reviewer',
            field=models.ForeignKey(blank=True, help_text='Set when a practitioner approves the text under “Review and share”. An owner may enter it here after a check on paper.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reviewed_%(class)ss', to='services.practitioner', verbose_name='checked by'),
        ),
        migrations.RunPython(give_right, migrations.RunPython.noop),
    ]
