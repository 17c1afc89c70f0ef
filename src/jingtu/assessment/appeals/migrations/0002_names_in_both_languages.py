from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def fill(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """What is there was named in one language only: it keeps that name in both."""
    for name in ("Appeal", "Correction"):
        rows = apps.get_model("appeals", name).objects.using(editor.connection.alias)
        rows.update(label_en=models.F("label"))


class Migration(migrations.Migration):
    dependencies = [
        ("appeals", "0001_initial"),
    ]

    operations = [
        *(
            migrations.AddField(
                model_name=name,
                name="label_en",
                field=models.CharField(default="", max_length=255),
                preserve_default=False,
            )
            for name in ("appeal", "correction")
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
