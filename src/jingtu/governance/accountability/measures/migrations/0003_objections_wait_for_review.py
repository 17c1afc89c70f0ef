from typing import Any

from django.db import migrations, models


def find_waiting(apps: Any, schema_editor: Any) -> None:
    """Objections of measures under review have waited since the day they were made."""
    measures = apps.get_model("measures", "Measure")
    steps = apps.get_model("measures", "MeasureStep")
    for measure in measures.objects.filter(state="objected"):
        last = steps.objects.filter(measure=measure, act="object").order_by("-id").first()
        measure.objected_on = last.on if last else measure.in_force_from
        measure.save(update_fields=["objected_on"])


class Migration(migrations.Migration):
    dependencies = [("measures", "0002_files_move_with_regions")]
    operations = [
        migrations.AddField(model_name="measure", name="objected_on", field=models.DateField(null=True)),
        migrations.RunPython(find_waiting, migrations.RunPython.noop),
    ]
