from typing import Any

from django.db import migrations, models

from jingtu.core.kernel.clock import now


def seal_closed(apps: Any, schema_editor: Any) -> None:
    """What concerns the holder of a post is sealed when it closes; so far the ticker did it later."""
    measures = apps.get_model("measures", "Measure")
    closed = measures.objects.filter(state__in=["dropped", "revoked", "ended"], sealed_at__isnull=True)
    closed.exclude(post="").update(sealed_at=now())


class Migration(migrations.Migration):
    dependencies = [("measures", "0003_objections_wait_for_review")]
    operations = [
        migrations.AddField(
            model_name="measure", name="decided_depth", field=models.PositiveSmallIntegerField(null=True)
        ),
        migrations.RunPython(seal_closed, migrations.RunPython.noop),
    ]
