from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# As the interface named them when they were stored together with the place.
ROLES = {
    "分析员": "analyst",
    "Analyst": "analyst",
    "审核员": "reviewer",
    "Reviewer": "reviewer",
    "领导": "leader",
    "Leader": "leader",
    "填报员": "reporter",
    "Reporter": "reporter",
    "查阅员": "viewer",
    "Viewer": "viewer",
}


def take_apart(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    rows = apps.get_model("bulletins", "Addressee").objects.using(editor.connection.alias)
    for row in rows.iterator():
        place, _, label = row.place.rpartition(" ")
        if label in ROLES:
            row.place, row.role = place, ROLES[label]
            row.save(update_fields=["place", "role"])


class Migration(migrations.Migration):
    dependencies = [
        ("bulletins", "0003_kinds_lists_receipts"),
    ]

    operations = [
        migrations.RenameField(model_name="addressee", old_name="as_whom", new_name="place"),
        migrations.AlterField(
            model_name="addressee",
            name="place",
            field=models.CharField(blank=True, max_length=128),
        ),
        migrations.AddField(
            model_name="addressee",
            name="role",
            field=models.CharField(blank=True, default="", max_length=32),
            preserve_default=False,
        ),
        migrations.AlterModelOptions(name="addressee", options={"ordering": ("place", "user")}),
        migrations.RunPython(take_apart, migrations.RunPython.noop),
    ]
