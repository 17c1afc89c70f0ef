from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("numbering", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="officialnumber",
            name="subject_en",
            field=models.CharField(blank=True, default="", max_length=255),
            preserve_default=False,
        ),
    ]
