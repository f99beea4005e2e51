"""Makes the staff's groups: who may see and change what, as the clinic starts with it."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

ROOMS = ("auth", "blog", "cabinet", "clinic_site", "contact", "services")
LOOK = ("view",)
EDIT = ("view", "change")
KEEP = ("view", "add", "change", "delete")
EXPORT = (*EDIT, "export")

# For each group the actions on each model; the Owner has every permission of ROOMS.
GROUPS = {
    "Editor": {
        "blog.post": KEEP,
        "blog.source": KEEP,
        "blog.topic": KEEP,
        "services.service": KEEP,
        "services.fee": KEEP,
        "services.servicequestion": KEEP,
        "services.practitioner": EDIT,
        "services.rostering": LOOK,
        "clinic_site.page": KEEP,
        "clinic_site.image": KEEP,
        "cabinet.folder": KEEP,
        "contact.location": LOOK,
        "contact.weeklyhours": KEEP,
        "contact.specialday": KEEP,
    },
    "Physiotherapist": {
        "blog.post": EDIT,
        "blog.source": KEEP,
        "services.service": EDIT,
        "services.fee": LOOK,
        "services.servicequestion": KEEP,
        "clinic_site.image": LOOK,
        "contact.enquiry": EDIT,
        "contact.delivery": LOOK,
    },
    "Front desk": {
        "contact.enquiry": EXPORT,
        "contact.delivery": LOOK,
        "contact.location": LOOK,
        "contact.weeklyhours": KEEP,
        "contact.specialday": KEEP,
    },
}


def make_permissions(apps):
    """Make the permissions, which Django itself makes only after the last migration."""
    for label in ROOMS:
        config = apps.get_app_config(label)
        config.models_module = True  # the migration's stand-in has none, and would be passed over
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None


def make_groups(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    make_permissions(apps)
    owner, _ = Group.objects.get_or_create(name="Owner")
    owner.permissions.set(Permission.objects.filter(content_type__app_label__in=ROOMS))
    for name, models in GROUPS.items():
        group, _ = Group.objects.get_or_create(name=name)
        for label, actions in models.items():
            app_label, model = label.split(".")
            group.permissions.add(
                *Permission.objects.filter(
                    content_type__app_label=app_label,
                    codename__in=[f"{action}_{model}" for action in actions],
                )
            )


def drop_groups(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=["Owner", *GROUPS]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("blog", "0002_initial"),
        ("cabinet", "0006_alter_folder_unique_together"),
        ("clinic_site", "0001_initial"),
        ("contact", "0001_initial"),
        ("services", "0001_initial"),
    ]

    operations = [migrations.RunPython(make_groups, drop_groups)]
