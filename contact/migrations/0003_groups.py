"""Create the staff groups with the permissions that a new clinic starts with."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

APPS = ("auth", "blog", "cabinet", "clinic_site", "contact", "redirects", "services")
LOOK = ("view",)
EDIT = ("view", "change")
KEEP = ("view", "add", "change", "delete")
EXPORT = (*EDIT, "export")
EVERY = (*EXPORT, "view_every")

# The actions of each group on each model. The Owner group gets every permission of APPS.
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
        "services.flaggedphrase": LOOK,
        "redirects.redirect": KEEP,
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
        "services.flaggedphrase": LOOK,
    },
    "Front desk": {
        "contact.enquiry": EVERY,
        "contact.delivery": LOOK,
        "contact.location": LOOK,
        "contact.weeklyhours": KEEP,
        "contact.specialday": KEEP,
    },
}


def create_all_permissions(apps):
    """Create the permissions, which Django itself does only after the last migration."""
    for label in APPS:
        config = apps.get_app_config(label)
        config.models_module = True  # the historical app has none, and would be skipped
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None


def create_groups(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    create_all_permissions(apps)
    owner = Group.objects.create(name="Owner")
    owner.permissions.set(Permission.objects.filter(content_type__app_label__in=APPS))
    for name, models in GROUPS.items():
        group = Group.objects.create(name=name)
        for label, actions in models.items():
            app_label, model = label.split(".")
            codenames = [f"{action}_{model}" for action in actions]
            group.permissions.add(
                *Permission.objects.filter(
                    content_type__app_label=app_label, codename__in=codenames
                )
            )


def delete_groups(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=["Owner", *GROUPS]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("blog", "0002_initial"),
        ("cabinet", "0006_alter_folder_unique_together"),
        ("clinic_site", "0001_initial"),
        ("contact", "0002_initial"),
        ("redirects", "0002_alter_redirect_new_path_help_text"),
        ("services", "0001_initial"),
    ]

    operations = [migrations.RunPython(create_groups, delete_groups)]
