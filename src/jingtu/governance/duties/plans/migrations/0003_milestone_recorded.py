from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plans", "0002_calendar_feed")]

    operations = [
        migrations.AddField(model_name="milestone", name="recorded_on", field=models.DateField(null=True)),
    ]
